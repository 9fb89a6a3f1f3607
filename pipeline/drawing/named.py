"""Colours by the words that people use for them: what captions say, and what motifs are painted with."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.colour import Colour, oklch, to_oklch

_SHADES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "black": ((0.20, 0.01, 60), (0.30, 0.02, 260)),
    "dark grey": ((0.42, 0.01, 250),),
    "grey": ((0.64, 0.01, 250),),
    "light grey": ((0.82, 0.01, 250),),
    "white": ((0.97, 0.005, 90),),
    "dark red": ((0.38, 0.12, 22), (0.40, 0.07, 20)),
    "red": ((0.58, 0.20, 27), (0.56, 0.11, 25)),
    "pink": ((0.80, 0.11, 355), (0.82, 0.06, 5), (0.68, 0.12, 355)),
    "brown": ((0.42, 0.07, 50), (0.54, 0.06, 62)),
    "orange": ((0.73, 0.16, 56), (0.68, 0.11, 50)),
    "beige": ((0.88, 0.045, 80), (0.78, 0.05, 75)),
    "yellow": ((0.88, 0.16, 98), (0.82, 0.10, 92)),
    "light green": ((0.86, 0.09, 145),),
    "green": ((0.62, 0.14, 148), (0.62, 0.07, 145)),
    "dark green": ((0.40, 0.08, 152), (0.42, 0.04, 150)),
    "teal": ((0.55, 0.09, 198), (0.45, 0.05, 200)),
    "turquoise": ((0.80, 0.09, 195),),
    "light blue": ((0.82, 0.07, 240), (0.82, 0.04, 250)),
    "blue": ((0.55, 0.16, 258), (0.60, 0.08, 250)),
    "dark blue": ((0.34, 0.10, 262), (0.38, 0.05, 262)),
    "lilac": ((0.78, 0.09, 308), (0.78, 0.05, 308)),
    "purple": ((0.48, 0.15, 308), (0.46, 0.07, 315)),
}
"""Lightness, chroma and hue of each colour as it is meant, then of its muted kin, by which it is still called."""

COLOURS = tuple(_SHADES)


def named(word: str) -> Colour:
    """The colour that a word of COLOURS means."""
    return oklch(*_SHADES[word][0])


def name_of(colour: Colour) -> str:
    """The word of COLOURS that lies nearest, in OKLab."""
    apart = np.linalg.norm(_ANCHORS - _lab(*to_oklch(colour)), axis=1)
    return _NAMES[int(apart.argmin())]


def _lab(lightness: float, chroma: float, hue: float) -> np.ndarray:
    # Lightness counts for less: a shadow on a red wall leaves it red.
    angle = np.radians(hue)
    return np.array([0.6 * lightness, chroma * np.cos(angle), chroma * np.sin(angle)])


_NAMES = tuple(word for word, shades in _SHADES.items() for _ in shades)
_ANCHORS = np.array([_lab(*shade) for shades in _SHADES.values() for shade in shades])
