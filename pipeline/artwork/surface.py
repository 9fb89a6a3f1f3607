"""One level of a picture's pyramid: its features' sums, tile by tile, and the gradient that comes back from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.artwork.gram import gram_sum
from pipeline.artwork.tiles import Tile, block_of, stride_of, tiles
from pipeline.models.features import Features

_TINY = 1e-8

Sums = dict[tuple[str, int], Tensor]
"""What adds up over tiles, by layer and area: `(C, C)` float32; the content's distances, scalars, have area -1."""

_CONTENT = -1


class Surface:
    """Compares pictures of one size: their Gram matrices in each area, and their distance from the content.

    Tiles bound the memory. Their sums are made first and without gradients; then, once it is known how the loss
    changes with the sums, each tile is seen again and carries its part of the gradient. So tiling changes nothing but
    rounding, at the price of one more forward pass.
    """

    def __init__(
        self,
        network: Features,
        height: int,
        width: int,
        *,
        style: Sequence[str],
        masks: Sequence[Tensor | None] = (None,),
        tile_px: int,
        dtype: torch.dtype,
    ):
        """`masks`: each area's, `(1, 1, height, width)`. `dtype`: what the network computes in."""
        self._network, self._dtype = network, dtype
        self._style = tuple(style)
        self._size = height, width
        self._tile_px = tile_px
        strides = {stride_of(layer) for layer in style}
        self._masks = [{stride: _shrink(mask, stride) for stride in strides} for mask in masks]
        self._content: dict[str, Tensor] = {}

    def keep_content(self, picture: Tensor, layers: Sequence[str]) -> None:
        """From now on measure the distance of these layers from this picture's."""
        kept: dict[str, Tensor] = {}
        for tile in self._tiles(layers):
            with torch.no_grad():
                found = self._features(tile.seen(picture), tile, layers)
            for layer, features in found.items():
                stride = stride_of(layer)
                if layer not in kept:
                    shape = (1, features.shape[1], self._size[0] // stride, self._size[1] // stride)
                    kept[layer] = features.new_empty(shape).to(memory_format=torch.channels_last)
                tile.part(kept[layer], stride).copy_(features)
        self._content = kept

    def grams(self, picture: Tensor) -> list[dict[str, Tensor]]:
        """Each area's mean Gram matrices of the picture, by layer."""
        means = self._means(self._all_sums(picture))
        return [{layer: means[layer, area] for layer in self._style} for area in range(len(self._masks))]

    def gradient(self, picture: Tensor, loss: Callable[[Sums], Tensor]) -> Tensor:
        """The gradient of a loss with regard to the picture, both `(1, 3, H, W)` float32.

        `loss` is called once, with the mean Gram matrices and the relative distances from the content, by layer and
        area, and gives a scalar.
        """
        gradient = torch.zeros_like(picture)
        pieces = self._tiles()
        pulls = self._pulls(self._all_sums(picture), loss) if len(pieces) > 1 else None
        for tile in pieces:
            seen = tile.seen(picture).detach().requires_grad_()
            sums = self._sums(seen, tile)
            if pulls is None:
                pulls = self._pulls(sums, loss)
            torch.autograd.backward([sums[name] for name in pulls], list(pulls.values()))
            assert seen.grad is not None
            tile.seen(gradient).add_(seen.grad)
        return gradient

    def _pulls(self, sums: Sums, loss: Callable[[Sums], Tensor]) -> Sums:
        """How the loss changes with each sum."""
        leaves = {name: value.detach().requires_grad_() for name, value in sums.items()}
        loss(self._means(leaves)).backward()
        return {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}

    def _means(self, sums: Sums) -> Sums:
        return {name: value / self._weight(*name) for name, value in sums.items()}

    def _weight(self, layer: str, area: int) -> Tensor | float:
        if area == _CONTENT:
            return self._content[layer].float().square().sum() + _TINY
        stride = stride_of(layer)
        mask = self._masks[area][stride]
        return (
            float((self._size[0] // stride) * (self._size[1] // stride))
            if mask is None
            else mask.square().sum() + _TINY
        )

    def _all_sums(self, picture: Tensor) -> Sums:
        total: Sums = {}
        with torch.no_grad():
            for tile in self._tiles():
                for name, value in self._sums(tile.seen(picture), tile).items():
                    total[name] = total[name] + value if name in total else value
        return total

    def _sums(self, seen: Tensor, tile: Tile) -> Sums:
        found = self._features(seen, tile, self._layers)
        sums: Sums = {}
        for layer in self._style:
            stride = stride_of(layer)
            for area, masks in enumerate(self._masks):
                mask = masks[stride]
                sums[layer, area] = gram_sum(found[layer], None if mask is None else tile.part(mask, stride))
        for layer, content in self._content.items():
            distance = found[layer] - tile.part(content, stride_of(layer))
            sums[layer, _CONTENT] = distance.float().square().sum()
        return sums

    def _features(self, seen: Tensor, tile: Tile, layers: Sequence[str]) -> dict[str, Tensor]:
        is_half = self._dtype != torch.float32
        with torch.autocast(seen.device.type, self._dtype if is_half else None, enabled=is_half):
            found = self._network(seen.contiguous(memory_format=torch.channels_last), layers)
        return {layer: tile.own(features, stride_of(layer)) for layer, features in found.items()}

    @property
    def _layers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._style, *self._content)))

    def _tiles(self, layers: Sequence[str] | None = None) -> list[Tile]:
        deepest = max((block_of(layer) for layer in layers or self._layers), default=0)
        if not deepest:
            return []
        return tiles(*self._size, side_px=self._tile_px, block=deepest)


def _shrink(mask: Tensor | None, stride: int) -> Tensor | None:
    return mask if mask is None or stride == 1 else F.avg_pool2d(mask, stride)
