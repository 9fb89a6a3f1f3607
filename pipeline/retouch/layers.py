"""What is laid over pictures: letters, plates, logos. Premultiplied, so that laying over is a product and a sum.

Source: Porter and Duff, Compositing Digital Images, 1984 (the operator `over`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layer:
    """A rectangle somewhere in a picture."""

    colour: np.ndarray
    """(h, w, 3) float32 sRGB, each as much of its colour as it hides."""
    hides: np.ndarray
    """(h, w, 1) float32: 0 hides nothing, 1 all."""
    left: int = 0
    top: int = 0


def inked(cover: np.ndarray, rgb: tuple[float, float, float], strength: float, *, left: int, top: int) -> Layer:
    """Coverage, (h, w) uint8, in a colour of 0 to 1, which hides so much where it covers all."""
    hides = cover.astype(np.float32)[..., None] * np.float32(strength / 255)
    return Layer(hides * np.array(rgb, np.float32), hides, left, top)


def laid(picture: np.ndarray, layers: tuple[Layer, ...], opacity: float = 1.0) -> np.ndarray:
    """A picture, (H, W, 3) float32, with layers over it, the last one on top; a copy. What leaves it is cut off."""
    made = picture.copy()
    height, width = made.shape[:2]
    for layer in layers:
        top, left = max(layer.top, 0), max(layer.left, 0)
        bottom, right = min(layer.top + len(layer.hides), height), min(layer.left + layer.hides.shape[1], width)
        if bottom <= top or right <= left:
            continue
        of = np.s_[top - layer.top : bottom - layer.top, left - layer.left : right - layer.left]
        here = made[top:bottom, left:right]
        here *= 1 - layer.hides[of] * np.float32(opacity)
        here += layer.colour[of] * np.float32(opacity)
    return made
