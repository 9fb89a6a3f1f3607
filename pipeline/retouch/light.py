"""sRGB ⇄ linear light, in float32, with values beyond 0 and 1: what cannot be shown is not lost.

Source: IEC 61966-2-1; beyond, as scRGB has it: the power goes on above 1, and below 0 the curve is its mirror image.
"""

from __future__ import annotations

import numpy as np

_KNEE, _LINEAR_KNEE = 0.04045, 0.0031308

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""BT.709's."""


def linear(pixels: np.ndarray) -> np.ndarray:
    """sRGB to linear light, of any shape."""
    size = np.abs(pixels)
    bent = np.power((size + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    return np.copysign(np.where(size <= _KNEE, size / np.float32(12.92), bent), pixels)


def encoded(light: np.ndarray) -> np.ndarray:
    """Linear light to sRGB, of any shape."""
    size = np.abs(light)
    bent = np.float32(1.055) * np.power(size, np.float32(1 / 2.4)) - np.float32(0.055)
    return np.copysign(np.where(size <= _LINEAR_KNEE, size * np.float32(12.92), bent), light)


def luma(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 3) → (H, W, 1), BT.709."""
    return (pixels @ LUMA)[..., None]
