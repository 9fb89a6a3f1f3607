"""Saturation: colours further from the grey of their luma, or nearer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.light import luma


class Saturation(Edit):
    """Stronger or paler colours."""

    main: ClassVar[str] = "amount"
    like: ClassVar[str] = "saturation: 1.2"

    amount: Annotated[float, Field(ge=0, le=10, description="1 changes nothing, 0 is black and white")]

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        amount = np.float32(self.amount)

        def colour(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            if amount == 1:
                return pixels
            grey = luma(pixels)
            return grey + (pixels - grey) * amount

        return colour
