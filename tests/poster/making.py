"""Templates and scenes that tests put together."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from pipeline.poster.canvas import Canvas
from pipeline.poster.layers import Scene
from pipeline.poster.motion import Timeline
from pipeline.poster.template import Template
from pipeline.typography.fonts import FontSet

PALETTE = {"paper": "#FFFFFF", "ink": "#111111", "accent": "#CC2200", "soft": "#777777"}

RATE = Fraction(30)


def template(*layers: dict[str, Any], **changes: Any) -> Template:
    """One of these layers, which knows the variables {headline} and {link}."""
    told = {
        "title": "Test",
        "variables": {"headline": {"default": "Hello"}, "link": {"default": ""}},
        "palettes": {"ink": PALETTE},
        "palette": "ink",
        "layers": list(layers),
    }
    return Template.model_validate({**told, **changes})


def noise(width: int = 60, height: int = 40, seed: int = 0) -> np.ndarray:
    """A picture in which every place differs: (H, W, 3) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


class Shown:
    """A background: a picture, or a film of plain greys, one code a frame."""

    def __init__(self, picture: np.ndarray, *, is_film: bool = False) -> None:
        self.picture, self.is_film = picture, is_film

    def frame(self, number: int | None) -> np.ndarray:
        """See Footage."""
        return self.picture if number is None else np.full_like(self.picture, number)


def scene(
    width: int = 200,
    height: int = 250,
    *,
    seconds: float | None = None,
    loop: bool = True,
    background: Shown | None = None,
    locale: str = "en",
    pictures: Mapping[str, np.ndarray] | None = None,
    **values: str,
) -> Scene:
    """A poster to put together; still, or of so many seconds at 30 frames a second."""
    frames = 0 if seconds is None else round(seconds * RATE)
    return Scene(
        canvas=Canvas(width, height),
        values={"headline": "Hello", "link": "", **values},
        palette=PALETTE,
        families={},
        fonts=FontSet.shipped,
        locale=locale,
        picture=lambda path: (pictures or {})[path],
        footage=lambda name: background or Shown(noise()),
        mirrored=locale == "ar",
        timeline=None if seconds is None else Timeline(seconds, loop),
        times=[float(number / RATE) for number in range(frames)],
    )
