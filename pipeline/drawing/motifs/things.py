"""Motifs of one thing in the middle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.drawing.curves import ellipse, ribbon
from pipeline.drawing.motifs.attributes import Motif
from pipeline.drawing.motifs.shapes import Shapes, box, disc, half_disc, land, leaf, wave


def _laid(motif: Motif, shapes: Shapes) -> Shapes:
    """Shapes about (0, 0), some 0.7 across, where and as large as a motif says."""
    scale = 1.0 + 0.14 * motif.size
    middle = (0.5 + 0.09 * motif.place, 0.5 - 0.05 * motif.height)
    return [(name, outline * scale + middle) for name, outline in shapes]


def boat(motif: Motif) -> Shapes:
    """Two sails over water."""
    shapes: Shapes = [
        ("colour", np.array([(0.015, -0.36), (0.015, 0.12), (0.27, 0.12)])),
        ("colour", np.array([(-0.03, -0.26), (-0.03, 0.12), (-0.22, 0.12)])),
        ("second", np.array([(-0.3, 0.17), (0.3, 0.17), (0.2, 0.3), (-0.2, 0.3)])),
    ]
    level = 0.79 - 0.05 * motif.height
    return [*_laid(motif, shapes), ("second", land(wave(level, 0.015, 6 * motif.swing, waves=3)))]


def tree(motif: Motif) -> Shapes:
    """A round crown on a stem, on the ground."""
    shapes: Shapes = [("second", box(-0.035, 0.05, 0.035, 0.36))]
    shapes += [("colour", disc(x, y, r)) for x, y, r in ((-0.14, -0.02, 0.16), (0.14, -0.02, 0.16), (0, -0.16, 0.2))]
    return [("second", land(wave(0.85, 0.012, 6 * motif.swing))), *_laid(motif, shapes)]


def house(motif: Motif) -> Shapes:
    """Walls, a roof, a door and two windows."""
    return _laid(
        motif,
        [
            ("colour", box(-0.27, -0.05, 0.27, 0.33)),
            ("second", np.array([(-0.35, -0.03), (0.0, -0.36), (0.35, -0.03)])),
            ("second", box(-0.06, 0.11, 0.06, 0.33)),
            ("ground", box(-0.2, 0.04, -0.1, 0.14)),
            ("ground", box(0.1, 0.04, 0.2, 0.14)),
        ],
    )


def vase(motif: Motif) -> Shapes:
    """Three flowers in a vase."""
    shapes: Shapes = []
    for lean, top in ((-0.2, -0.2), (0.2, -0.17), (0.0, -0.31)):
        shapes.append(("second", ribbon(np.array([(0, 0.12), (lean * 0.6, -0.02), (lean, top)]), np.full(3, 0.02))))
        shapes += [("colour", disc(lean, top, 0.085)), ("ground", disc(lean, top, 0.03))]
    shapes += [("second", leaf(0, 0.1, 0.2, turn=turn)) for turn in (-0.9, 0.9)]
    neck, belly = 0.08, 0.15
    outline = [(-neck, 0.06), (neck, 0.06), (belly, 0.2), (0.11, 0.36), (-0.11, 0.36), (-belly, 0.2)]
    return _laid(motif, [*shapes, ("second", np.array(outline))])


def cup(motif: Motif) -> Shapes:
    """A cup on a saucer, steaming."""
    shapes: Shapes = [
        ("colour", disc(0.24, 0.08, 0.12)),
        ("ground", disc(0.24, 0.08, 0.07)),
        ("colour", box(-0.22, -0.06, 0.22, 0.08)),
        ("colour", half_disc(0, 0.07, 0.22)),
        ("second", ellipse((0, 0.3), (0.32, 0.035))),
    ]
    rise = np.linspace(0, 1, 12)
    for x in (-0.09, 0.0, 0.09):
        steam = np.column_stack([x + 0.022 * np.sin(6 * rise + 6 * motif.swing), -0.12 - 0.2 * rise])
        shapes.append(("second", ribbon(steam, np.full(12, 0.026))))
    return _laid(motif, shapes)


def balloon(motif: Motif) -> Shapes:
    """A striped hot-air balloon with its basket."""
    shapes: Shapes = [
        ("colour", np.array([(-0.2, 0.0), (0.2, 0.0), (0.06, 0.22), (-0.06, 0.22)])),
        ("colour", disc(0, -0.12, 0.25)),
        ("second", ellipse((0, -0.12), (0.09, 0.25))),
        ("second", np.array([(-0.07, 0.06), (0.07, 0.06), (0.03, 0.22), (-0.03, 0.22)])),
        ("second", box(-0.055, 0.27, 0.055, 0.36)),
    ]
    shapes += [("second", ribbon(np.array([(x, 0.21), (x, 0.28)]), np.full(2, 0.012))) for x in (-0.045, 0.045)]
    return _laid(motif, shapes)


SUBJECTS: dict[str, Callable[[Motif], Shapes]] = {
    "boat": boat, "tree": tree, "house": house, "vase": vase, "cup": cup, "balloon": balloon,
}  # fmt: skip
