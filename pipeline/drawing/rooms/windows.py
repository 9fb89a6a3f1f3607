"""Paints the window: what is seen through it, its frame and curtains, and the sun that falls on the floor."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.colour import mix
from pipeline.drawing.curves import smooth
from pipeline.drawing.rooms.scene import Scene
from pipeline.drawing.rooms.space import NORMALS, Span, flat

_FRAME = 0.06
"""Metres."""


def paint_window(scene: Scene) -> None:
    """The window in its wall."""
    window, space, canvas = scene.plan.window, scene.space, scene.canvas
    along, up = window.along, window.up

    def panel(along: Span, up: Span, out: float = 0.0) -> np.ndarray:
        return scene.seen(space.panel(window.wall, along, up, out))

    trim = scene.light.at(space.panel(window.wall, along, up).mean(axis=0), NORMALS[window.wall]) * scene.colours.trim
    rim = 0.09
    scene.flat(panel((along[0] - rim, along[1] + rim), (up[0] - rim, up[1] + rim)), np.minimum(trim * 1.03, 1.0))
    _outside(scene, panel(along, up))
    middle = sum(along) / 2
    bar = np.minimum(trim * (0.86 + 0.1 * scene.room.daylight), 1.0)
    half = _FRAME / 2
    scene.flat(panel((middle - half, middle + half), up), bar)
    level = up[0] + 0.66 * (up[1] - up[0])
    scene.flat(panel(along, (level - half, level + half)), bar)
    # The sill sticks out.
    sill = space.panel(window.wall, (along[0] - 0.12, along[1] + 0.12), (up[0] - 0.12, up[0] - 0.06), 0.05)
    scene.face(sill, NORMALS[window.wall], scene.colours.trim, gain=1.02)
    light = mix(scene.colours.horizon, np.ones(3, np.float32), 0.3)
    canvas.glow(canvas.shape(panel(along, up), blur=0.05), light, 0.16 * scene.room.daylight)


def _outside(scene: Scene, outline: np.ndarray) -> None:
    """Sky above, land below: as if far away, whatever the wall's perspective."""
    canvas, colours = scene.canvas, scene.colours
    patch = canvas.shape(outline)
    if not patch.cover.size:
        return
    top, bottom = outline[:, 1].min(), outline[:, 1].max()
    rows = ((np.arange(patch.rows.start, patch.rows.stop, dtype=np.float32) + 0.5) / canvas.side - top) / (bottom - top)
    blend = np.clip(rows, 0, 1)[None, :, None]
    sky = colours.sky[:, None, None] * (1 - blend) + colours.horizon[:, None, None] * blend
    canvas.paint(patch, np.broadcast_to(sky.astype(np.float32), (3, *patch.cover.shape)))
    left, right = outline[:, 0].min() - 0.02, outline[:, 0].max() + 0.02
    level = top + (0.80 - 0.06 * scene.room.hour) * (bottom - top)
    rise = 0.05 * (bottom - top)
    xs = np.linspace(left, right, 7)
    crest = smooth(np.column_stack([xs, level + rise * np.array([0.6, -0.5, -1.0, 0.0, 0.7, -0.2, -0.8])]))
    hill = canvas.shape(np.concatenate([crest, [(right, bottom + 0.02), (left, bottom + 0.02)]]))
    canvas.paint(hill.within(canvas.spread(patch)), colours.land)


def paint_curtains(scene: Scene) -> None:
    """One on each side of the window, in folds."""
    room, space, window = scene.room, scene.space, scene.plan.window
    if room.curtains <= 0:
        return
    width = 0.20 + 0.26 * room.curtains
    top = min(window.up[1] + 0.14, space.height - 0.06)
    bottom = 0.03
    limit = space.back - 0.03 if window.wall != "back" else space.side - 0.03
    normal = NORMALS[window.wall]
    for start in (window.along[0] - 0.7 * width, window.along[1] - 0.3 * width):
        stop = min(start + width, limit)
        scene.face(space.panel(window.wall, (start, stop), (bottom, top), 0.05), normal, scene.colours.curtain)
        folds = [(start + fold * (stop - start), start + (fold + 0.14) * (stop - start)) for fold in (0.12, 0.45, 0.78)]
        scene.faces(
            [(space.panel(window.wall, fold, (bottom, top), 0.05), normal, 0.92) for fold in folds],
            scene.colours.curtain,
        )
    rod = space.panel(
        window.wall, (window.along[0] - width, min(window.along[1] + width, limit)), (top, top + 0.035), 0.05
    )
    scene.face(rod, normal, scene.colours.metal)


def paint_sunlight(scene: Scene) -> None:
    """The window's panes on the floor, where the sun throws them."""
    room, space, window = scene.room, scene.space, scene.plan.window
    along, up = window.along, window.up
    middle, level = sum(along) / 2, up[0] + 0.66 * (up[1] - up[0])
    reach = 0.45 + 0.5 * room.sun
    floor = scene.canvas.mask(scene.seen(flat((-space.side, space.side), (1.0, space.back))))
    panes = []
    for left, right in ((along[0], middle - 0.03), (middle + 0.03, along[1])):
        for low, high in ((up[0], level - 0.03), (level + 0.03, up[1])):
            corners = space.panel(window.wall, (left, right), (low, high))
            panes.append(scene.seen(_fallen(corners, window.wall, reach)))
    patch = scene.canvas.shape(*panes, blur=0.006).within(floor)
    warmth = mix(np.array([1.0, 0.97, 0.90], np.float32), np.array([1.0, 0.82, 0.55], np.float32), room.hour)
    scene.canvas.glow(patch, warmth, 0.72 * room.daylight**1.2)


def _fallen(corners: np.ndarray, wall: str, reach: float) -> np.ndarray:
    """Points of a window moved along the sun's rays to the floor: (4, 3)."""
    inward = NORMALS[wall]
    drop = corners[:, 1:2]
    # The sun stands a little towards the back wall's left.
    ray = np.array([inward[0] * reach, -1.0, inward[2] * reach - 0.18 * abs(inward[0])])
    if wall == "back":
        ray[0] = 0.25
    return corners + drop * ray
