"""StyleGAN3's activation between two filters, tile by tile: enlarge, leaky ReLU, shrink, as small matrix products.

A filter that enlarges or shrinks along one axis is a banded matrix, and a tile needs little more of it than its band.
Processors are nowhere faster than in products of matrices, and the enlarged map, four to sixteen times as large as what
comes in, is never seen whole: each tile of it stays in a core's cache.

Source: Karras et al., "Alias-Free Generative Adversarial Networks", arXiv:2106.12423, section 3 and appendix C.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from pipeline.models.stylegan.layers import GAIN, SLOPE
from pipeline.models.stylegan.resample import Padding

_TILE, _TILE_ON_GPU = 16, 128
"""Side of a tile, in samples of what goes out. GPUs rather compute more than begin more often."""

_NEGLIGIBLE = 1e-7
"""Part of a filter's largest separable term below which terms are left out."""

Taps = tuple[tuple[float, ...], ...]
"""A filter's rows; the only one, if it is the same for rows and columns."""


@dataclass(frozen=True)
class Filters:
    """How a map is enlarged, bounded and shrunk. Filters are given as `Taps`, and are none where they are `NONE`."""

    up_taps: Taps
    down_taps: Taps
    up: int
    down: int
    padding: Padding
    most: float | None


NONE: Taps = ((1.0,),)
"""The filter that changes nothing."""


def taps_of(taps: Tensor | None) -> Taps:
    """A filter `(K,)` or `(K, K)` as numbers."""
    return NONE if taps is None else tuple(map(tuple, taps.view(-1, taps.shape[-1]).tolist()))


@dataclass(frozen=True)
class _Tile:
    """Samples along one axis, half-open, and what leads from one to the next."""

    inputs: slice
    outputs: slice
    enlarge: Tensor
    """(between, inputs)."""
    shrink: Tensor
    """(outputs, between, terms): as many as the filter has separable terms."""


def bent(features: Tensor, filters: Filters) -> Tensor:
    """`(N, C, H, W)` enlarged, through a leaky ReLU with its gain and a bound, and shrunk. Differentiable once."""
    maps = features.permute(0, 2, 3, 1).contiguous()
    # Processors are given one picture after the other: its tiles shall stay in the cache.
    made = [_Bent.apply(some, filters) for some in (maps.split(1) if maps.is_cpu else [maps])]
    return (made[0] if len(made) == 1 else torch.cat(made)).permute(0, 3, 1, 2)


class _Bent(torch.autograd.Function):
    """The same for maps `(N, H, W, C)`. Only what came in is kept for the gradient, and enlarged again."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, filters: Filters) -> Tensor:
        ctx.save_for_backward(features)
        ctx.filters = filters
        rows, columns = _axes(features, filters)
        out = features.new_empty(len(features), rows[-1].outputs.stop, columns[-1].outputs.stop, features.shape[3])
        for row, column in product(rows, columns):
            tile = _enlarged(features[:, row.inputs, column.inputs], row.enlarge, column.enlarge)
            F.leaky_relu_(tile, SLOPE)
            if filters.most is not None:
                tile.clamp_(-filters.most, filters.most)
            out[:, row.outputs, column.outputs] = _shrunk(tile, row.shrink, column.shrink)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (features,), filters = ctx.saved_tensors, ctx.filters
        pulled = torch.zeros_like(features)
        for row, column in product(*_axes(features, filters)):
            tile = _enlarged(features[:, row.inputs, column.inputs], row.enlarge, column.enlarge)
            pull = _unshrunk(gradient[:, row.outputs, column.outputs], row.shrink, column.shrink)
            pull.mul_(torch.where(tile > 0, 1.0, SLOPE))
            if filters.most is not None:
                pull.mul_((tile <= filters.most) & (tile >= -filters.most / SLOPE))
            # What a matrix does forwards, its transpose does backwards.
            pulled[:, row.inputs, column.inputs] += _enlarged(pull, row.enlarge.T, column.enlarge.T)
        return pulled, None


def _enlarged(tile: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """A tile `(N, h, w, C)` through the matrices of both axes."""
    count, height, width, channels = tile.shape
    tall = rows @ tile.reshape(count, height, width * channels)
    return columns @ tall.view(count, len(rows), width, channels)


def _shrunk(tile: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """A tile `(N, h, w, C)` through the matrices of both axes, its filter's terms added up."""
    count, height, _, channels = tile.shape
    outputs, _, terms = columns.shape
    narrow = columns.permute(2, 0, 1).flatten(0, 1) @ tile
    # The second product runs over rows and terms at once.
    whole = rows.flatten(1) @ narrow.view(count, height * terms, outputs * channels)
    return whole.view(count, len(rows), outputs, channels)


def _unshrunk(tile: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The transpose of `_shrunk`."""
    count, height, width, channels = tile.shape
    _, between, terms = rows.shape
    tall = rows.flatten(1).T @ tile.reshape(count, height, width * channels)
    return columns.permute(1, 2, 0).flatten(1) @ tall.view(count, between, terms * width, channels)


def _axes(features: Tensor, filters: Filters) -> tuple[tuple[_Tile, ...], tuple[_Tile, ...]]:
    """The tiles of rows and of columns of maps `(N, H, W, C)`."""
    _, height, width, _ = features.shape
    kind = features.dtype, features.device
    return _tiles(filters, height, 0, *kind), _tiles(filters, width, 1, *kind)


@lru_cache(maxsize=256)
@torch.inference_mode(False)
def _tiles(filters: Filters, size: int, axis: int, dtype: torch.dtype, device: torch.device) -> tuple[_Tile, ...]:
    """The tiles of rows (axis 0) or columns (1) of a map of this size."""
    before, after = (filters.padding[2:], filters.padding[:2])[axis]
    up, down = filters.up, filters.down
    # The leaky ReLU's gain may come before it: half of it along either axis.
    raise_by = torch.tensor(filters.up_taps[0], dtype=torch.float64) * (up * GAIN**0.5)
    terms = _terms(filters.down_taps)[axis]
    between = size * up + before + after - len(raise_by) + 1
    outputs = (between - terms.shape[1]) // down + 1
    side = _TILE if device.type == "cpu" else _TILE_ON_GPU
    tiles = []
    for start in range(0, outputs, side):
        stop = min(start + side, outputs)
        middle = range(start * down, (stop - 1) * down + terms.shape[1])
        first = max(0, -(-(middle.start - before) // up))
        last = max(first, min(size, (middle.stop - 2 - before + len(raise_by)) // up + 1))
        enlarge = _banded(raise_by, _span(first, last) * up + before - _span(middle.start, middle.stop)[:, None])
        offsets = _span(middle.start, middle.stop) - _span(start, stop)[:, None] * down
        shrink = torch.stack([_banded(term, offsets) for term in terms], 2)
        tiles.append(_Tile(slice(first, last), slice(start, stop), enlarge.to(device, dtype), shrink.to(device, dtype)))
    return tuple(tiles)


def _span(start: int, stop: int) -> Tensor:
    return torch.arange(start, stop)


def _banded(taps: Tensor, offsets: Tensor) -> Tensor:
    """The filter's weight of samples at these offsets from its first one; a convolution's taps are turned over."""
    inside = (offsets >= 0) & (offsets < len(taps))
    return torch.where(inside, taps.flip(0)[offsets.clamp(0, len(taps) - 1)], 0.0)


def _terms(taps: Taps) -> tuple[Tensor, Tensor]:
    """Filters for rows and for columns, `(terms, K)` float64 each, whose products add up to the filter."""
    square = torch.tensor(taps, dtype=torch.float64)
    if len(taps) == 1:
        return square, square
    rows, sizes, columns = torch.linalg.svd(square)
    count = int((sizes > _NEGLIGIBLE * sizes[0]).sum())
    root = sizes[:count, None].sqrt()
    return rows.T[:count] * root, columns[:count] * root
