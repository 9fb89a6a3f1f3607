"""Shapes as coverage, (H, W) uint8: how much of each pixel lies within. Edges are smooth.

Everything is drawn several times as large, and averaged.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

_FINER = 4
"""Subpixels of a pixel, each way."""

_BITS = 6
"""Of OpenCV's fixed point numbers for corners."""


def polygon(corners: Sequence[tuple[float, float]], width: int, height: int) -> np.ndarray:
    """A polygon whose corners are in pixels from the upper left corner."""
    return _filled(np.array(corners, np.float64), width, height)


def ellipse(width: float, height: float, *, left: float = 0, top: float = 0) -> np.ndarray:
    """An ellipse that fills a box at (left, top), on a field that just holds it."""
    angles = np.linspace(0, 2 * np.pi, max(64, int(width + height)), endpoint=False)
    x, y = left + width / 2 * (1 + np.cos(angles)), top + height / 2 * (1 + np.sin(angles))
    return _filled(np.stack([x, y], axis=1), *_field(left + width, top + height))


def rounded(width: float, height: float, radius: float, *, left: float = 0, top: float = 0) -> np.ndarray:
    """A rectangle with round corners that fills a box at (left, top), on a field that just holds it."""
    radius = min(radius, width / 2, height / 2)
    quarter = np.linspace(0, np.pi / 2, max(8, int(radius)))
    middles = ((width - radius, height - radius), (radius, height - radius), (radius, radius), (width - radius, radius))
    corners = [
        np.stack(
            [x + radius * np.cos(quarter + turn * np.pi / 2), y + radius * np.sin(quarter + turn * np.pi / 2)], axis=1
        )
        for turn, (x, y) in enumerate(middles)
    ]
    return _filled(np.concatenate(corners) + np.array([left, top]), *_field(left + width, top + height))


def _field(right: float, bottom: float) -> tuple[int, int]:
    return max(1, int(np.ceil(right - 1e-6))), max(1, int(np.ceil(bottom - 1e-6)))


def _filled(corners: np.ndarray, width: int, height: int) -> np.ndarray:
    fine = np.zeros((height * _FINER, width * _FINER), np.uint8)
    # OpenCV's pixels have their middles at whole numbers.
    points = np.rint((corners * _FINER - 0.5) * (1 << _BITS)).astype(np.int32)
    cv2.fillPoly(fine, [points], 255, shift=_BITS)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
