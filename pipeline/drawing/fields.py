"""What is smooth over the whole picture: forms, tones and washes, computed on one small grid whatever the size.

So a picture of 64 px and one of 512 px have the same light, and the second costs little more.
"""

from __future__ import annotations

import cv2
import numpy as np

GRID = 96
"""Points along a side."""

_PLACES = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID
ROWS = np.ascontiguousarray(np.broadcast_to(_PLACES[:, None], (GRID, GRID)))
"""y of each point, in picture units."""
COLUMNS = np.ascontiguousarray(np.broadcast_to(_PLACES[None, :], (GRID, GRID)))
"""x of each point, in picture units."""

HEAD = (slice(int(0.1 * GRID), int(0.86 * GRID)), slice(int(0.18 * GRID), int(0.82 * GRID)))
"""The part of a field where a face can be. What lies elsewhere need not be computed."""


def smoothstep(low: float, high: float, values: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, softly between."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)


def hill(x: np.ndarray, y: np.ndarray, at: tuple[float, float], *, width: tuple[float, float]) -> np.ndarray:
    """A Gaussian of height 1 at a place, so wide (sigma) along each axis."""
    u = (x - np.float32(at[0])) * np.float32(1 / width[0])
    v = (y - np.float32(at[1])) * np.float32(1 / width[1])
    return np.exp(np.float32(-0.5) * (u * u + v * v))


def noise(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Soft clouds of about unit size either way, so many along a side: (GRID, GRID) float32."""
    coarse = rng.standard_normal((cells + 2, cells + 2)).astype(np.float32)
    return cv2.resize(coarse, (GRID, GRID), interpolation=cv2.INTER_CUBIC)


def enlarged(field: np.ndarray, side: int) -> np.ndarray:
    """A field, or colours (3, GRID, GRID), over a canvas of so many pixels along a side."""
    if field.ndim == 3:
        large = np.empty((len(field), side, side), np.float32)
        for plane, enlargement in zip(field, large, strict=True):
            enlargement[:] = enlarged(plane, side)
        return large
    way = cv2.INTER_LINEAR if side <= 3 * GRID else cv2.INTER_CUBIC
    return cv2.resize(field, (side, side), interpolation=way)


def padded(head: np.ndarray) -> np.ndarray:
    """Colours of the HEAD part (3, h, w) as colours of a whole field (3, GRID, GRID), black elsewhere."""
    whole = np.zeros((len(head), GRID, GRID), np.float32)
    whole[:, *HEAD] = head
    return whole


def reduced(mask: np.ndarray) -> np.ndarray:
    """A canvas' mask (N, N) on the grid."""
    way = cv2.INTER_AREA if len(mask) > GRID else cv2.INTER_LINEAR
    return cv2.resize(mask, (GRID, GRID), interpolation=way)
