"""A palette taken from a picture: its roles filled with colours that lie in it, words readable on their ground."""

from __future__ import annotations

import numpy as np

from pipeline.board.palette import Swatch, sample
from pipeline.drawing.colour import to_oklch
from pipeline.poster.colours import LARGE_CONTRAST, TEXT_CONTRAST, assured, hexadecimal, luminance

_LIVELY = 0.02
"""Share of a picture below which a colour is too rare to be its accent."""


def from_picture(picture: np.ndarray) -> dict[str, str]:
    """Role → colour, from an (H, W, 3) uint8 sRGB picture.

    Paper is its most frequent colour, made lighter or darker still as it is light or dark; ink is read on it by WCAG's
    level AA, and so is the accent, the liveliest of the others, in large letters.
    """
    swatches = sample(picture)
    paper = _apart(max(swatches, key=lambda swatch: swatch.share).rgb)
    ground = luminance(np.array([paper], np.uint8))
    others = [swatch for swatch in swatches if swatch.share >= _LIVELY] or list(swatches)
    ink, _ = assured(_furthest(others, float(ground[0])), ground, TEXT_CONTRAST)
    accent, _ = assured(max(others, key=_chroma).rgb, ground, LARGE_CONTRAST)
    soft, _ = assured(_towards(ink, paper), ground, LARGE_CONTRAST)
    return {
        role: hexadecimal(rgb)
        for role, rgb in zip(("paper", "ink", "accent", "soft"), (paper, ink, accent, soft), strict=True)
    }


def _apart(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """The colour moved away from middle grey, on which neither black nor white is read well."""
    is_light = float(luminance(np.array(rgb, np.uint8))) > 0.18
    room, _ = assured(rgb, np.array([0.0 if is_light else 1.0]), 8.0)
    return room


def _furthest(swatches: list[Swatch], ground: float) -> tuple[int, int, int]:
    return max(
        (swatch.rgb for swatch in swatches), key=lambda rgb: abs(float(luminance(np.array(rgb, np.uint8))) - ground)
    )


def _chroma(swatch: Swatch) -> float:
    return to_oklch(np.array(swatch.rgb, np.float32) / 255)[1]


def _towards(ink: tuple[int, int, int], paper: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = (round(0.6 * one + 0.4 * other) for one, other in zip(ink, paper, strict=True))
    return red, green, blue
