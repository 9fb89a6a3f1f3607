"""Titles: large words over the picture, with smaller ones below them, which come and go softly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from pipeline.retouch.caption import Text
from pipeline.retouch.edit import Brush, Moment
from pipeline.retouch.layers import Layer, laid
from pipeline.retouch.times import Seconds
from pipeline.retouch.words import Lettered, Plate, drawn, margin, set_words

_SUBTITLE, _SUBTITLE_WEIGHT = 0.36, 500
"""Size of the smaller words, of the larger ones'."""

_GAP = 0.45
"""Between the two, in em of the smaller words."""

_TALLEST = 0.6
"""Of the picture, that the large words may take."""


class Title(Lettered):
    """Large words over the picture."""

    main: ClassVar[str] = "text"
    like: ClassVar[str] = "title: {text: Moonlit Bay, to: 3}"

    text: Annotated[Text, Field(description="the large words")]
    subtitle: Annotated[Text | None, Field(description="smaller ones below them")] = None
    font: Annotated[str | None, Field(description="family, as Oswald")] = "Montserrat"
    weight: Annotated[int, Field(ge=1, le=1000, description="400 is regular, 700 bold")] = 700
    size: Annotated[
        float, Field(gt=0, le=80, description="of the large letters, in per cent of the shorter side, at most")
    ] = 15.0
    position: Annotated[Literal["top", "middle", "bottom"], Field(description="where it stands")] = "middle"
    fade_s: Annotated[Seconds, Field(alias="fade", description="seconds that it takes to come, and to go")] = 0.5
    plate: Annotated[Plate, Field(description="colour below the words; none gives them a shadow")] = None

    def check(self, files: Mapping[str, bytes]) -> None:
        """See Edit."""
        for text in filter(None, (self.text, self.subtitle)):
            self.check_words(text)

    def sized(self, width: int, height: int) -> tuple[int, int]:
        """See Edit: a text that does not fit is told before anything is painted."""
        self._layers(width, height)
        return width, height

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        layers = lru_cache(maxsize=8)(self._layers)

        def write(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            opacity = self.opacity(moment)
            return pixels if opacity == 0 else laid(pixels, layers(pixels.shape[1], pixels.shape[0]), opacity)

        return write

    def _layers(self, width: int, height: int) -> tuple[Layer, ...]:
        edge = margin(width, height)
        room = width - 2 * edge, round(_TALLEST * height)
        large = self.style(self.size / 100 * min(width, height), valign="top")
        title = set_words(self.text, large, *room)
        if title.ink is None:
            return ()
        tall = int(np.ceil(title.ink.y1))
        small, gap = None, 0
        if self.subtitle is not None:
            lesser = self.model_copy(update={"weight": min(self.weight, _SUBTITLE_WEIGHT)})
            style = lesser.style(max(_SUBTITLE * title.size_px, 6.0), valign="top")
            small = set_words(self.subtitle, style, room[0], max(1, round(height * (1 - _TALLEST)) - 2 * edge))
            gap = round(_GAP * small.size_px)
        whole = tall + gap + (int(np.ceil(small.ink.y1)) if small is not None and small.ink else 0)
        top = {"top": edge, "middle": (height - whole) // 2, "bottom": height - edge - whole}[self.position]
        layers = drawn(title, (edge, top, *room), self.colour, plate=self.plate)
        if small is None:
            return layers
        return layers + drawn(small, (edge, top + tall + gap, room[0], height), self.colour, plate=self.plate)
