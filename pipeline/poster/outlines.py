"""Shapes as coverage, (H, W) uint8: how much of each pixel lies within. Edges are smooth, wherever they lie."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

_FINER = 8
"""Subpixels of a pixel of a polygon, each way."""

_BITS = 6
"""Of OpenCV's fixed point numbers for corners."""


def polygon(corners: Sequence[tuple[float, float]], width: int, height: int) -> np.ndarray:
    """A polygon whose corners are in pixels from the upper left corner; drawn much larger, and averaged."""
    fine = np.zeros((height * _FINER, width * _FINER), np.uint8)
    # OpenCV's pixels have their middles at whole numbers.
    points = np.rint((np.array(corners, np.float64) * _FINER - 0.5) * (1 << _BITS)).astype(np.int32)
    cv2.fillPoly(fine, [points], 255, shift=_BITS)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)


def ellipse(width: float, height: float, *, left: float = 0, top: float = 0) -> np.ndarray:
    """An ellipse that fills a box at (left, top), on a field that just holds it."""
    columns, rows = _field(left + width, top + height)
    x = (np.arange(columns) + 0.5 - left - width / 2) / (width / 2)
    y = (np.arange(rows) + 0.5 - top - height / 2)[:, None] / (height / 2)
    # How far outside of its edge a pixel's middle is, in pixels: the value by its slope.
    slope = np.sqrt((x * 2 / width) ** 2 + (y * 2 / height) ** 2)
    return _covered((x**2 + y**2 - 1) / np.maximum(2 * slope, 1e-9))


def rounded(width: float, height: float, radius: float, *, left: float = 0, top: float = 0) -> np.ndarray:
    """A rectangle with round corners that fills a box at (left, top), on a field that just holds it."""
    columns, rows = _field(left + width, top + height)
    across, down = _line(columns, left, left + width), _line(rows, top, top + height)
    made = np.rint(np.outer(down, across) * 255).astype(np.uint8)
    radius = min(radius, width / 2, height / 2)
    if radius <= 0:
        return made
    x, y = np.arange(columns) + 0.5, np.arange(rows) + 0.5
    for beyond_x, from_x in (_beyond(x, left + radius, -1), _beyond(x, left + width - radius, 1)):
        for beyond_y, from_y in (_beyond(y, top + radius, -1), _beyond(y, top + height - radius, 1)):
            corner = np.ix_(beyond_y, beyond_x)
            made[corner] = _covered(np.hypot(from_x[None], from_y[:, None]) - radius)
    return made


def _field(right: float, bottom: float) -> tuple[int, int]:
    return max(1, int(np.ceil(right - 1e-6))), max(1, int(np.ceil(bottom - 1e-6)))


def _line(length: int, start: float, stop: float) -> np.ndarray:
    """How much of each pixel of a row lies within [start, stop]."""
    at = np.arange(length)
    return np.clip(np.minimum(at + 1, stop) - np.maximum(at, start), 0, 1)


def _beyond(at: np.ndarray, middle: float, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Places beyond a corner's middle on a side, and how far beyond they are."""
    places = np.flatnonzero((at - middle) * side > 0)
    return places, at[places] - middle


def _covered(outside: np.ndarray) -> np.ndarray:
    """The coverage of pixels whose middles are so far outside of an edge; inside, less than 0."""
    return np.rint(np.clip(0.5 - outside, 0, 1) * 255).astype(np.uint8)
