"""What an artwork makes small at one size: distance from the content and from the paintings' textures, and noise.

Every part is relative, as in training/losses.py: 1 means "as far away as nothing at all".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.artwork.painting import Area, coverage, fit
from pipeline.artwork.recipe import ArtworkRecipe
from pipeline.artwork.surface import Sums, Surface
from pipeline.models.features import Features
from pipeline.tensors import luminance

_TINY = 1e-8

_PATCH = 1 / 16
"""Side of the patches whose light is compared, as a part of the longest side."""

_LEAST_PX = 32
"""The shortest side that networks are shown: every layer's halvings leave something of it."""


@dataclass(frozen=True)
class Evaluation:
    """What one evaluation found."""

    losses: dict[str, float]
    """The weighted parts: content, style, shading, variation, range."""
    gradient: Tensor
    """Of their sum with regard to the picture, of its shape, float32."""

    @property
    def loss(self) -> float:
        return sum(self.losses.values())


class Objective:
    """The losses of pictures of one size, and their gradient: evaluated by calling it."""

    def __init__(
        self,
        network: Features,
        recipe: ArtworkRecipe,
        content: Tensor,
        areas: Sequence[Area],
        *,
        tile_px: int = 1024,
        dtype: torch.dtype = torch.float32,
    ):
        """`content`: `(1, 3, H, W)` float32 in [0, 1], sRGB, at the size to paint; `areas` are of that size.

        `tile_px`: side of the tiles that bound the memory. `dtype`: what the network computes in.
        """
        self._recipe, self._network = recipe, network
        self._tile_px, self._dtype = tile_px, dtype
        self._layers = recipe.layers_for(network.layers)
        self._content, self._covered = content, coverage(areas)
        self._light = _shapes(content)
        self._shares = [area.share for area in areas]
        levels = _pyramid(_enlarged(content), len(self._layers.style))
        masks = [_masks(area.mask, len(levels)) for area in areas]
        self._surfaces = [
            self._surface(level, number, [mask[number] for mask in masks]) for number, level in enumerate(levels)
        ]
        for surface, level, layers in zip(self._surfaces, levels, self._content_layers(len(levels)), strict=True):
            if layers:
                surface.keep_content(level, layers)
        self._targets = self._mixed_targets(areas, content.shape[2] * content.shape[3] * recipe.stroke**2)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in px."""
        return self._content.shape[2], self._content.shape[3]

    @property
    def device(self) -> torch.device:
        return self._content.device

    def __call__(self, picture: Tensor) -> Evaluation:
        """`picture`: `(1, 3, H, W)` float32, meant to lie in [0, 1]."""
        leaf = picture.detach().requires_grad_()
        shown = self.covered(leaf)
        levels = _pyramid(_enlarged(shown), len(self._surfaces))
        losses = {"content": 0.0, "style": 0.0}
        pulls = [self._level(number, level.detach().contiguous(), losses) for number, level in enumerate(levels)]
        shading = self._recipe.shading * F.mse_loss(_shapes(shown), self._light)
        variation = self._recipe.variation * _variation(shown)
        beyond = self._recipe.range * (shown - shown.clamp(0, 1)).square().mean()
        torch.autograd.backward([*levels, shading, variation, beyond], [*pulls, None, None, None])
        assert leaf.grad is not None
        parts = {"shading": shading, "variation": variation, "range": beyond}
        losses |= {name: float(part.detach()) for name, part in parts.items()}
        return Evaluation(losses, leaf.grad.contiguous())

    def covered(self, picture: Tensor) -> Tensor:
        """The picture where it is painted, and the content elsewhere."""
        return picture if self._covered is None else self._content.lerp(picture, self._covered)

    def _level(self, number: int, level: Tensor, losses: dict[str, float]) -> Tensor:
        def loss(means: Sums) -> Tensor:
            content = self._content_loss(means)
            style = self._style_loss(means, number)
            losses["content"] += float(content.detach())
            losses["style"] += float(style.detach())
            return content + style

        return self._surfaces[number].gradient(level, loss)

    def _content_loss(self, means: Sums) -> Tensor:
        found = [value for (_, area), value in means.items() if area < 0]
        count = sum(map(len, self._layers.content))
        return self._recipe.content * torch.stack(found).sum() / count if found else torch.zeros(())

    def _style_loss(self, means: Sums, number: int) -> Tensor:
        total = torch.zeros(())
        for area, (share, target) in enumerate(zip(self._shares, self._targets[number], strict=True)):
            for layer, wanted in target.items():
                distance = F.mse_loss(means[layer, area], wanted) / (wanted.square().mean() + _TINY)
                total = total.to(distance.device) + share * distance
        return self._recipe.style * total / sum(map(len, self._layers.style[: len(self._surfaces)]))

    def _surface(self, level: Tensor, number: int, masks: Sequence[Tensor | None] = (None,)) -> Surface:
        return Surface(
            self._network,
            *level.shape[2:],
            style=self._layers.style[number],
            masks=masks,
            tile_px=self._tile_px,
            dtype=self._dtype,
        )

    def _content_layers(self, levels: int) -> list[tuple[str, ...]]:
        """Each level's; those of levels that a small picture lacks are compared at its last."""
        wanted = [*self._layers.content, *[()] * levels]
        beyond = dict.fromkeys(layer for layers in wanted[levels - 1 :] for layer in layers)
        return [*wanted[: levels - 1], tuple(beyond)]

    def _mixed_targets(self, areas: Sequence[Area], area_px: float) -> list[list[dict[str, Tensor]]]:
        """For each level and area, the mean Gram matrices that are wanted there."""
        mixed: list[list[dict[str, Tensor]]] = [[{} for _ in areas] for _ in self._surfaces]
        for number, area in enumerate(areas):
            for painting, share in area.paintings:
                for level, grams in enumerate(self._painting_grams(painting, area_px)):
                    target = mixed[level][number]
                    for layer, gram in grams.items():
                        target[layer] = target[layer] + share * gram if layer in target else share * gram
        return mixed

    def _painting_grams(self, painting: Tensor, area_px: float) -> list[dict[str, Tensor]]:
        picture = _enlarged(fit(painting, area_px))
        found = []
        for number in range(len(self._surfaces)):
            found.append(self._surface(picture, number).grams(picture)[0])
            picture = _enlarged(F.avg_pool2d(picture, 2))
        return found


def _enlarged(picture: Tensor) -> Tensor:
    """Networks see no picture that is smaller than their halvings: its edges are drawn out."""
    right, bottom = (max(0, _LEAST_PX - side) for side in (picture.shape[3], picture.shape[2]))
    return F.pad(picture, (0, right, 0, bottom), mode="replicate") if right or bottom else picture


def _pyramid(picture: Tensor, depth: int) -> list[Tensor]:
    """The picture and its halves, as many as stay large enough, at most `depth`."""
    levels = [picture]
    while len(levels) < depth and min(levels[-1].shape[2:]) >= 2 * _LEAST_PX:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels


def _masks(mask: Tensor | None, depth: int) -> list[Tensor | None]:
    """A mask for each level."""
    if mask is None:
        return [None] * depth
    return [*_pyramid(_enlarged(mask), depth)]


def _variation(picture: Tensor) -> Tensor:
    across = (picture[..., 1:] - picture[..., :-1]).square().sum()
    down = (picture[..., 1:, :] - picture[..., :-1, :]).square().sum()
    return (across + down) / picture.numel()


def _shapes(picture: Tensor) -> Tensor:
    """The light's large shapes, as in training's ShadingLoss: strokes within a patch and the brightness are free."""
    longest, shortest = max(picture.shape[2:]), min(picture.shape[2:])
    patch = min(shortest, max(1, round(longest * _PATCH)))
    patches = F.avg_pool2d(luminance(picture), patch, max(1, patch // 2))
    return patches - patches.mean((2, 3), keepdim=True)
