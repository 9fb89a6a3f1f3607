"""Large pictures in pieces: where each tile lies, and how much around it the features at its edge still see."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

from torch import Tensor

_GRID_PX = 16
"""Every layer's stride divides it, so that a tile's features are the whole picture's."""

_HALO_PX = {1: 16, 2: 16, 3: 32, 4: 80, 5: 176}
"""VGG19's block → how far a feature of it sees, rounded up to the grid."""


@dataclass(frozen=True)
class Tile:
    """One piece of a picture, half-open, in px: its own part, and what the network must be shown for it."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    seen_rows: tuple[int, int]
    seen_columns: tuple[int, int]

    def seen(self, picture: Tensor) -> Tensor:
        """The part of `(…, H, W)` that the network must be shown."""
        return picture[..., slice(*self.seen_rows), slice(*self.seen_columns)]

    def own(self, features: Tensor, stride: int) -> Tensor:
        """The tile's own part of features of what was seen."""
        top, left = self.seen_rows[0], self.seen_columns[0]
        rows = slice(*((edge - top) // stride for edge in self.rows))
        columns = slice(*((edge - left) // stride for edge in self.columns))
        return features[..., rows, columns]

    def part(self, features: Tensor, stride: int) -> Tensor:
        """The tile's own part of features of the whole picture."""
        rows = slice(*(edge // stride for edge in self.rows))
        columns = slice(*(edge // stride for edge in self.columns))
        return features[..., rows, columns]


def tiles(height: int, width: int, *, side_px: int, block: int) -> list[Tile]:
    """Tiles of at most about `side_px` that cover the picture once, for features as deep as VGG19's `block`."""
    halo = _HALO_PX[block]
    pieces = [
        [(own, (max(0, own[0] - halo), min(length, own[1] + halo))) for own in _cut(length, side_px)]
        for length in (height, width)
    ]
    return [
        Tile(rows, columns, seen_rows, seen_columns) for (rows, seen_rows), (columns, seen_columns) in product(*pieces)
    ]


def block_of(layer: str) -> int:
    """VGG19's block of a layer, counted from 1: 3 for `relu3_1`."""
    return int(layer.removeprefix("relu").partition("_")[0])


def stride_of(layer: str) -> int:
    """Pixels from one feature of a layer to the next."""
    return 2 ** (block_of(layer) - 1)


def _cut(length: int, side: int) -> list[tuple[int, int]]:
    count = max(1, -(-length // side))
    cuts = [round(length * number / count / _GRID_PX) * _GRID_PX for number in range(count)]
    return [(start, stop) for start, stop in pairwise([*cuts, length]) if stop > start]
