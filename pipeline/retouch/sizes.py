"""Sizes and shapes of pictures as people write them: `640x360`, `16:9`, `2.39`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo

LARGEST_PX = 16_384

_SIZE = re.compile(r"([0-9]{1,6})\s*[xX\u00d7]\s*([0-9]{1,6})")
_ASPECT = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?)(?:\s*[:/]\s*([0-9]{1,4}(?:\.[0-9]{1,6})?))?")

_SLIMMEST = 50
"""Times as long as the other side."""


def is_size(value: object) -> bool:
    """Whether it looks like `640x360`."""
    return isinstance(value, str) and _SIZE.fullmatch(value.strip()) is not None


def size_of(text: str) -> tuple[int, int]:
    """Width and height of `640x360`, px. Raises: ValueError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:40]!r} is no size; write 640x360")
    width, height = int(match[1]), int(match[2])
    if not (1 <= width <= LARGEST_PX and 1 <= height <= LARGEST_PX):
        raise ValueError(f"{text}: sides are 1 to {LARGEST_PX:,} px")
    return width, height


def _is_size(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        raise ValueError(f"{info.field_name}: {str(value)[:40]} is no size; write 640x360")
    try:
        size_of(value)
    except ValueError as error:
        raise ValueError(f"{info.field_name}: {error}") from error
    return value


Size = Annotated[str, BeforeValidator(_is_size)]
"""`640x360`."""


def _aspect(value: object, info: ValidationInfo) -> object:
    if isinstance(value, int) and value >= 60:
        # YAML 1.1 reads 16:9 as sixteen minutes and nine.
        value = f"{value // 60}:{value % 60}"
    match = _ASPECT.fullmatch(str(value).strip()) if isinstance(value, str | int | float) else None
    wide, tall = (Fraction(match[1]), Fraction(match[2] or 1)) if match else (Fraction(0), Fraction(0))
    if not (wide and tall and 1 <= _SLIMMEST * wide / tall <= _SLIMMEST**2):
        raise ValueError(f"{info.field_name}: {str(value)[:40]!r} is no shape of a picture; write 16:9, 1:1 or 2.39")
    return str(wide / tall)


Aspect = Annotated[str, BeforeValidator(_aspect, json_schema_input_type=str | float)]
"""Width to height, as a fraction: `16/9`."""
