"""A palette for many frames, and frames in its colours, with a dither that stands still where the picture does.

It comes out the same on every machine, for all sums are of integers. Error diffusion would be finer, but crawls from
frame to frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_BITS = 6
"""Of each channel, by which colours fall into one cell."""
_CELLS = 1 << 3 * _BITS

_SAMPLED = 480
"""So many pixels of a frame's longer side are counted: more of them change little."""

_AT_ONCE = 1 << 20
"""Pixels that are counted together: adding to all cells takes as long as counting some frames."""

_TILE = 8
"""Pixels, after which the dither repeats."""

_ROUNDS = 4
"""Of k-means. More of them change little."""

_PLAIN = 0.5
"""Squared codes, within which the colours of a cell are one. Of a ramp's shades they lie further apart."""

_SAME = 2
"""Squared distance in codes, within which a colour of the palette is the very one that is meant."""


@dataclass(frozen=True)
class Palette:
    """Colours, and the nearest of them to each cell."""

    colours: np.ndarray
    """(N, 3) uint8, sRGB, at most 256."""
    nearest: np.ndarray
    """(2**18,) uint8."""
    has_it: np.ndarray
    """(2**18,) bool: the cell is of one colour, or nearly so, in all frames, and the palette has it."""

    def indices(self, pixels: np.ndarray, amplitude: int, *, left: int = 0, top: int = 0) -> np.ndarray:
        """A frame, (H, W, 3) uint8 sRGB, in the palette's colours, (H, W) uint8; or a part, of which it is known where.

        `amplitude`: of the dither, in codes; 0 is none. Plain areas whose colour the palette has stay plain.
        """
        cells = _cells(pixels)
        plain = self.nearest.take(cells)
        if not amplitude:
            return plain
        height, width = pixels.shape[:2]
        offsets = _offsets(amplitude, left % _TILE, top % _TILE, height, width)
        moved = cv2.add(pixels, offsets, dtype=cv2.CV_8U)
        return np.where(self.has_it.take(cells), plain, self.nearest.take(_cells(moved)))


class Census:
    """Counts the colours of frames that it is shown, and chooses a palette for them."""

    def __init__(self) -> None:
        self._counts = np.zeros(_CELLS, np.int64)
        self._sums = np.zeros((_CELLS, 3), np.int64)
        self._squares = np.zeros(_CELLS, np.int64)
        self._waiting: list[np.ndarray] = []

    def see(self, pixels: np.ndarray) -> None:
        """A frame, (H, W, 3) uint8 sRGB."""
        step = -(-max(pixels.shape[:2]) // _SAMPLED)
        self._waiting.append(pixels[::step, ::step].reshape(-1, 3))
        if sum(map(len, self._waiting)) >= _AT_ONCE:
            self._count()

    def _count(self) -> None:
        colours = np.concatenate(self._waiting)
        self._waiting = []
        cells = _cells(colours)
        self._counts += np.bincount(cells, minlength=_CELLS)
        for channel in range(3):
            self._sums[:, channel] += np.bincount(cells, colours[:, channel], _CELLS).astype(np.int64)
        squares = (colours.astype(np.int64) ** 2).sum(axis=1)
        self._squares += np.bincount(cells, squares, _CELLS).astype(np.int64)

    def palette(self, size: int) -> Palette:
        """At most `size` colours, 1 to 256, for all frames that were seen: boxes of colours, divided where they spread
        most, and then k-means.

        Source: Wan, Wong and Prusinkiewicz 1988, "An algorithm for multidimensional data clustering" (the division).
        """
        if self._waiting:
            self._count()
        used = np.flatnonzero(self._counts)
        counts, sums = self._counts[used], self._sums[used]
        means = _rounded(sums, counts)
        colours = np.array([_rounded(sums[box].sum(axis=0), counts[box].sum()) for box in _boxes(means, counts, size)])
        for _ in range(_ROUNDS):
            groups, _ = _nearest(means, colours)
            members = np.bincount(groups, counts, len(colours)).astype(np.int64)
            for channel in range(3):
                total = np.bincount(groups, sums[:, channel], len(colours)).astype(np.int64)
                colours[:, channel] = np.where(members, _rounded(total, np.maximum(members, 1)), colours[:, channel])
        colours = np.unique(colours, axis=0)
        has_it = np.zeros(_CELLS, bool)
        spread = self._squares[used] / counts - ((sums / counts[:, None]) ** 2).sum(axis=1)
        places, distances = _nearest(means, colours)
        has_it[used] = (spread <= _PLAIN) & (distances <= _SAME)
        return Palette(colours, _table(used, places, colours), has_it)


def _table(used: np.ndarray, places: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """For each cell the place of the colour nearest to its middle; for those used, the places that are given."""
    table = _coarsely(colours)
    # So far the dither leads. Other cells are rare: of pixels not counted, and of mixtures in smaller frames.
    reached = np.zeros((1 << _BITS,) * 3, bool)
    reached.flat[used] = True
    for axis in range(3):
        before, after = (np.roll(reached, step, axis) for step in (1, -1))
        reached = reached | before | after
    beside = np.flatnonzero(reached)
    table[beside] = _nearest(_middles(_BITS)[beside], colours)[0]
    table[used] = places
    return table


def _coarsely(colours: np.ndarray) -> np.ndarray:
    """The same by cells that are twice as wide."""
    places = _nearest(_middles(_BITS - 1), colours)[0].astype(np.uint8)
    wide = places.reshape((1 << _BITS - 1,) * 3)
    for axis in range(3):
        wide = wide.repeat(2, axis)
    return wide.ravel()


def _cells(colours: np.ndarray) -> np.ndarray:
    red, green, blue = (colours[..., channel].astype(np.int32) >> 8 - _BITS for channel in range(3))
    return red << 2 * _BITS | green << _BITS | blue


def _middles(bits: int) -> np.ndarray:
    """The colour in the middle of each cell, if a channel's first bits tell cells apart."""
    width = 1 << 8 - bits
    steps = np.arange(1 << bits) * width + width // 2
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3).astype(np.uint8)


def _rounded(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Means as uint8; (N, 3) or (N,) by (N,)."""
    counts = np.asarray(counts)[..., None] if np.ndim(sums) > np.ndim(counts) else np.asarray(counts)
    return ((2 * sums + counts) // (2 * counts)).astype(np.uint8)


def _boxes(colours: np.ndarray, counts: np.ndarray, wanted: int) -> list[np.ndarray]:
    """Places of the colours, in at most so many groups."""
    boxes = [np.arange(len(colours))]
    wide = [_spread(colours, counts)]
    while len(boxes) < wanted:
        at = max(range(len(boxes)), key=lambda place: wide[place][0])
        (spread, channel), box = wide[at], boxes[at]
        if not spread:
            break
        values, weights = colours[box, channel].astype(np.int64), counts[box]
        lower = values * weights.sum() <= (values * weights).sum()
        boxes[at : at + 1] = [box[lower], box[~lower]]
        wide[at : at + 1] = [_spread(colours[part], counts[part]) for part in boxes[at : at + 2]]
    return boxes


def _spread(colours: np.ndarray, counts: np.ndarray) -> tuple[int, int]:
    """How far colours lie from their mean, squared and summed, in the channel where that is most; and the channel."""
    weights = counts[:, None]
    values = colours.astype(np.int64)
    sums, squares, count = (values * weights).sum(axis=0), (values**2 * weights).sum(axis=0), int(counts.sum())
    # Python's integers: the squares of sums would not fit into 64 bits.
    spreads = [int(square) - int(total) ** 2 // count for square, total in zip(squares, sums, strict=True)]
    channel = max(range(3), key=spreads.__getitem__)
    return spreads[channel], channel


def _nearest(colours: np.ndarray, palette: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each colour the place of the palette's nearest, and their squared distance."""
    distances, places = cv2.batchDistance(colours, palette, cv2.CV_32F, normType=cv2.NORM_L2SQR, K=1)
    return places.ravel(), distances.ravel()


def _offsets(amplitude: int, left: int, top: int, height: int, width: int) -> np.ndarray:
    """What the dither adds to each pixel, (H, W, 3) int16, from half the amplitude below to half above.

    Source: Bayer 1973. Each channel has a turned copy of the matrix, so that brightness varies less.
    """
    matrix = np.zeros((1, 1), np.int64)
    while len(matrix) < _TILE:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    turned = np.stack((matrix, np.roll(matrix, (4, 2), (0, 1))[:, ::-1], np.roll(matrix, (2, 5), (0, 1)).T), axis=-1)
    offsets = ((2 * turned + 1 - _TILE**2) * amplitude // (2 * _TILE**2)).astype(np.int16)
    times = -(-(top + height) // _TILE), -(-(left + width) // _TILE), 1
    return np.ascontiguousarray(np.tile(offsets, times)[top : top + height, left : left + width])
