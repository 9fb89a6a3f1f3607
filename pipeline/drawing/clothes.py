"""Neck, shoulders, and the cloth over them. Necklines and collars are collars.py's."""

from __future__ import annotations

import numpy as np

from pipeline.drawing import head
from pipeline.drawing.attributes import Portrait
from pipeline.drawing.collars import neck_half, neckline, paint_collar, sagging
from pipeline.drawing.colour import Colour
from pipeline.drawing.curves import ribbon, smooth, taper
from pipeline.drawing.pose import UNIT, Pose
from pipeline.drawing.scene import Scene

_BOTTOM = 3.4


def paint_body(scene: Scene) -> None:
    """Paint neck, shoulders and clothes."""
    skin = scene.canvas.mask(_neck(scene.portrait, scene.pose), _torso(scene.portrait, scene.pose))
    scene.cushion(skin, scene.colours.skin, 0.25, bulge=0.7)
    _paint_throat(scene, skin)
    _paint_garment(scene, skin)


def _neck(portrait: Portrait, pose: Pose) -> np.ndarray:
    half = neck_half(portrait)
    top = pose.place(np.array([(-half - 0.02, 0.9, -0.1), (half + 0.02, 0.9, -0.1)]))
    sides = pose.body(
        np.array(
            [
                (half, 1.9),
                (half + 0.06, 2.25),
                (half + 0.4, 2.6),
                (-half - 0.4, 2.6),
                (-half - 0.06, 2.25),
                (-half, 1.9),
            ]
        )
    )
    return np.concatenate([top, sides])


def _shoulder_line(portrait: Portrait) -> np.ndarray:
    """From the neck to beyond the picture's edge, on the right."""
    half, wide = neck_half(portrait), portrait.shoulders + 0.6 * head.build(portrait)
    drop = 0.1 - 0.07 * wide
    return np.array(
        [
            (half + 0.02, 2.12),
            (half + 0.22, 2.3),
            (1.25, 2.47 + drop / 2),
            (2.15 + 0.1 * wide, 2.66 + drop),
            (2.72 + 0.16 * wide, 2.95 + drop),
            (2.95 + 0.2 * wide, _BOTTOM),
        ]
    )


def _torso(portrait: Portrait, pose: Pose, rise: float = 0.0) -> np.ndarray:
    line = smooth(_shoulder_line(portrait) - (0, rise))
    return pose.body(np.concatenate([line, line[::-1] * (-1, 1)]))


def _paint_throat(scene: Scene, skin: np.ndarray) -> None:
    """The head's shadow on the neck, and the hollows above the collar bones."""
    jaw = head.outline(scene.portrait)
    jaw = jaw[jaw[:, 1] > 0.4]
    shadow = scene.pose.place(jaw) + np.array([-0.12 * scene.light.x, 0.26 - 0.1 * scene.light.y]) * UNIT
    scene.tint(shadow, scene.light.shadow, 0.95, blur=0.007, within=skin)
    for side in (-1, 1):
        bone = smooth(np.array([(side * 0.16, 2.66), (side * 0.6, 2.6), (side * 1.3, 2.68)]))
        stroke = ribbon(scene.pose.body(bone), taper(len(bone)) * 0.07 * UNIT)
        scene.paint(stroke, scene.colours.deep, 0.3, blur=0.004, within=skin)
        cord = smooth(np.array([(side * 0.46, 1.8), (side * 0.3, 2.3), (side * 0.13, 2.62)]))
        stroke = ribbon(scene.pose.body(cord), taper(len(cord), peak=0.7) * 0.07 * UNIT)
        scene.paint(stroke, scene.colours.deep, 0.16, blur=0.005, within=skin)


def _paint_garment(scene: Scene, skin: np.ndarray) -> None:
    if scene.portrait.garment == "blazer":
        shirt = sagging(0.68, 2.18, 2.62, half_way=0.5)
        _paint_cloth(scene, scene.colours.second, _below(scene.portrait, shirt), skin=skin)
    mask = _paint_cloth(scene, scene.colours.cloth, _below(scene.portrait, neckline(scene.portrait)), skin=skin)
    if scene.portrait.pattern == "striped":
        _paint_stripes(scene, mask)
    paint_collar(scene)


def _below(portrait: Portrait, opening: np.ndarray) -> np.ndarray:
    """The cloth from a neckline out over the shoulders, closed."""
    line = smooth(_shoulder_line(portrait)) - (0, 0.05)
    line = line[(line[:, 0] > opening[-1, 0] + 0.05) & (line[:, 1] > opening[-1, 1] - 0.2)]
    return np.concatenate([opening, line, line[::-1] * (-1, 1)])


def _paint_cloth(scene: Scene, colour: Colour, outline: np.ndarray, *, skin: np.ndarray) -> np.ndarray:
    """Paint cloth, and its shadow on the skin. Gives its mask."""
    placed = scene.pose.body(outline)
    mask = scene.canvas.mask(placed)
    scene.tint(scene.moved(placed, -0.03, -0.045), scene.light.shadow, 0.4, blur=0.006, within=skin)
    scene.cushion(mask, colour, 0.28, bulge=0.75)
    for side in (-1, 1):
        fold = smooth(np.array([(side * 0.95, 2.62), (side * 1.2, 2.85), (side * 1.25, 3.3)]))
        stroke = ribbon(scene.pose.body(fold), taper(len(fold), peak=0.6) * 0.16 * UNIT)
        scene.tint(stroke, scene.light.shadow, 0.45, blur=0.014, within=mask)
    return mask


def _paint_stripes(scene: Scene, mask: np.ndarray) -> None:
    x = np.linspace(-2.8, 2.8, 15)
    for y in np.arange(2.45, 3.5, 0.26):
        line = np.stack([x, y + 0.1 * np.cos(x) + 0.02 * x * x], axis=1)
        stripe = ribbon(scene.pose.body(line), 0.12 * UNIT)
        scene.paint(stripe, scene.lit(scene.colours.second, 0.75), 0.9, blur=0.0012, within=mask)
