"""The middle square of a picture, at any size: what the network sees of a photograph, and what is kept of it."""

from __future__ import annotations

import cv2
import numpy as np


def middle_square(pixels: np.ndarray) -> np.ndarray:
    """The largest square in the middle of `(H, W, …)`."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def resized(square: np.ndarray, size: int) -> np.ndarray:
    """A square `(S, S)` or `(S, S, 3)` uint8 at a size in px: made smaller by area, larger by cubic curves."""
    if len(square) == size:
        return square
    way = cv2.INTER_AREA if len(square) > size else cv2.INTER_CUBIC
    return cv2.resize(np.ascontiguousarray(square), (size, size), interpolation=way)
