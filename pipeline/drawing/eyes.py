"""Eyes and what frames them: lids, lashes, iris, the light in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.drawing import head
from pipeline.drawing.attributes import Portrait
from pipeline.drawing.canvas import Patch
from pipeline.drawing.colour import mix, shifted
from pipeline.drawing.curves import ellipse, ribbon, smooth, taper
from pipeline.drawing.pose import UNIT
from pipeline.drawing.scene import Scene

_INK = np.array([0.13, 0.09, 0.09], np.float32)
_WHITE = np.array([0.95, 0.93, 0.91], np.float32)


@dataclass(frozen=True)
class Lids:
    """One eye's edges as on the right of the picture, from the inner to the outer corner: (M, 2) in head units."""

    upper: np.ndarray
    lower: np.ndarray
    crease: np.ndarray


def lids(portrait: Portrait) -> Lids:
    """How the eyes are open."""
    smile = portrait.smile
    size = 1 + 0.1 * portrait.eye_size
    half, tilt = 0.31 * size, 0.035 * portrait.eye_tilt + (0.035 if portrait.eye_shape == "upturned" else 0)
    rounder = {"round": 1.16, "almond": 1.0, "hooded": 0.9, "upturned": 0.97}[portrait.eye_shape]
    wide = rounder * size * (1 + 0.12 * portrait.brow_raise - 0.1 * head.years(portrait))
    up, down = 0.178 * wide * (1 - 0.12 * smile), 0.112 * wide * (1 - 0.38 * smile)
    outer = np.array([half, -tilt])
    inner = np.array([-half, 0.025 + tilt * 0.3])

    def lid(*inside: tuple[float, float]) -> np.ndarray:
        points = [(half * u, v - tilt * u) for u, v in inside]
        return smooth(np.array([inner, *points, outer])) + np.array([0.5, 0.0])

    upper = lid((-0.55, -up * 0.72), (0.0, -up), (0.55, -up * 0.82))
    lower = lid((-0.5, down * 0.75), (0.05, down), (0.6, down * 0.72))
    over = 0.055 if portrait.eye_shape == "hooded" else 0.085
    crease = lid((-0.55, -up * 0.8 - over), (0.0, -up - over), (0.6, -up * 0.85 - over * 0.9))
    return Lids(upper, lower, crease)


def paint_eyes(scene: Scene) -> None:
    """Paint both eyes."""
    edges = lids(scene.portrait)
    for side in (-1, 1):
        flip = np.array([side, 1])
        _paint_eye(scene, Lids(*(line * flip for line in vars(edges).values())), side)


def _paint_eye(scene: Scene, edges: Lids, side: int) -> None:
    place = scene.pose.on_face
    upper, lower = place(edges.upper), place(edges.lower)
    opening = scene.canvas.mask(np.concatenate([upper, lower[::-1]]))
    shadow = shifted(mix(scene.colours.skin, scene.colours.deep, 0.6), lightness=-0.03)
    lid = np.concatenate([place(edges.crease), upper[::-1]])
    lid_colour = mix(shadow, shifted(scene.colours.wear, lightness=-0.05), 0.25 * scene.portrait.makeup)
    scene.paint(lid, lid_colour, 0.35 + 0.25 * scene.portrait.makeup, blur=0.003)
    dim = mix(_WHITE, scene.colours.skin, 0.12) * (0.82 + 0.12 * np.clip(0.5 + side * scene.light.x, 0, 1))
    scene.canvas.paint(scene.canvas.whole(opening), dim.astype(np.float32))
    _paint_iris(scene, opening, side)
    above = ribbon(upper, 0.1 * UNIT)
    scene.tint(above, np.array([0.5, 0.42, 0.45], np.float32), 0.75, blur=0.003, within=opening)
    _paint_lashes(scene, upper, lower, crease=place(edges.crease))


def _paint_iris(scene: Scene, opening: np.ndarray, side: int) -> None:
    """The iris looks where the gaze goes, and its lower half lets light through."""
    at = np.array([side * 0.5 + 0.075 * scene.portrait.gaze_x, -0.03 + 0.03 * scene.portrait.gaze_y])
    centre = scene.pose.on_face(at)
    radius = 0.17 * UNIT * (1 + 0.03 * scene.portrait.eye_size)

    def disc(share: float, dx: float = 0.0, dy: float = 0.0, blur: float = 0.0012) -> Patch:
        middle = (centre[0] + dx * radius, centre[1] + dy * radius)
        return scene.canvas.shape(ellipse(middle, (share * radius, share * radius), count=24), blur=blur).within(
            opening
        )

    scene.canvas.paint(disc(1.0), shifted(scene.colours.iris, lightness=-0.12))
    scene.canvas.paint(disc(0.8, blur=0.002), scene.colours.iris)
    scene.canvas.glow(disc(0.5, 0.0, 0.42, blur=0.004), shifted(scene.colours.iris, lightness=0.2), 0.55)
    scene.canvas.paint(disc(0.44), _INK)
    scene.canvas.paint(disc(0.24, 0.38 if scene.light.x > 0 else -0.38, -0.4, blur=0.001), np.ones(3, np.float32), 0.95)


def _paint_lashes(scene: Scene, upper: np.ndarray, lower: np.ndarray, *, crease: np.ndarray) -> None:
    ink = mix(_INK, scene.colours.brows, 0.25)
    thick = 0.045 + 0.03 * scene.portrait.makeup - 0.008 * head.build(scene.portrait)
    line = np.concatenate([upper, upper[-1:] + (upper[-1:] - upper[-4:-3]) * 0.5 * scene.portrait.makeup])
    widths = taper(len(line), start=0.35, end=0.4 + 0.3 * scene.portrait.makeup, peak=0.65) * thick * UNIT
    scene.paint(ribbon(line, widths), ink, 0.95, blur=0.0008)
    under = ribbon(lower, taper(len(lower), start=0.2, end=0.6, peak=0.75) * 0.026 * UNIT)
    scene.paint(under, mix(ink, scene.colours.deep, 0.5), 0.5 + 0.2 * scene.portrait.makeup, blur=0.0015)
    fold = ribbon(crease, taper(len(crease), peak=0.6) * 0.03 * UNIT)
    scene.paint(fold, scene.colours.deep, 0.55, blur=0.0022)
