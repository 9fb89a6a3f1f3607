"""Denoising by non-local means: each pixel becomes a mean of those around it whose surroundings look like its own.

Source: Buades, Coll and Morel, A non-local algorithm for image denoising, 2005; Darbon et al., Fast nonlocal filtering
applied to electron cryomicroscopy, 2008 (a shift at a time, distances by a box filter). OpenCV's own takes 8 bits only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field

from pipeline.retouch.edit import Brush, Edit, Moment

_MOST = 0.15
"""Of 1: the difference of surroundings that the strongest denoising takes for noise."""

_PATCH = 5
"""Pixels of the surroundings that are compared, along a side."""


class Denoise(Edit):
    """Less noise, with edges kept."""

    main: ClassVar[str] = "amount"
    like: ClassVar[str] = "denoise: 0.3"

    amount: Annotated[float, Field(ge=0, le=1, description="0 changes nothing, 0.3 takes a dark film's noise")] = 0.3
    reach: Annotated[int, Field(ge=1, le=15, description="pixels on each side that are looked through")] = 4

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        width = np.float32(self.amount * _MOST)

        def denoise(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            return pixels if width == 0 else _means(pixels, width, self.reach)

        return denoise


def _means(pixels: np.ndarray, width: np.float32, reach: int) -> np.ndarray:
    """(H, W, 3) float32. `width`: the root mean square difference of surroundings that halves nobody's say, but e's."""
    height, across = pixels.shape[:2]
    around = cv2.copyMakeBorder(pixels, reach, reach, reach, reach, cv2.BORDER_REFLECT_101)
    total = np.zeros_like(pixels)
    weights = np.zeros((height, across), np.float32)
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            other = around[down : down + height, right : right + across]
            apart = cv2.blur(np.square(pixels - other).mean(axis=2), (_PATCH, _PATCH))
            weight = np.exp(-apart / width**2)
            total += other * weight[..., None]
            weights += weight
    return total / weights[..., None]
