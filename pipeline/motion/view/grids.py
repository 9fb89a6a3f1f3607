"""Lines on the floor, half a metre apart, that fade into the distance.

Each line is one polygon, never thinner than a pixel. How thin it should be there, and how far away that is, says how
strong it is: so lines become paler where they become thinner than pixels, and nothing flickers or makes a moiré.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from pipeline.motion.skeleton import Point
from pipeline.motion.view.floors import horizon, of_pixels
from pipeline.motion.view.views import View

_CELL_M = 0.5
_HALF_LINE_M = 0.0055
_FADE_M = 4.2
"""From what the camera looks at, where lines have half of their strength."""

_END_M = 9.0
"""Where they end, at a hundredth of it."""

_NEAR_M = 0.4
"""Nothing is drawn nearer to the camera."""

_COARSE = 8
"""Strength changes so slowly that it is worked out for one in so many rows and columns."""

_BESIDE_PX = 64
"""Lines go on beyond the picture by so much."""

_BAND = 64
"""Rows at once; a multiple of `_COARSE`."""

_SHIFT = 6
"""Bits of a pixel's fractions."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows of the picture that have lines, from `top` down."""

    top: int
    lines: np.ndarray
    """`(2, rows, width)` uint8: lines of either direction, 255 where a pixel is filled."""
    strengths: np.ndarray
    """`(2, rows / 8 + 3, columns / 8)` uint8: how strong they are, from a row above `top` to one below the last."""

    def cover(self) -> np.ndarray:
        """`(rows, width)` uint8: how much of each pixel is a line, already paler in the distance."""
        return np.concatenate([cover for _, cover in self._bands()])

    def drawn(self, behind: np.ndarray, *, lighter: bool) -> np.ndarray:
        """A picture, `(height, width, 3)` uint8, with grey lines added to it, or taken from it."""
        made = np.empty_like(behind)
        made[: self.top] = behind[: self.top]
        change = cv2.add if lighter else cv2.subtract
        for rows, cover in self._bands():
            change(behind[rows], cv2.cvtColor(cover, cv2.COLOR_GRAY2RGB), made[rows])
        return made

    def _bands(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Rows of the picture, and `cover` there: so few that all of what is worked on stays near the processor."""
        _, rows, width = self.lines.shape
        for start in range(0, rows, _BAND):
            stop = min(start + _BAND, rows)
            coarse = self.strengths[:, start // _COARSE : -(-stop // _COARSE) + 2]
            size = (coarse.shape[2] * _COARSE, coarse.shape[1] * _COARSE)
            made = []
            for lines, strength in zip(self.lines[:, start:stop], coarse, strict=True):
                fine = cv2.resize(strength, size)[_COARSE : _COARSE + stop - start, :width]
                made.append(cv2.multiply(lines, fine, None, 1 / 255))
            yield slice(self.top + start, self.top + stop), np.maximum(made[0], made[1], out=made[0])


def grid(view: View, target: np.ndarray, *, most: int = 255) -> Grid | None:
    """The lines that a camera sees; None if it sees none.

    `target`: what it looks at; lines fade around it. `most`: what `cover` is where they are strongest.
    """
    if view.eye[1] < 0.05 or horizon(view) >= view.height:
        return None
    # To a tenth of a micrometre: what follows a figure sees it from the same place again and again.
    x, y, z = np.round(view.eye - (target[0], 0, target[2]), 7).tolist()
    found = _strengths((x, y, z), view.azimuth, view.elevation, view.focal, view.width, view.height, most)
    if found is None:
        return None
    top, strengths = found
    lines = np.zeros((2, view.height - top, view.width), np.uint8)
    for axis in (0, 1):
        for polygon in _polygons(view, target, axis):
            cv2.fillConvexPoly(lines[axis], polygon - (0, top << _SHIFT), 255, cv2.LINE_AA, _SHIFT)
    return Grid(top, lines, strengths)


@lru_cache(maxsize=2)
def _strengths(
    eye: Point, azimuth: float, elevation: float, focal: float, width: int, height: int, most: int
) -> tuple[int, np.ndarray] | None:
    """The first row that lines are seen in, and `Grid.strengths` from there, of a camera that looks at x = z = 0."""
    view = View(np.array(eye), azimuth, elevation, focal, width, height)
    top = horizon(view)
    made = _faded(view, top) * (most / 255)
    seen = np.flatnonzero((made > 0.4).any(axis=(0, 2)))
    if not len(seen):
        return None
    padded = np.pad(made[:, seen[0] :], ((0, 0), (1, 1), (0, 0)), mode="edge")
    return top + int(seen[0]) * _COARSE, np.rint(padded).astype(np.uint8)


def _faded(view: View, top: int) -> np.ndarray:
    """`(2, rows / 8, columns / 8)` in 0 to 255: how strong lines of either direction are, from `top` down."""
    column = np.arange(0, view.width + _COARSE, _COARSE)[None] + (_COARSE - 1) / 2
    row = np.arange(top, view.height + _COARSE, _COARSE)[:, None] + (_COARSE - 1) / 2
    ways = of_pixels(view)
    down = ways[2, 1] * row + ways[2, 2]
    places = [(ways[axis, 0] * column + ways[axis, 1] * row + ways[axis, 2]) / down for axis in (0, 1)]
    away = places[0] ** 2 + places[1] ** 2
    fade = np.exp2(-away / _FADE_M**2) - np.exp2(-(_END_M**2) / _FADE_M**2)
    made = []
    for axis, place in enumerate(places):
        per_column = ways[axis, 0] / down
        per_row = (ways[axis, 1] - place * ways[2, 1]) / down
        thin = 2 * _HALF_LINE_M / np.hypot(per_column, per_row)
        made.append(np.maximum(fade, 0) * np.minimum(thin, 1) * 255)
    return np.stack(np.broadcast_arrays(*made))


def _polygons(view: View, target: np.ndarray, axis: int) -> list[np.ndarray]:
    """`(4, 2)` int32 each, in fractions of pixels: lines along z (axis 0) or x (axis 1)."""
    middle = target[[0, 2]]
    cells = np.arange(np.ceil((middle[axis] - _END_M) / _CELL_M), (middle[axis] + _END_M) / _CELL_M) * _CELL_M
    reach = np.sqrt(np.maximum(_END_M**2 - (cells - middle[axis]) ** 2, 0))
    ends = np.zeros((2, len(cells), 3))
    ends[:, :, 2 * axis] = cells
    ends[:, :, 2 - 2 * axis] = middle[1 - axis] + np.array([[-1], [1]]) * reach
    seen = view.seen(ends)
    ahead = seen[..., 2]
    keep = ahead.max(axis=0) > _NEAR_M + 0.05
    seen, ahead = seen[:, keep], ahead[:, keep]
    # What is behind the camera is cut off.
    share = np.clip((_NEAR_M - ahead) / np.where(ahead[::-1] == ahead, 1, ahead[::-1] - ahead), 0, 1)
    share = np.where(ahead < _NEAR_M, share, 0)[..., None]
    seen = seen + share * (seen[::-1] - seen)
    pixels = seen[..., :2] / seen[..., 2:] * view.focal + np.array(view.middle) - 0.5
    # Half of a line's width on the floor, seen at each end and across the line in the picture.
    aside = np.zeros(3)
    aside[2 * axis] = _HALF_LINE_M
    other = (seen + view.turn @ aside)[..., :2] / (seen + view.turn @ aside)[..., 2:] * view.focal
    wide = other + np.array(view.middle) - 0.5 - pixels
    way = pixels[1] - pixels[0]
    length = np.hypot(way[:, 0], way[:, 1])
    keep = length > 1
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)[keep] / length[keep, None]
    half = np.maximum(np.abs((wide[:, keep] * across).sum(axis=2)), 0.5)[..., None] * across
    # OpenCV adds a soft edge of about half a pixel of its own.
    half -= across * 0.25
    first, last, half, inside = _clipped(pixels[0, keep], pixels[1, keep], half, view)
    corners = np.stack([first + half[0], last + half[1], last - half[1], first - half[0]], axis=1)[inside]
    return list(np.rint(corners * 2**_SHIFT).astype(np.int32))


def _clipped(
    first: np.ndarray, last: np.ndarray, half: np.ndarray, view: View
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Lines `(n, 2)`, `(n, 2)`, and half of their width at both ends `(2, n, 2)`, so far as they are near the picture.

    Which of them are is `(n,)` bool. OpenCV takes no numbers of more than 15 bits.
    Source: Liang and Barsky, "A new concept and method for line clipping", ACM Transactions on Graphics 3 (1984).
    """
    size = np.array([view.width, view.height])
    way = last - first
    safe = np.where(np.abs(way) < 1e-9, 1e-9, way)
    bounds = np.sort(np.stack([(-_BESIDE_PX - first) / safe, (size + _BESIDE_PX - first) / safe]), axis=0)
    start = np.maximum(bounds[0].max(axis=1), 0)[:, None]
    stop = np.minimum(bounds[1].min(axis=1), 1)[:, None]
    change = half[1] - half[0]
    widths = np.stack([half[0] + start * change, half[0] + stop * change])
    return first + start * way, first + stop * way, widths, (start < stop)[:, 0]
