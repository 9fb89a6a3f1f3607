"""The colours of a figure: one that is named, or tints of any colour."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np

from pipeline.drawing.colour import oklch, to_oklch
from pipeline.errors import InputError

Colour = tuple[int, int, int]
"""sRGB, 0 to 255."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Palette:
    """What a figure's parts are coloured with."""

    limbs: Colour
    trunk: Colour
    joints: Colour
    """Between the limbs' parts, and the visor."""
    head: Colour
    ends: Colour
    """Hands and feet."""
    trail: Colour
    """Of ribbons."""
    blade: Colour = (214, 221, 230)
    hilt: Colour = (158, 124, 70)


def tints(colour: Colour) -> Palette:
    """A palette of one colour: the trunk is lighter, hands and feet darker, joints nearly black, or light on black."""
    lightness, chroma, hue = to_oklch(np.array(colour, np.float32) / 255)
    dark = lightness < _DARK

    def tint(more: float, *, colourful: float = 1.0) -> Colour:
        red, green, blue = (oklch(min(max(lightness + more, 0.0), 1.0), chroma * colourful, hue) * 255 + 0.5).tolist()
        return int(red), int(green), int(blue)

    def plain(level: float) -> Colour:
        red, green, blue = (oklch(level, min(chroma, 0.02), hue) * 255 + 0.5).tolist()
        return int(red), int(green), int(blue)

    return Palette(
        limbs=colour,
        trunk=tint(0.025),
        joints=plain(0.80 if dark else 0.36),
        head=tint(0.045, colourful=0.9),
        ends=tint(-0.06),
        trail=tint(max(0.78 - lightness, 0.0) if chroma > 0.04 else 0.0),
    )


_DARK = 0.42
"""Lightness below which joints are light."""

PALETTES: dict[str, Palette] = {
    "porcelain": replace(tints((224, 222, 217)), joints=(56, 60, 70), trail=(255, 190, 110)),
    "ember": tints((214, 92, 48)),
    "amber": tints((232, 168, 56)),
    "moss": tints((116, 148, 86)),
    "lagoon": tints((42, 146, 158)),
    "cobalt": tints((64, 104, 206)),
    "orchid": tints((170, 98, 184)),
    "rose": tints((218, 112, 128)),
    "graphite": replace(tints((70, 74, 82)), joints=(206, 208, 212), trail=(120, 200, 255)),
}
"""Name → colours."""


def palette_of(text: str) -> Palette:
    """The palette of that name, or the tints of a colour: `ember`, `#C8442B`.

    Raises: InputError if it is neither.
    """
    written = text.strip()
    if (named := PALETTES.get(written.lower())) is not None:
        return named
    if _HEX.fullmatch(written):
        return tints((int(written[1:3], 16), int(written[3:5], 16), int(written[5:7], 16)))
    near = get_close_matches(written.lower(), PALETTES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"write {', '.join(PALETTES)}, or a colour as #C8442B"
    raise InputError(f"{text!r} is no palette; {hint}")
