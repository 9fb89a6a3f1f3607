"""Paints the small things that stand about: cushions, books, vases, bowls, a basket, a pouf."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.drawing.colour import Colour, mix, shifted
from pipeline.drawing.rooms.plan import chair_side
from pipeline.drawing.rooms.scene import Scene
from pipeline.drawing.rooms.space import disc, flat

MOST = 8
"""Small things in the fullest room."""


def _sizes(clutter: float) -> list[float]:
    """How large each is: they come one after another, and each grows."""
    return [float(np.clip(clutter * MOST - i, 0, 1)) for i in range(MOST)]


def paint_cushions(scene: Scene) -> None:
    """The first, third and sixth thing."""
    sizes = _sizes(scene.room.clutter)
    sofa = scene.plan.sofa
    colours = scene.colours
    inner = sofa.x[0] + 0.20, sofa.x[1] - 0.20
    for which, place, colour in ((5, 0.36, colours.rug), (0, 0.14, colours.accent), (2, 0.86, colours.second)):
        size = sizes[which]
        if size > 0:
            x = inner[0] + place * (inner[1] - inner[0])
            _cushion(scene, x, 0.46, 0.17 + 0.25 * size, colour)


def _cushion(scene: Scene, x: float, y: float, side: float, colour: Colour) -> None:
    z = scene.plan.sofa.z[1] - 0.44
    half = side / 2
    x = min(max(x, scene.plan.sofa.x[0] + 0.18 + half), scene.plan.sofa.x[1] - 0.18 - half)
    scene.box(
        (x - half, x + half),
        (y, y + side * 0.92),
        (z - 0.06, z),
        colour=colour,
        radius=side * 0.24,
        gain=1.02,
        sides=False,
    )


def paint_things(scene: Scene) -> None:
    """What stands on the table, on the sideboard, and on the floor."""
    sizes = _sizes(scene.room.clutter)
    colours = scene.colours
    for which, paint in ((1, _table_books), (3, _tall_vase), (4, _basket), (6, _pouf), (7, _bowl)):
        if sizes[which] > 0:
            paint(scene, sizes[which], colours.accent if which % 2 else colours.second)


def _stack(scene: Scene, at: tuple[float, float, float], size: float, colours: Iterator[Colour]) -> None:
    x, y, z = at
    for level, colour in enumerate(colours):
        half = (0.15 - 0.015 * level) * (0.5 + 0.5 * size)
        low = y + 0.045 * level * (0.4 + 0.6 * size)
        scene.box((x - half, x + half), (low, low + 0.04), (z - 0.09, z + 0.09), colour=colour)


def _table_books(scene: Scene, size: float, colour: Colour) -> None:
    table = scene.plan.table
    books = iter((scene.colours.paper, colour, shifted(scene.colours.second, lightness=0.08)))
    if table is not None:
        _stack(scene, (table.middle[0] - 0.14, table.y[1], table.middle[1]), size, books)
        return
    x, z = scene.plan.sofa.x[0] + 0.35, scene.plan.sofa.z[0] - 0.32
    scene.shadow(flat((x - 0.16, x + 0.16), (z - 0.12, z + 0.1)), blur=0.04, strength=0.7)
    _stack(scene, (x, 0.0, z), size, books)


def _bowl(scene: Scene, size: float, colour: Colour) -> None:
    table = scene.plan.table
    if table is not None:
        x, y, z = table.middle[0] + 0.16, table.y[1], table.middle[1] - 0.02
        _vase(scene, x=x, y=y, z=z, high=0.06 + 0.14 * size, wide=0.09 + 0.07 * size, colour=colour)
        return
    x, z = scene.plan.sofa.x[1] - 0.3, scene.plan.sofa.z[0] - 0.34
    scene.shadow(disc((x, z), 0.15), blur=0.04, strength=0.7)
    _vase(scene, x=x, y=0.0, z=z, high=0.1 + 0.26 * size, wide=0.10 + 0.10 * size, colour=colour)


def _tall_vase(scene: Scene, size: float, colour: Colour) -> None:
    board = scene.plan.sideboard
    if board is not None:
        x, z = board.middle[0], board.z[1] - 0.28
        _vase(scene, x=x, y=board.y[1], z=z, high=0.12 + 0.26 * size, wide=0.10 + 0.08 * size, colour=colour)
        return
    x, z = (scene.space.side - 0.3) * (1 if chair_side(scene.room) == "left" else -1), scene.space.back - 1.0
    scene.shadow(disc((x, z), 0.16), blur=0.05, strength=0.7)
    _vase(scene, x=x, y=0.0, z=z, high=0.2 + 0.4 * size, wide=0.14 + 0.12 * size, colour=colour)


def _vase(scene: Scene, *, x: float, y: float, z: float, high: float, wide: float, colour: Colour) -> None:
    """A bulging shape that stands: high and wide in metres."""
    heights = np.array([0.0, 0.12, 0.35, 0.6, 0.82, 1.0]) * high
    widths = np.array([0.34, 0.45, 0.5, 0.4, 0.22, 0.26]) * wide
    right = np.column_stack([x + widths, y + heights])
    left = np.column_stack([x - widths, y + heights])[::-1]
    outline = np.concatenate([right, left])
    points = np.column_stack([outline, np.full(len(outline), z)])
    scene.face(points, (0.0, 0.0, -1.0), colour, gain=1.02)
    mouth = scene.seen(disc((x, z), 0.24 * wide, y + high))
    lit = scene.light.at((x, y, z), (0.0, 0.0, -1.0))
    scene.flat(mouth, shifted(colour, lightness=-0.14) * lit)


def _basket(scene: Scene, size: float, colour: Colour) -> None:
    x, z = (scene.space.side - 0.32) * (-1 if chair_side(scene.room) == "left" else 1), scene.space.back - 0.98
    wide, high = 0.13 + 0.09 * size, 0.14 + 0.18 * size
    scene.shadow(disc((x, z), wide + 0.03), blur=0.05, strength=0.8)
    straw = mix(scene.colours.wood, np.array([0.86, 0.72, 0.52], np.float32), 0.6)
    scene.drum((x, z), (0.0, high), wide, colour=straw, gain=0.96)
    scene.face(disc((x, z), wide * 0.84, high), (0.0, 1.0, 0.0), straw, gain=0.62)


def _pouf(scene: Scene, size: float, colour: Colour) -> None:
    side = -1 if chair_side(scene.room) == "right" else 1
    radius = 0.14 + 0.12 * size
    x, z = side * 0.78, scene.space.back - 1.9
    table = scene.plan.table
    if table is not None:
        # Beside it, never in it.
        edge = table.x[1] if side > 0 else -table.x[0]
        x = side * max(0.78, edge + radius + 0.04)
    high = 0.2 + 0.16 * size
    scene.shadow(disc((x, z), radius + 0.03), blur=0.06, strength=0.85)
    scene.drum((x, z), (0.0, high), radius, colour=colour)
