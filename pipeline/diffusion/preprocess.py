"""What a picture becomes before it leads a ControlNet: `preprocessor` in job files. Torch-free.

Depth, pose and the like need networks of their own: who has their pictures gives those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import cv2
import numpy as np

Preprocessor = Literal["canny", "none"]
"""Edges of the picture; the picture as it is."""

_WEAK, _STRONG = 100, 200
"""Gradients of edges: the library's documentation has these, and so have those who train on them."""


def canny(picture: np.ndarray) -> np.ndarray:
    """White edges on black, (H, W, 3) uint8, of a picture of that shape, sRGB.

    Source: Canny, A Computational Approach to Edge Detection, PAMI 8(6), 1986; by OpenCV.
    """
    return np.repeat(cv2.Canny(picture, _WEAK, _STRONG)[:, :, None], 3, axis=2)


def _as_it_is(picture: np.ndarray) -> np.ndarray:
    return picture


PREPROCESSORS: Mapping[Preprocessor, Callable[[np.ndarray], np.ndarray]] = {"canny": canny, "none": _as_it_is}
"""Name → function of a picture (H, W, 3) uint8 to one of that shape."""
