"""Sharpening: what sets a pixel's luma apart from its surroundings, made more of. Edges get no coloured fringes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field

from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.light import luma


class Sharpen(Edit):
    """Crisper edges, by unsharp masking."""

    main: ClassVar[str] = "amount"
    like: ClassVar[str] = "sharpen: {amount: 0.8, radius: 1.5}"

    amount: Annotated[float, Field(ge=0, le=5, description="of what is added; 0 changes nothing")] = 0.5
    radius: Annotated[float, Field(gt=0, le=100, description="pixels of the surroundings")] = 1.0
    threshold: Annotated[float, Field(ge=0, le=1, description="differences that are left alone, as noise is")] = 0.0

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        amount, threshold = np.float32(self.amount), np.float32(self.threshold)

        def sharpen(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            if amount == 0:
                return pixels
            grey = luma(pixels)
            detail = grey - cv2.GaussianBlur(grey, (0, 0), self.radius)[..., None]
            if threshold > 0:
                # Drawn towards 0, and not cut off there: no step where a difference is just large enough.
                detail = np.copysign(np.maximum(np.abs(detail) - threshold, 0), detail)
            return pixels + detail * amount

        return sharpen
