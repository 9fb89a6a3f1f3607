"""What edits that write have in common: the posters' typography, colours, and for how long words are seen."""

from __future__ import annotations

import math
from fractions import Fraction
from threading import Lock
from typing import Annotated

import cv2
import numpy as np
from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from pipeline.poster.outlines import rounded
from pipeline.retouch.colours import Ink, hides, rgb_of
from pipeline.retouch.edit import Edit, Moment
from pipeline.retouch.layers import Layer, inked
from pipeline.retouch.times import Seconds
from pipeline.typography.fonts import FontSet
from pipeline.typography.ink import coverage
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import Typeset, check, typeset

_MARGIN = 0.06
"""Of the shorter side, that is kept free at the picture's edges."""

_SHADOW, _SHADOW_HIDES = 0.09, 0.75
"""Blur of the shadow that makes letters stand out, in em, and how much it hides."""

_STEPS = 64
"""Of sizes, in a pixel."""

_PAD = 0.32
"""Of a plate around letters, in em."""


def _bare(value: object) -> object:
    return None if value in ("none", False) else value


Plate = Annotated[Ink | None, BeforeValidator(_bare)]
"""The colour of a ground below words."""

_drawing = Lock()
"""Fonts are shared, and drawn with by one thread at a time."""


class Lettered(Edit):
    """What all words have."""

    model_config = ConfigDict(populate_by_name=True)

    font: Annotated[str | None, Field(description="family, as Oswald; default Noto Sans")] = None
    weight: Annotated[int, Field(ge=1, le=1000, description="400 is regular, 700 bold")] = 600
    colour: Annotated[Ink, Field(description="of the letters")] = "white"
    locale: Annotated[str, Field(description="language tag, as de or ar, for its letters and its direction")] = ""
    from_s: Annotated[Seconds | None, Field(alias="from", description="when it comes, in seconds or as '1:02.5'")] = (
        None
    )
    to_s: Annotated[Seconds | None, Field(alias="to", description="when it is gone")] = None
    fade_s: Annotated[Seconds, Field(alias="fade", description="seconds that it takes to come, and to go")] = 0.0

    @model_validator(mode="after")
    def _comes_before_it_goes(self) -> Lettered:
        if self.from_s is not None and self.to_s is not None and self.to_s <= self.from_s:
            raise ValueError(
                f"it is to go at {self.to_s:g} s, before it comes at {self.from_s:g}; exchange from and to"
            )
        return self

    @property
    def needs_a_film(self) -> bool:
        """See Edit."""
        return self.from_s is not None or self.to_s is not None

    def opacity(self, moment: Moment) -> float:
        """How much is seen at a moment, 0 to 1."""
        if moment.seconds is None or moment.last is None:
            return 1.0
        start = Fraction(self.from_s or 0)
        # With nothing said, it is seen in the last frame too.
        stop = moment.last + 1 if self.to_s is None else Fraction(self.to_s)
        if not start <= moment.seconds < stop:
            return 0.0
        if not self.fade_s:
            return 1.0
        left = (moment.last if self.to_s is None else stop) - moment.seconds
        fade = Fraction(self.fade_s)
        return float(min((moment.seconds - start) / fade, left / fade, Fraction(1)))

    def style(self, size_px: float, **more: object) -> TextStyle:
        """How words are set. Raises: InputError if they cannot be."""
        # Sizes are set in such steps, rounded down.
        smallest = max(math.floor(min(size_px, max(size_px / 3, 6.0)) * _STEPS) / _STEPS, 1.0)
        return TextStyle(
            families=(self.font,) if self.font else (),
            weight=self.weight,
            locale=self.locale,
            size_px=max(size_px, smallest),
            smallest_px=smallest,
            align="center",
            **more,  # type: ignore[arg-type]
        )

    def check_words(self, text: str) -> None:
        """That there are letters for all of a text. Raises: InputError."""
        with _drawing:
            check(text, self.style(20.0), FontSet.shipped())


def margin(width: int, height: int) -> int:
    """Free at the edges, px."""
    return round(_MARGIN * min(width, height))


def set_words(text: str, style: TextStyle, width: float, height: float) -> Typeset:
    """A text in its box. Raises: InputError if it does not fit, or has letters that no font has."""
    with _drawing:
        return typeset(text, style, width, height, FontSet.shipped())


def drawn(made: Typeset, box: tuple[int, int, int, int], ink: Ink, *, plate: Ink | None) -> tuple[Layer, ...]:
    """A text as it lies in a picture; `box`: left, top, width and height of what it was set in, px.

    Without a plate it has a soft shadow, so that it is read on anything.
    """
    left, top, width, height = box
    with _drawing:
        cover = coverage(made, width, height)
    if made.ink is None:
        return ()
    letters = inked(cover, rgb_of(ink), hides(ink), left=left, top=top)
    below = _shadow(cover, made.size_px, left, top) if plate is None else _ground(made, plate, left, top)
    return below, letters


def _shadow(cover: np.ndarray, size_px: float, left: int, top: int) -> Layer:
    blur = max(_SHADOW * size_px, 0.5)
    room = int(np.ceil(3 * blur))
    wide = cv2.copyMakeBorder(cover, room, room, room, room, cv2.BORDER_CONSTANT, value=0)
    soft = cv2.GaussianBlur(wide.astype(np.float32) * 2, (0, 0), blur).clip(0, 255).astype(np.uint8)
    return inked(soft, (0.0, 0.0, 0.0), _SHADOW_HIDES, left=left - room, top=top - room)


def _ground(made: Typeset, ink: Ink, left: int, top: int) -> Layer:
    """Around all lines, as high whether letters hang down or not."""
    assert made.ink is not None, "who asks has looked"
    pad = _PAD * made.size_px
    x0, y0 = made.ink.x0 - pad, min(made.ink.y0, made.lines[0].baseline - 0.72 * made.size_px) - pad
    x1, y1 = made.ink.x1 + pad, max(made.ink.y1, made.lines[-1].baseline + 0.1 * made.size_px) + pad
    at = int(np.floor(x0)), int(np.floor(y0))
    cover = rounded(x1 - x0, y1 - y0, pad / 2, left=x0 - at[0], top=y0 - at[1])
    return inked(cover, rgb_of(ink), hides(ink), left=left + at[0], top=top + at[1])
