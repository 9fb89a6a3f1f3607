"""Motifs of plain signs: one to four of them, or stripes over all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.drawing.motifs.attributes import Motif
from pipeline.drawing.motifs.shapes import Shapes, box, disc, heart, star

_PLACES = {
    1: ((0.5, 0.5),),
    2: ((0.28, 0.5), (0.72, 0.5)),
    3: ((0.5, 0.28), (0.27, 0.69), (0.73, 0.69)),
    4: ((0.28, 0.28), (0.72, 0.28), (0.28, 0.72), (0.72, 0.72)),
}
_RADII = {1: 0.3, 2: 0.19, 3: 0.19, 4: 0.18}


def _placed(motif: Motif, sign: Callable[[float, float, float], np.ndarray]) -> Shapes:
    radius = _RADII[motif.count] * (1 + 0.15 * motif.size)
    move = 0.04 * motif.place, -0.04 * motif.height
    return [("colour", sign(x + move[0], y + move[1], radius)) for x, y in _PLACES[motif.count]]


def _stripes(motif: Motif) -> Shapes:
    count = 3 + round(motif.size)
    breadth = 1 / (2 * count)
    return [("colour", box(x, -0.02, x + breadth, 1.02)) for x in (np.arange(count) * 2 + 0.5) * breadth]


SUBJECTS: dict[str, Callable[[Motif], Shapes]] = {
    "stars": lambda motif: _placed(motif, star),
    "hearts": lambda motif: _placed(motif, heart),
    "circles": lambda motif: _placed(motif, disc),
    "stripes": _stripes,
}
