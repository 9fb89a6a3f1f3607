"""The mouth: lips, and teeth where a smile shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.drawing import head
from pipeline.drawing.attributes import Portrait
from pipeline.drawing.colour import mix, shifted
from pipeline.drawing.curves import ribbon, smooth, taper
from pipeline.drawing.pose import UNIT
from pipeline.drawing.scene import Scene

_INSIDE = np.array([0.33, 0.12, 0.12], np.float32)
_TEETH = np.array([0.95, 0.92, 0.87], np.float32)
_LIFT = 0.04
"""How far lips stand out from the face."""


@dataclass(frozen=True)
class Lips:
    """The mouth's lines from left to right, from the upper to the lower: (M, 2) in head units."""

    top: np.ndarray
    gap_top: np.ndarray
    gap_bottom: np.ndarray
    bottom: np.ndarray


def paint_mouth(scene: Scene) -> None:
    """Paint the mouth, and its shadow on the chin."""
    lips = _lips(scene.portrait)
    x = scene.light.x
    below = ribbon(_place(scene, lips.bottom[5:-5] + np.array([-0.05 * x, 0.06])), 0.1 * UNIT)
    scene.tint(below, scene.light.shadow, 0.45, blur=0.006)
    upper, lower = scene.lit(scene.colours.lips, 0.45), scene.lit(scene.colours.lips, 0.9)
    scene.paint(_between(scene, lips.top, lips.gap_top), upper, 0.92, blur=0.0012)
    scene.paint(_between(scene, lips.gap_bottom, lips.bottom), lower, 0.88, blur=0.0016)
    gleam = (lips.gap_bottom[8:-8] + lips.bottom[8:-8]) / 2 + (0.05 * x, -0.01)
    stroke = ribbon(_place(scene, gleam), taper(len(gleam)) * 0.05 * UNIT)
    scene.glow(stroke, scene.light.key, 0.16 + 0.2 * scene.portrait.makeup, blur=0.003)
    if scene.portrait.mouth_open > 0.02:
        _paint_teeth(scene, lips)
    dark = shifted(mix(scene.colours.lips, scene.colours.deep, 0.55), lightness=-0.1)
    line = _place(scene, lips.gap_top)
    scene.paint(ribbon(line, taper(len(line), start=0.5, end=0.5) * 0.038 * UNIT), dark, 0.85, blur=0.001)


def _paint_teeth(scene: Scene, lips: Lips) -> None:
    inside = scene.canvas.mask(_between(scene, lips.gap_top, lips.gap_bottom))
    scene.canvas.paint(scene.canvas.whole(inside), _INSIDE)
    teeth = _between(scene, lips.gap_top, lips.gap_top * 0.35 + lips.gap_bottom * 0.65)
    scene.paint(teeth, _TEETH, 0.96, blur=0.0015, within=inside)


def _place(scene: Scene, line: np.ndarray) -> np.ndarray:
    return scene.pose.on_face(line, _LIFT)


def _between(scene: Scene, above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return _place(scene, np.concatenate([above, below[::-1]]))


def _lips(portrait: Portrait) -> Lips:
    smile = portrait.smile
    half = 0.4 + 0.05 * portrait.mouth_width + 0.1 * smile
    full = 1 + 0.32 * portrait.lips - 0.22 * head.years(portrait) - 0.1 * head.build(portrait)
    corner, middle = head.MOUTH - 0.03 - 0.11 * smile, head.MOUTH + 0.0375 * smile
    side = head.MOUTH - 0.38 * (0.03 + 0.11 * smile)
    gap = 0.24 * portrait.mouth_open
    top, bottom = 0.125 * full * (1 - 0.25 * smile), 0.165 * full * (1 - 0.2 * smile)

    def line(at_side: float, near: float, at_middle: float, *, drop: float) -> np.ndarray:
        ys = (corner, at_side, near, at_middle, near, at_side, corner)
        drops = (0, 0.75, 1, 1, 1, 0.75, 0)
        places = zip((-1, -0.62, -0.2, 0, 0.2, 0.62, 1), ys, drops, strict=True)
        return smooth(np.array([(half * x, y + drop * share) for x, y, share in places]))

    up, down = -0.15 * gap, 0.85 * gap
    meeting = (side + 0.015 * smile, middle, middle + 0.02)
    return Lips(
        top=line(side - 0.55 * top, middle - top, middle - 0.8 * top, drop=up),
        gap_top=line(*meeting, drop=up),
        gap_bottom=line(*meeting, drop=down),
        bottom=line(side + 0.62 * bottom, middle + bottom, middle + 1.04 * bottom, drop=down),
    )
