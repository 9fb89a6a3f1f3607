"""Colours as templates write them, and how well one is read on another.

A colour is the name of a role in the poster's palette (`ink`), `#C8442B`, or a CSS name; `/60%` after it is how much of
what lies below it hides.

Source: W3C, CSS Color Module Level 4 (names, hexadecimal notation); WCAG 2.2, success criterion 1.4.3 and the
definitions of relative luminance and contrast ratio.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import cast

import numpy as np
from PIL import ImageColor

from pipeline.drawing.colour import oklch, to_oklch
from pipeline.errors import InputError

ROLES = ("paper", "ink", "accent", "soft")
"""What palettes have a colour for: the ground, words on it, what is to be seen first, and what steps back."""

TEXT_CONTRAST, LARGE_CONTRAST = 4.5, 3.0
"""WCAG's level AA."""

_PHONE = 360
"""CSS pixels of a phone's shorter side, on which most posters are seen: it makes WCAG's sizes sizes on a canvas."""

_LARGE, _LARGE_BOLD = 24 / _PHONE * 100, 18.66 / _PHONE * 100
"""18 pt, or 14 pt bold, in hundredths of the shorter side."""

_BOLD = 700

_HIDES = re.compile(r"(.*?)\s*/\s*([0-9]{1,3}(?:\.[0-9]{1,3})?)\s*(%?)")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")

Palette = Mapping[str, str]
"""Role → colour."""


@dataclass(frozen=True)
class Colour:
    """A colour and how much it hides."""

    rgb: tuple[int, int, int]
    """sRGB, 0 to 255."""
    alpha: float = 1.0
    """0 hides nothing, 1 all."""


@cache
def _named() -> frozenset[str]:
    """The names of CSS, which Pillow knows."""
    return frozenset(ImageColor.colormap)


def parse_colour(text: str, palette: Palette) -> Colour:
    """The colour that a text names. Raises: InputError if it names none."""
    return _parsed(text, tuple(palette.items()))


@lru_cache(maxsize=1024)
def _parsed(text: str, palette: tuple[tuple[str, str], ...]) -> Colour:
    roles, written, hides = dict(palette), text.strip(), 1.0
    if match := _HIDES.fullmatch(written):
        written, hides = match[1], float(match[2]) / (100 if match[3] else 1)
        if not 0 <= hides <= 1:
            raise InputError(f"{text!r}: how much a colour hides is 0% to 100%")
    written = roles.get(written, written)
    if _HEX.fullmatch(written) or written.lower() in _named():
        *rgb, alpha = cast(tuple[int, int, int, int], ImageColor.getcolor(written, "RGBA"))
        return Colour((rgb[0], rgb[1], rgb[2]), hides * alpha / 255)
    near = get_close_matches(written.lower(), [*roles, *sorted(_named())], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"write {', '.join(roles) or 'black'}, or #C8442B"
    raise InputError(f"{text!r} is no colour; {hint}")


def hexadecimal(rgb: tuple[int, int, int]) -> str:
    """`#C8442B`."""
    return "#{:02X}{:02X}{:02X}".format(*rgb)


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Relative luminance in [0, 1] of colours (..., 3), uint8 sRGB: (...), float64."""
    linear = _linear()[pixels]
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


@cache
def _linear() -> np.ndarray:
    codes = np.arange(256) / 255
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def contrast(one: float, other: float) -> float:
    """The contrast of two luminances: 1 if they are the same, 21 of black and white."""
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)


def contrast_of(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """The contrast of two colours."""
    return contrast(*luminance(np.array([one, other], np.uint8)).tolist())


def wanted_contrast(size: float, weight: int) -> float:
    """The least contrast of words; `size`: of their em, in hundredths of the shorter side."""
    is_large = size >= (_LARGE_BOLD if weight >= _BOLD else _LARGE)
    return LARGE_CONTRAST if is_large else TEXT_CONTRAST


def assured(rgb: tuple[int, int, int], grounds: np.ndarray, least: float) -> tuple[tuple[int, int, int], float]:
    """The colour nearest to `rgb` that is read on grounds of these luminances (N,), and the contrast it comes to.

    Its lightness alone moves, towards white or black, whichever is nearer. If neither reaches `least` on all grounds,
    the better of the two.
    """
    dark, light = float(grounds.min()), float(grounds.max())

    def worst(colour: tuple[int, int, int]) -> float:
        own = float(luminance(np.array(colour, np.uint8)))
        # Between the grounds, some ground is nearly the colour itself.
        return 1.0 if dark < own < light else min(contrast(own, dark), contrast(own, light))

    if worst(rgb) >= least:
        return rgb, worst(rgb)
    lightness, chroma, hue = to_oklch(np.array(rgb, np.float32) / 255)
    steps = np.linspace(0, 1, 51)
    found = [
        (abs(new - lightness), colour, worst(colour))
        for new in (*(lightness * (1 - steps)), *(lightness + (1 - lightness) * steps))
        if worst(colour := _lit(new, chroma, hue)) >= least
    ]
    if found:
        _, colour, reached = min(found)
        return colour, reached
    return max((((255, 255, 255), worst((255, 255, 255))), ((0, 0, 0), worst((0, 0, 0)))), key=lambda each: each[1])


def _lit(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    # Chroma goes with what a screen can show of it: none at black and white.
    room = min(1.0, 4 * lightness, 4 * (1 - lightness))
    red, green, blue = (int(value) for value in np.rint(oklch(lightness, chroma * room, hue) * 255))
    return red, green, blue
