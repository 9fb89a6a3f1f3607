"""Paints walls, ceiling and floor, and the light on them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pipeline.drawing.canvas import Patch
from pipeline.drawing.colour import Colour, mix
from pipeline.drawing.fields import COLUMNS, GRID, ROWS, enlarged
from pipeline.drawing.rooms.attributes import Wall
from pipeline.drawing.rooms.scene import Scene
from pipeline.drawing.rooms.space import NEAR, NORMALS, Space, Span, flat

_BOARD = 0.24
"""Metres from one board to the next."""


def paint_shell(scene: Scene) -> None:
    """The empty room."""
    space, colours = scene.space, scene.colours
    for wall in ("left", "right"):
        x = -space.side if wall == "left" else space.side
        _surface(scene, wall, _upright(x, space), colours.wall)
    _surface(scene, "ceiling", flat((-space.side, space.side), (NEAR, space.back), space.height), colours.ceiling)
    floor = _surface(scene, "floor", flat((-space.side, space.side), (NEAR, space.back)), colours.floor)
    _boards(scene, floor)
    back = space.panel("back", (-space.side, space.side), (0.0, space.height))
    _surface(scene, "back", back, colours.wall)
    _panel(scene)
    _skirting(scene)


def _upright(x: float, space: Space) -> np.ndarray:
    """A side wall, higher and deeper than it is, since all else is painted over it: (4, 3)."""
    return np.array(
        [(x, 2 * space.height, NEAR), (x, 2 * space.height, space.back), (x, -1, space.back), (x, -1, NEAR)]
    )


def _surface(scene: Scene, name: str, points: np.ndarray, colour: Colour) -> Patch:
    patch = scene.canvas.shape(scene.seen(points))
    scene.canvas.paint(patch, enlarged(_lit(scene, name, patch, colour), scene.canvas.side))
    return patch


def _lit(scene: Scene, name: str, patch: Patch, colour: Colour) -> np.ndarray:
    """A surface's colours on the grid, right where the patch is: (3, GRID, GRID)."""
    space, side = scene.space, scene.canvas.side
    rows, columns = (
        slice(max(span.start * GRID // side - 2, 0), min(-(-span.stop * GRID // side) + 2, GRID))
        for span in (patch.rows, patch.columns)
    )
    across = COLUMNS[rows, columns] - np.float32(space.vanish_x)
    up = np.float32(space.vanish_y) - ROWS[rows, columns]
    depth = _depth(space, name, across, up)
    x, y = space.eye_x + across * depth, space.eye_y + up * depth
    lit = scene.light.on(x, y, depth, NORMALS[name]) * colour[:, None, None]
    lit *= _corners(space, name, x=x, y=y, z=depth)
    whole = np.zeros((3, GRID, GRID), np.float32)
    whole[:, rows, columns] = lit
    return whole


def _depth(space: Space, name: str, across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """How far the surface is along each ray; beyond the back wall a little, never behind the eye."""
    if name == "back":
        return np.full(across.shape, space.back, np.float32)
    offset, direction = {
        "left": (-space.side - space.eye_x, across),
        "right": (space.side - space.eye_x, across),
        "floor": (-space.eye_y, up),
        "ceiling": (space.height - space.eye_y, up),
    }[name]
    towards = np.maximum(direction * np.sign(offset), 1e-3)
    return np.clip(abs(offset) / towards, NEAR, space.back + 0.3).astype(np.float32)


def _corners(space: Space, name: str, *, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Darker where surfaces meet, since less light finds its way there: a factor."""
    near = np.zeros(x.shape, np.float32)
    if name != "back":
        near += np.exp((z - space.back) * np.float32(1 / 0.35))
    if name not in ("left", "right"):
        near += np.exp((np.abs(x) - space.side) * np.float32(1 / 0.35))
    if name != "floor":
        near += np.exp(-y * np.float32(1 / 0.35))
    if name != "ceiling":
        near += 0.7 * np.exp((y - space.height) * np.float32(1 / 0.35))
    return (1 - 0.17 * np.minimum(near, 1.5)).astype(np.float32)


def _boards(scene: Scene, floor: Patch) -> None:
    if scene.room.planks <= 0.02:
        return
    space = scene.space
    edges = np.arange(-space.side, space.side + _BOARD, _BOARD)
    mask = scene.canvas.spread(floor)
    for shade, pick in ((0.90, 0), (1.07, 2)):
        boards = [
            scene.seen(flat((left, right), (NEAR, space.back)))
            for i, (left, right) in enumerate(pairwise(edges.tolist()))
            if (i * 2 + i // 3) % 4 == pick
        ]
        patch = scene.canvas.shape(*boards).within(mask)
        scene.canvas.tint(patch, np.full(3, shade, np.float32), scene.room.planks)


def _walls(space: Space) -> tuple[tuple[Wall, Span], ...]:
    """Each wall, from where to where."""
    return ("left", (NEAR, space.back)), ("right", (NEAR, space.back)), ("back", (-space.side, space.side))


def _panel(scene: Scene) -> None:
    """The walls' lower part in a second tone."""
    room, space = scene.room, scene.space
    if room.panel <= 0:
        return
    top = 0.55 + 0.75 * room.panel
    factor = (scene.colours.panel / scene.colours.wall).astype(np.float32)
    rail = mix(factor, np.ones(3, np.float32), 0.4) * np.float32(1.06)
    for wall, along in _walls(space):
        # As a factor it keeps the light that is there.
        scene.canvas.tint(scene.canvas.shape(scene.seen(space.panel(wall, along, (0, top)))), factor)
        scene.canvas.tint(scene.canvas.shape(scene.seen(space.panel(wall, along, (top - 0.05, top)))), rail)


def _skirting(scene: Scene) -> None:
    space = scene.space
    for wall, along in _walls(space):
        scene.face(space.panel(wall, along, (0, 0.11)), NORMALS[wall], scene.colours.trim, gain=0.93)
