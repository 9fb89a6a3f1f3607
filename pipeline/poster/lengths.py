"""Lengths on a poster, so that one template fits every size.

A number is in hundredths of the canvas' shorter side: `6` is 65 px on a canvas of 1080x1350. `40%` is of the width or
height of the area that a box lies in, whichever the length goes along. `12px` is pixels, for hairlines.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator

_WRITTEN = re.compile(r"(-?[0-9]{1,6}(?:\.[0-9]{1,6})?)(%|px)?")

_RIGHT = "a length is a number in hundredths of the shorter side, 40% of the area, or 12px"


def _check(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or not _WRITTEN.fullmatch(_text(value)):
        raise ValueError(f"{value!r} is no length; {_RIGHT}")
    return float(value) if isinstance(value, int) else value


def _text(value: float | str) -> str:
    return str(value).replace(" ", "")


Length = Annotated[float | str, BeforeValidator(_check)]
"""As templates write it."""


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[float, str]:
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no length; {_RIGHT}")
    return float(match[1]), match[2] or ""


def pixels(length: float | str, *, along: float, unit: float) -> float:
    """A length in pixels; `along`: of the area's side, `unit`: of a hundredth of the canvas' shorter side."""
    value, kind = _parsed(_text(length))
    if kind == "%":
        return value / 100 * along
    return value if kind == "px" else value * unit
