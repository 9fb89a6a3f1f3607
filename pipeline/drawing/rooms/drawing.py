"""A room's picture. The order of painting is here; each part has its own file."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.rooms.art import paint_art
from pipeline.drawing.rooms.attributes import Room
from pipeline.drawing.rooms.finish import finish
from pipeline.drawing.rooms.furniture import (
    paint_armchair,
    paint_rug,
    paint_shadows,
    paint_sideboard,
    paint_sofa,
    paint_table,
)
from pipeline.drawing.rooms.lamps import paint_lamp
from pipeline.drawing.rooms.plants import paint_plant
from pipeline.drawing.rooms.scene import Scene
from pipeline.drawing.rooms.shell import paint_shell
from pipeline.drawing.rooms.things import paint_cushions, paint_things
from pipeline.drawing.rooms.windows import paint_curtains, paint_sunlight, paint_window
from pipeline.errors import InputError

SMALLEST, LARGEST = 32, 1024
"""Sides of a picture in pixels."""

_OVERSAMPLING = 2
_LEAST = 192
"""Smaller canvases would lose legs and frames."""


def draw(room: Room, size: int) -> np.ndarray:
    """The picture of a room: (size, size, 3) uint8, sRGB. The same room gives the same bytes.

    Raises: InputError for a size that is not a whole number of pixels in [32, 1024].
    """
    if not isinstance(size, int | np.integer) or isinstance(size, bool) or not SMALLEST <= size <= LARGEST:
        raise InputError(f"room: size is {size!r}, but must be a whole number of pixels from {SMALLEST} to {LARGEST}")
    scene = Scene.of(room, int(size) * max(_OVERSAMPLING, -(-_LEAST // int(size))))
    _paint(scene)
    finish(scene.canvas.pixels, room)
    return scene.canvas.developed(int(size))


def _paint(scene: Scene) -> None:
    """From back to front."""
    paint_shell(scene)
    paint_window(scene)
    paint_curtains(scene)
    paint_art(scene)
    paint_rug(scene)
    paint_sunlight(scene)
    paint_shadows(scene)
    pendant = scene.room.lamp_kind == "pendant"
    corner = [spot for spot in scene.plan.plants if spot.z > scene.plan.sofa.z[0]]
    if not pendant:
        paint_lamp(scene)
    for spot in corner:
        paint_plant(scene, spot, scene.room.plant_kind)
    paint_sofa(scene)
    paint_cushions(scene)
    paint_sideboard(scene)
    paint_table(scene)
    paint_things(scene)
    for spot in scene.plan.plants:
        if spot not in corner:
            paint_plant(scene, spot, scene.room.plant_kind)
    paint_armchair(scene)
    if pendant:
        paint_lamp(scene)
