"""Motifs that fill the picture: land, water and towns."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from pipeline.drawing.motifs.attributes import Motif
from pipeline.drawing.motifs.shapes import Shapes, box, disc, land, wave

_TURN = 2 * math.pi


def hills(motif: Motif) -> Shapes:
    """A sun over hills."""
    return [
        ("second", disc(0.5 + 0.25 * motif.place, 0.36 - 0.07 * motif.height, 0.16 + 0.04 * motif.size)),
        ("colour", land(wave(0.6, 0.07, _TURN * motif.swing))),
        ("ground", land(wave(0.74, 0.06, _TURN * motif.swing + 2.2))),
        ("colour", land(wave(0.78, 0.06, _TURN * motif.swing + 2.2))),
    ]


def mountains(motif: Motif) -> Shapes:
    """Peaks with snow, and a sun."""
    x, top = 0.5 + 0.18 * motif.place, 0.28 - 0.06 * motif.size
    shapes: Shapes = [("second", disc(0.5 - 0.28 * motif.place - 0.12, 0.22 - 0.04 * motif.height, 0.09))]
    for middle, peak in ((x - 0.3, top + 0.2), (x + 0.32, top + 0.24), (x, top)):
        shapes.append(("colour", land(np.array([(middle - 0.75 * (1 - peak), 1.0), (middle, peak),
                                                (middle + 0.75 * (1 - peak), 1.0)]))))  # fmt: skip
        snow = [(0, 0), (0.12, 0.16), (0.05, 0.13), (0.0, 0.18), (-0.06, 0.12), (-0.12, 0.16)]
        shapes.append(("second", np.array([(middle + dx, peak + dy) for dx, dy in snow])))
    return shapes


def sea(motif: Motif) -> Shapes:
    """A moon over waves."""
    level = 0.55 - 0.05 * motif.height
    shapes: Shapes = [("second", disc(0.5 + 0.25 * motif.place, 0.28, 0.14 + 0.03 * motif.size))]
    for row in range(4):
        turn = _TURN * motif.swing + 1.7 * row
        shapes.append(("colour", land(wave(level + 0.12 * row, 0.025, turn, waves=2.5))))
        if row < 3:
            shapes.append(("ground", land(wave(level + 0.12 * row + 0.085, 0.025, turn + 1.0, waves=2.5))))
    return shapes


def city(motif: Motif) -> Shapes:
    """Houses with lit windows in a row."""
    shapes: Shapes = []
    lots = np.random.default_rng(int(motif.swing * 2**31))
    for x in np.linspace(0.02, 0.82, 5).tolist():
        top = 0.3 + 0.28 * lots.random() - 0.08 * motif.size
        shapes.append(("colour", box(x, top, x + 0.155 + 0.01 * motif.place, 1.02)))
        for row in range(int((0.95 - top) / 0.13)):
            for column in range(2):
                if lots.random() < 0.75:
                    left, upper = x + 0.03 + 0.06 * column, top + 0.05 + 0.13 * row
                    shapes.append(("second", box(left, upper, left + 0.04, upper + 0.06)))
    return shapes


SUBJECTS: dict[str, Callable[[Motif], Shapes]] = {"hills": hills, "mountains": mountains, "sea": sea, "city": city}
