"""Draws lots for a motif: a subject, and three colours that can be told apart."""

from __future__ import annotations

from functools import cache

import numpy as np

from pipeline.drawing.colour import to_oklch
from pipeline.drawing.motifs.attributes import COUNTED, SUBJECTS, Motif
from pipeline.drawing.named import COLOURS, named

_APART = 0.22
"""The least distance in OKLab between colours that lie side by side."""


def sample(seed: int) -> Motif:
    """The motif of a seed. Seeds that lie side by side have nothing to do with each other."""
    rng = np.random.default_rng([seed, 0x3071])
    subject = SUBJECTS[int(rng.integers(len(SUBJECTS)))]
    colour = _one(rng, ())
    ground = _one(rng, (colour,))
    leans = {name: float(rng.uniform(-1, 1)) for name in ("size", "place", "height", "lightness")}
    return Motif(
        subject=subject,
        colour=colour,
        second=_one(rng, (colour, ground)),
        ground=ground,
        count=int(rng.integers(1, 5)) if subject in COUNTED else 1,
        swing=float(rng.random()),
        **leans,
    )


def _one(rng: np.random.Generator, others: tuple[str, ...]) -> str:
    """A colour that is none of these, nor like them."""
    fit = [word for word in COLOURS if all(_apart(word, other) > _APART for other in others)]
    return fit[int(rng.integers(len(fit)))]


@cache
def _apart(first: str, second: str) -> float:
    return float(np.linalg.norm(_lab(first) - _lab(second)))


def _lab(word: str) -> np.ndarray:
    lightness, chroma, hue = to_oklch(named(word))
    return np.array([lightness, chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))])
