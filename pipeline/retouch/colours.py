"""Colours of inks, as edits name them: the posters' names, without the roles that only templates have."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from pipeline.errors import InputError
from pipeline.poster.colours import parse_colour


def _is_colour(value: str, info: ValidationInfo) -> str:
    try:
        parse_colour(value, {})
    except InputError as error:
        raise ValueError(f"{info.field_name}: {error}") from error
    return value


Ink = Annotated[str, AfterValidator(_is_colour)]
"""A colour that parse_colour knows: `white`, `#204060`, `black/60%`."""


def rgb_of(ink: str) -> tuple[float, float, float]:
    """Its sRGB, 0 to 1."""
    red, green, blue = parse_colour(ink, {}).rgb
    return red / 255, green / 255, blue / 255


def hides(ink: str) -> float:
    """How much it hides, 0 to 1."""
    return parse_colour(ink, {}).alpha
