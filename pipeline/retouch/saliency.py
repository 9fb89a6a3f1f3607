"""Where there is most to see: what differs in colour and light from the rest. No faces, no network.

Source: Achanta et al., Frequency-tuned Salient Region Detection, 2009 (the distance of the blurred picture from its
mean in L*a*b*); the window that holds most of it is found by its sums.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

_LOOKED_AT_PX = 128
"""Longest side that is looked at: what matters is seen from afar."""

_FINE = 0.012
"""Of the longest side: detail that is finer is texture."""

_MIDDLE = 0.15
"""Of what is seen at the edges, that is taken off: between two windows that hold the same, the middle one is better."""


def saliency(picture: np.ndarray) -> np.ndarray:
    """How much each part stands out: (h, w) float32 from 0 to 1, of a smaller picture.

    `picture`: (H, W, 3) float32 sRGB.
    """
    scale = min(1.0, _LOOKED_AT_PX / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    small = cv2.resize(np.clip(picture, 0, 1), size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2Lab)
    blurred = cv2.GaussianBlur(lab, (0, 0), max(_FINE * max(size), 0.5))
    apart = np.linalg.norm(blurred - lab.mean((0, 1)), axis=2)
    return (apart / max(float(apart.max()), 1e-6)).astype(np.float32)


def best_window(pictures: Sequence[np.ndarray], width: int, height: int) -> tuple[float, float]:
    """Where a window of that size holds most of what stands out in all of the pictures, which are of one size.

    How far from the left and the top it lies, 0 to 1: 0 is at the very edge, 1 at the other.
    """
    seen = np.mean([saliency(picture) for picture in pictures], axis=0, dtype=np.float64)
    rows, columns = seen.shape
    tall, wide = pictures[0].shape[:2]
    window = min(columns, max(1, round(width / wide * columns))), min(rows, max(1, round(height / tall * rows)))
    sums = cv2.integral(seen * _kept(rows, columns))
    across, down = window
    held = sums[down:, across:] - sums[:-down, across:] - sums[down:, :-across] + sums[:-down, :-across]
    # Of equal ones the one in the middle.
    ways = np.abs(np.linspace(-1, 1, held.shape[0]) if held.shape[0] > 1 else np.zeros(1))[:, None]
    ways = ways + np.abs(np.linspace(-1, 1, held.shape[1]) if held.shape[1] > 1 else np.zeros(1))
    best = np.lexsort((ways.ravel(), -np.round(held, 6).ravel()))[0]
    top, left = np.unravel_index(best, held.shape)
    return _share(int(left), held.shape[1]), _share(int(top), held.shape[0])


def _kept(rows: int, columns: int) -> np.ndarray:
    """How much of what stands out counts, by where it is."""
    across, down = (np.linspace(-1, 1, length) if length > 1 else np.zeros(1) for length in (columns, rows))
    return 1 - _MIDDLE * np.maximum(np.abs(across)[None], np.abs(down)[:, None])


def _share(place: int, places: int) -> float:
    return 0.5 if places == 1 else place / (places - 1)
