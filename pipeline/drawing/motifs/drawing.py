"""A motif's picture: its subject's shapes, from back to front, each in one of its colours."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.canvas import Canvas
from pipeline.drawing.colour import Colour, shifted
from pipeline.drawing.motifs import places, signs, things
from pipeline.drawing.motifs.attributes import Motif
from pipeline.drawing.motifs.shapes import Shapes
from pipeline.drawing.named import named
from pipeline.errors import InputError

SMALLEST, LARGEST = 32, 1024
"""Sides of a picture in pixels."""

_OVERSAMPLING = 3
_SHADE = 0.035
"""Lightness that `lightness` adds or takes at most."""

_SUBJECTS = {**places.SUBJECTS, **things.SUBJECTS, **signs.SUBJECTS}


def draw(motif: Motif, size: int) -> np.ndarray:
    """The picture of a motif: (size, size, 3) uint8, sRGB. The same motif gives the same bytes.

    Raises: InputError for a size that is not a whole number of pixels in [32, 1024].
    """
    if not isinstance(size, int | np.integer) or isinstance(size, bool) or not SMALLEST <= size <= LARGEST:
        raise InputError(f"motif: size is {size!r}, but must be a whole number of pixels from {SMALLEST} to {LARGEST}")
    canvas = Canvas(int(size) * _OVERSAMPLING)
    canvas.pixels[:] = _shade(motif, motif.ground)[:, None, None]
    colours = {name: _shade(motif, getattr(motif, name)) for name in ("colour", "second", "ground")}
    for name, outline in _shapes(motif):
        canvas.paint(canvas.shape(outline), colours[name])
    return canvas.developed(int(size))


def _shapes(motif: Motif) -> Shapes:
    return _SUBJECTS[motif.subject](motif)


def _shade(motif: Motif, word: str) -> Colour:
    return shifted(named(word), lightness=_SHADE * motif.lightness)
