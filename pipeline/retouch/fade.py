"""Fades of a film: from a colour at its beginning, to a colour at its end."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, ClassVar

import numpy as np
from pydantic import ConfigDict, Field

from pipeline.retouch.colours import Ink, rgb_of
from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.times import Seconds


class Fade(Edit):
    """From a colour, and to one."""

    model_config = ConfigDict(populate_by_name=True)

    like: ClassVar[str] = "fade: {in: 1, out: 2}"

    in_s: Annotated[Seconds, Field(alias="in", description="seconds that the film comes up from the colour")] = 0.0
    out_s: Annotated[Seconds, Field(alias="out", description="seconds that it goes down to it")] = 0.0
    colour: Annotated[Ink, Field(description="black, white, #204060 …")] = "black"

    @property
    def needs_a_film(self) -> bool:
        """See Edit."""
        return True

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        colour = np.array(rgb_of(self.colour), np.float32)

        def fade(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            share = np.float32(self.share(moment))
            return pixels if share == 1 else colour + (pixels - colour) * share

        return fade

    def share(self, moment: Moment) -> float:
        """How much of the film is seen, 0 to 1: nothing in its first frame, and nothing in its last."""
        if moment.seconds is None or moment.last is None:
            return 1.0
        up = moment.seconds / Fraction(self.in_s) if self.in_s else 1
        down = (moment.last - moment.seconds) / Fraction(self.out_s) if self.out_s else 1
        return float(min(up, down, 1))
