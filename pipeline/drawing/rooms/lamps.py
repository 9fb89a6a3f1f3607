"""Paints the lamp and its glow."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.colour import mix
from pipeline.drawing.curves import ellipse
from pipeline.drawing.rooms.scene import Scene

_WARM = np.array([1.0, 0.86, 0.58], np.float32)


def paint_lamp(scene: Scene) -> None:
    """A lamp on a stand, or one that hangs."""
    if scene.plan.lamp is None:
        return
    x, y, z = scene.plan.lamp
    pendant = scene.room.lamp_kind == "pendant"
    if pendant:
        scene.post((x - 0.01, x + 0.01), (y + 0.1, scene.space.height), (z, z + 0.02), colour=scene.colours.metal)
        top, bottom, high, low = 0.10, 0.30, 0.16, -0.10
    else:
        scene.post((x - 0.017, x + 0.017), (0.02, y), (z, z + 0.03), colour=scene.colours.metal)
        scene.drum((x, z), (0.0, 0.03), 0.14, colour=scene.colours.metal)
        top, bottom, high, low = 0.13, 0.21, 0.17, -0.14
    shade = np.array(
        [(x - top, y + high, z), (x + top, y + high, z), (x + bottom, y + low, z), (x - bottom, y + low, z)]
    )
    lit = scene.light.at((x, y, z - 0.5), (0.0, 0.0, -1.0))
    off = np.minimum(lit, 1.1) * mix(scene.colours.paper, scene.colours.accent, 0.35 if pendant else 0.12)
    glow = scene.room.lamp
    scene.flat(scene.seen(shade), mix(off * np.float32(0.92), _WARM, min(1.0, 0.15 + 0.85 * glow)))
    if pendant:
        rim = ellipse(tuple(scene.seen(np.array([x, y + low, z]))), (bottom / z, 0.025 / z))
        scene.flat(rim, mix(off * np.float32(0.8), np.array([1, 0.95, 0.8], np.float32), glow))
    centre = tuple(scene.seen(np.array([x, y, z])).tolist())
    halo = scene.canvas.shape(ellipse(centre, (0.06, 0.06)), blur=0.055)
    scene.canvas.glow(halo, _WARM, 0.55 * glow)
