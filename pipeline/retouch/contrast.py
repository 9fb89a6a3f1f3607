"""Contrast: light and dark further from each other, or nearer, about a grey that stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from pipeline.retouch.edit import Brush, Edit, Moment

MIDDLE_GREY = 0.4614
"""18% of the light, as sRGB has it."""


class Contrast(Edit):
    """Light and dark further apart, or nearer."""

    main: ClassVar[str] = "amount"
    like: ClassVar[str] = "contrast: 1.2"

    amount: Annotated[float, Field(ge=0, le=10, description="1 changes nothing, 0 leaves one grey")]
    pivot: Annotated[float, Field(ge=0, le=1, description="the grey that stays, 0 to 1")] = MIDDLE_GREY

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        amount, pivot = np.float32(self.amount), np.float32(self.pivot)

        def spread(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            return pixels if amount == 1 else (pixels - pivot) * amount + pivot

        return spread
