"""Paints plants in their pots."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.colour import shifted
from pipeline.drawing.curves import ellipse, ribbon, smooth, taper
from pipeline.drawing.rooms.attributes import PlantKind
from pipeline.drawing.rooms.plan import Spot
from pipeline.drawing.rooms.scene import Scene

Leaf = tuple[float, float, float]
"""Angle from upright in radians, length in [0, 1], how much it bends down."""


_SPREAD = 0.72
"""How far leaves lean out: less than in nature, for plants that stand by walls."""


def paint_plant(scene: Scene, spot: Spot, kind: PlantKind) -> None:
    """A plant on the floor, or a smaller one on furniture."""
    reach = (0.40 + 0.65 * spot.size) if spot.y == 0 else (0.20 + 0.24 * spot.size)
    pot = reach * 0.17 + 0.03
    height = pot * 1.5
    _pot(scene, spot, pot, height)
    foot = np.array([spot.x, spot.y + height * 0.95])
    lit = scene.light.at((spot.x, spot.y + height + 0.5 * reach, spot.z), (0.0, 0.5, -0.85))
    leaves = _LEAVES[kind]
    for tone, pick in ((-0.09, 0), (0.0, 1), (0.08, 2)):
        outlines = [_leaf(foot, leaf, reach, kind) for i, leaf in enumerate(leaves) if i % 3 == pick]
        seen = [scene.seen(np.column_stack([line, np.full(len(line), spot.z - 0.02)])) for line in outlines]
        scene.canvas.paint(scene.canvas.shape(*seen), shifted(scene.colours.leaf, lightness=tone) * lit)


def _pot(scene: Scene, spot: Spot, radius: float, height: float) -> None:
    x, y, z = spot.x, spot.y, spot.z
    wide, narrow = radius, radius * 0.72
    bottom = ellipse((0.0, 0.0), (narrow, 0.03), count=24)
    body = np.array(
        [(x - wide, y + height, z), (x + wide, y + height, z), (x + narrow, y + 0.01, z), (x - narrow, y + 0.01, z)]
    )
    base = np.column_stack([x + bottom[:, 0], np.full(24, y + 0.01), z + bottom[:, 1] / 0.03 * narrow * 0.6])
    lit = scene.light.at((x, y + height / 2, z - radius), (0.0, 0.0, -1.0))
    scene.flat(scene.seen(base), scene.colours.pot * lit * np.float32(0.92))
    scene.face(body, (0.0, 0.0, -1.0), scene.colours.pot)
    rim = np.column_stack(
        [
            x + wide * np.cos(np.linspace(0, 6.2, 24)),
            np.full(24, y + height),
            z + wide * 0.7 * np.sin(np.linspace(0, 6.2, 24)),
        ]
    )
    scene.flat(scene.seen(rim), scene.colours.pot * lit * np.float32(0.6))


def _leaf(foot: np.ndarray, leaf: Leaf, reach: float, kind: PlantKind) -> np.ndarray:
    """The outline of a leaf in metres, x and y: (2N, 2)."""
    angle, length, bend = leaf
    steps = np.linspace(0, 1, 9)
    turn = angle + np.sign(angle) * bend * steps
    path = np.cumsum(np.column_stack([_SPREAD * np.sin(turn), np.cos(turn)]), axis=0) / 9 * reach * length
    if kind == "bush":
        # A stalk, then a broad leaf.
        stalk, blade = path[:5], path[4:]
        broad = ribbon(foot + smooth(blade), 0.30 * reach * length * taper(29, start=0.1, end=0.05, peak=0.4))
        return np.concatenate([foot + stalk[:4] - (0.006, 0), broad, (foot + stalk[:4] + (0.006, 0))[::-1]])
    width = 0.115 if kind == "fan" else 0.10
    return ribbon(foot + path, width * reach * taper(9, start=0.35, end=0.05, peak=0.45))


_LEAVES: dict[PlantKind, tuple[Leaf, ...]] = {
    "fan": (
        (-0.95, 0.80, 0.9), (0.85, 0.85, 0.9), (-0.05, 0.95, 0.2), (-0.62, 0.95, 0.7), (0.55, 0.98, 0.7),
        (0.12, 1.05, 0.4), (-0.30, 1.05, 0.5), (0.28, 1.0, 0.5), (-1.15, 0.6, 0.7), (1.1, 0.62, 0.8),
    ),
    "bush": (
        (-0.75, 0.85, 0.5), (0.72, 0.80, 0.5), (-0.30, 1.0, 0.3), (0.25, 1.05, 0.3), (-1.05, 0.62, 0.4),
        (1.0, 0.60, 0.4), (0.02, 0.8, 0.1), (-0.52, 0.72, 0.3), (0.5, 0.7, 0.3), (0.0, 1.12, 0.2),
    ),
    "blades": (
        (-0.30, 0.80, 0.05), (0.28, 0.82, 0.05), (-0.16, 1.0, 0.0), (0.15, 0.98, 0.0), (0.0, 1.12, 0.0),
        (-0.42, 0.6, 0.1), (0.40, 0.62, 0.1), (0.07, 0.85, 0.0), (-0.08, 0.9, 0.0),
    ),
}  # fmt: skip
