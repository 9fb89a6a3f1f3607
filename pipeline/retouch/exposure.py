"""Exposure: more or less light, as a longer or shorter look at the scene would have given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.light import encoded, linear


class Exposure(Edit):
    """More or less light."""

    main: ClassVar[str] = "stops"
    like: ClassVar[str] = "exposure: 0.5"

    stops: Annotated[float, Field(ge=-10, le=10, description="1 doubles the light, -1 halves it")]

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        gain = np.float32(2.0**self.stops)

        def expose(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            return pixels if gain == 1 else encoded(linear(pixels) * gain)

        return expose
