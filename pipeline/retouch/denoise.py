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

_UNLIKE = np.float32(-30)
"""Exponent below which nobody has a say: what is smaller yet is no normal number, and a hundred times as slow."""

_BAND = 48
"""Rows at a time."""

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
        width = self.amount * _MOST

        def denoise(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            return pixels if width == 0 else _means(pixels, width, self.reach)

        return denoise


def _means(pixels: np.ndarray, width: float, reach: int) -> np.ndarray:
    """(H, W, 3) float32. `width`: the root mean square difference of surroundings at which a pixel's say is 1/e."""
    margin = reach + _PATCH // 2
    around = cv2.copyMakeBorder(pixels, margin, margin, margin, margin, cv2.BORDER_REFLECT_101)
    made = np.empty_like(pixels)
    # In bands, which a processor's cache holds.
    for top in range(0, len(pixels), _BAND):
        rows = min(_BAND, len(pixels) - top)
        made[top : top + rows] = _band(around[top : top + rows + 2 * margin], width, reach)
    return made


def _band(around: np.ndarray, width: float, reach: int) -> np.ndarray:
    """The means of some rows, of which all that surrounds them is given."""
    edge = _PATCH // 2
    planes = [np.ascontiguousarray(around[..., channel]) for channel in range(3)]
    tall, wide = around.shape[0] - 2 * reach, around.shape[1] - 2 * reach
    inner = np.s_[edge : tall - edge, edge : wide - edge]
    totals = [np.zeros((tall - 2 * edge, wide - 2 * edge), np.float32) for _ in planes]
    weights = np.zeros_like(totals[0])
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            apart = np.zeros((tall, wide), np.float32)
            others = [plane[down : down + tall, right : right + wide] for plane in planes]
            for plane, other in zip(planes, others, strict=True):
                cv2.accumulateSquare(plane[reach : reach + tall, reach : reach + wide] - other, apart)
            alike = cv2.blur(apart, (_PATCH, _PATCH))[inner] * np.float32(-1 / (3 * width**2))
            weight = cv2.exp(np.maximum(alike, _UNLIKE))
            for total, other in zip(totals, others, strict=True):
                cv2.accumulateProduct(weight, other[inner], total)
            weights += weight
    return np.dstack([total / weights for total in totals])
