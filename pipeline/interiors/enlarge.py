"""Designs at the size that they leave at."""

from __future__ import annotations

import numpy as np

from pipeline.interiors.squares import resized
from pipeline.models.upscale import UpscaleNetwork
from pipeline.upscale import Upscaler


def enlarged(pixels: np.ndarray, size: int, network: UpscaleNetwork | None, name: str) -> np.ndarray:
    """A design `(S, S, 3)` uint8 at a size in px that is not smaller; `network`, called `name`, enlarges it."""
    if network is None or len(pixels) == size:
        return resized(pixels, size)
    return Upscaler(network, name).enlarge(pixels, size)
