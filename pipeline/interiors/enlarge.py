"""Designs at the size that they leave at."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.interiors.squares import resized


def enlarged(pixels: np.ndarray, size: int, network: Any) -> np.ndarray:
    """A design `(S, S, 3)` uint8 at a size in px that is not smaller; `network`: what enlarges it."""
    return resized(pixels, size)
