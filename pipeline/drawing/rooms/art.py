"""Paints framed pictures: a few plain shapes each."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.colour import Colour, mix
from pipeline.drawing.rooms.plan import Hung
from pipeline.drawing.rooms.scene import Scene
from pipeline.drawing.rooms.space import NORMALS

Shape = tuple[str, np.ndarray]
"""A colour's name and an outline (M, 2) in the picture's own [0, 1], y down."""


def paint_art(scene: Scene) -> None:
    """Every picture on the wall."""
    for number, hung in enumerate(scene.plan.art):
        _picture(scene, hung, number)


def _picture(scene: Scene, hung: Hung, number: int) -> None:
    space = scene.space
    width, height = hung.along[1] - hung.along[0], hung.up[1] - hung.up[0]
    scene.shadow(
        space.panel(hung.wall, (hung.along[0], hung.along[1]), (hung.up[0] - 0.03, hung.up[1] - 0.02)),
        blur=0.03,
        strength=0.6,
    )
    normal = NORMALS[hung.wall]
    frame = scene.colours.wood if scene.room.wood_lightness > 0.35 else scene.colours.ink
    scene.face(space.panel(hung.wall, hung.along, hung.up, 0.02), normal, frame)

    def inset(share: float) -> tuple[tuple[float, float], tuple[float, float]]:
        edge = share * min(width, height)
        return (hung.along[0] + edge, hung.along[1] - edge), (hung.up[0] + edge, hung.up[1] - edge)

    scene.face(space.panel(hung.wall, *inset(0.055), 0.02), normal, scene.colours.paper)
    along, up = inset(0.15)
    lit = scene.light.at(space.panel(hung.wall, along, up, 0.02).mean(axis=0), normal)
    flattened = (along[1] - along[0]) / (up[1] - up[0])
    for name, outline in _STYLES[scene.room.art_style][number]:
        if len(outline) == _ROUND:
            middle_y = (outline[:, 1].min() + outline[:, 1].max()) / 2
            outline = np.column_stack([outline[:, 0], middle_y + (outline[:, 1] - middle_y) * flattened])
        x = along[0] + np.clip(outline[:, 0], 0, 1) * (along[1] - along[0])
        y = up[1] - np.clip(outline[:, 1], 0, 1) * (up[1] - up[0])
        points = space.on_wall(hung.wall, x, y, 0.02)
        scene.flat(scene.seen(points), _ink(scene, name) * lit)


def _ink(scene: Scene, name: str) -> Colour:
    colours = scene.colours
    if name == "ground":
        return mix(colours.paper, colours.second, 0.25)
    return {"accent": colours.accent, "second": colours.second, "ink": colours.ink, "wall": colours.sofa}[name]


_ROUND = 32
"""Corners of a circle, by which it is known and kept round."""


def _rectangle(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def _round(x: float, y: float, radius: float, *, start: float = 0.0, stop: float = 360.0) -> np.ndarray:
    angles = np.radians(np.linspace(start, stop, _ROUND))
    return np.stack([x + radius * np.cos(angles), y - radius * np.sin(angles)], axis=1)


def _arch(x: float, width: float, top: float) -> np.ndarray:
    dome = _round(x, top + width / 2, width / 2, start=0, stop=180)
    return np.concatenate([dome, [(x - width / 2, 1.0), (x + width / 2, 1.0)]])


_ALL = _rectangle(0, 0, 1, 1)
_WAVE = np.linspace(0, 1, 16)


def _hill(level: float, swing: float, turn: float) -> np.ndarray:
    crest = np.column_stack([_WAVE, level + swing * np.sin(_WAVE * 4.2 + turn)])
    return np.concatenate([crest, [(1, 1), (0, 1)]])


_STYLES: dict[str, tuple[tuple[Shape, ...], ...]] = {
    "sun": (
        (("ground", _ALL), ("accent", _round(0.5, 0.42, 0.27)), ("second", _rectangle(0, 0.66, 1, 1))),
        (("ground", _ALL), ("second", _round(0.4, 0.5, 0.30)), ("accent", _round(0.66, 0.62, 0.20))),
        (("second", _ALL), ("ground", _round(0.5, 0.5, 0.30))),
    ),
    "arches": (
        (("ground", _ALL), ("second", _arch(0.5, 0.8, 0.12)), ("accent", _arch(0.5, 0.46, 0.38))),
        (("ground", _ALL), ("accent", _arch(0.36, 0.5, 0.2)), ("wall", _arch(0.7, 0.44, 0.5))),
        (("ground", _ALL), ("accent", _arch(0.5, 0.62, 0.3)),),
    ),
    "blocks": (
        (("ground", _ALL), ("accent", _rectangle(0, 0, 0.58, 0.55)), ("second", _rectangle(0.58, 0.40, 1, 1))),
        (("ground", _ALL), ("second", _rectangle(0.1, 0.45, 0.9, 0.9)), ("ink", _rectangle(0.1, 0.12, 0.9, 0.3))),
        (("accent", _ALL), ("ground", _rectangle(0.2, 0.2, 0.8, 0.5)),),
    ),
    "hills": (
        (("ground", _ALL), ("accent", _round(0.68, 0.3, 0.14)), ("second", _hill(0.55, 0.09, 0.0)),
         ("wall", _hill(0.76, 0.07, 2.4))),
        (("ground", _ALL), ("second", _hill(0.42, 0.10, 2.0)), ("accent", _hill(0.7, 0.08, 0.5))),
        (("ground", _ALL), ("accent", _hill(0.5, 0.12, 1.2))),
    ),
}  # fmt: skip
