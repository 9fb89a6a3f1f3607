"""Hats, scarves and bands."""

from __future__ import annotations

import numpy as np

from pipeline.drawing import head
from pipeline.drawing.colour import Colour, shifted
from pipeline.drawing.curves import mirrored, ribbon, smooth, taper
from pipeline.drawing.pose import UNIT, Pose
from pipeline.drawing.scene import Scene

Points = list[tuple[float, float, float]]

_VEIL_FOLDS: list[Points] = [
    [(-0.9, 1.2, 0.2), (-0.5, 1.95, 0.6), (0.3, 2.2, 0.6), (1.1, 1.9, 0.2)],
    [(-1.1, 1.6, 0.1), (-0.5, 2.35, 0.5), (0.5, 2.6, 0.5), (1.3, 2.3, 0.1)],
    [(1.05, -0.9, 0.1), (1.18, 0.2, 0.1), (1.1, 1.2, 0.1), (0.7, 1.8, 0.4)],
    [(-1.05, -0.9, 0.1), (-1.2, 0.3, 0.1), (-1.1, 1.4, 0.1)],
    [(-0.5, -1.3, 0.5), (0, -1.5, 0.5), (0.6, -1.4, 0.4), (1.0, -0.9, 0.2)],
]
"""Of a headscarf: around the neck, down its sides and over the forehead."""


def paint_headwear(scene: Scene, face: np.ndarray) -> None:
    """Paint what is worn on the head. `face` is the mask that it casts its shadow on."""
    painter = _PAINTERS.get(scene.portrait.headwear)
    if painter:
        painter(scene, face)


def _half(pose: Pose, points: Points) -> np.ndarray:
    """A closed shape from its right half."""
    return pose.place(smooth(mirrored(np.array(points, float)), closed=True))


def _cast(scene: Scene, outline: np.ndarray, face: np.ndarray, *, reach: float = 0.14) -> None:
    scene.tint(scene.moved(outline, -0.1, reach), scene.light.shadow, 0.8, blur=0.01, within=face)


def _cloth(scene: Scene, outline: np.ndarray, colour: Colour, *, bulge: float = 0.7) -> np.ndarray:
    mask = scene.canvas.mask(outline)
    scene.cushion(mask, colour, 0.24, bulge=bulge)
    return mask


def _crease(scene: Scene, points: Points, mask: np.ndarray, *, width: float = 0.1) -> None:
    line = smooth(np.array(points, float))
    stroke = ribbon(scene.pose.place(line), taper(len(line), peak=0.55) * width * UNIT)
    scene.tint(stroke, scene.light.shadow, 0.5, blur=0.0045, within=mask)


def _beanie(scene: Scene, face: np.ndarray) -> None:
    dome = _half(
        scene.pose,
        [(0, -2.2, 0), (0.6, -2.06, 0), (1.08, -1.6, 0), (1.24, -0.95, 0), (1.15, -0.72, 0.3), (0, -0.84, 0.8)],
    )
    band = _half(
        scene.pose,
        [(0, -1.22, 0.85), (0.7, -1.16, 0.6), (1.25, -0.98, 0), (1.27, -0.62, 0), (0.75, -0.72, 0.65), (0, -0.78, 0.9)],
    )
    _cast(scene, band, face)
    mask = _cloth(scene, dome, scene.colours.wear)
    for x in (-0.72, -0.36, 0, 0.36, 0.72):
        _crease(scene, [(x * 0.45, -2.15, 0.1), (x * 1.05, -1.7, 0.4), (x * 1.25, -1.2, 0.6)], mask, width=0.09)
    scene.tint(band + np.array([0, -0.06 * UNIT]), scene.light.shadow, 0.5, blur=0.004, within=mask)
    mask = _cloth(scene, band, shifted(scene.colours.wear, lightness=0.03))
    for x in np.linspace(-1.1, 1.1, 9):
        z = float(np.sqrt(max(1 - (x / 1.25) ** 2, 0))) * 0.8
        _crease(scene, [(x, -1.18, z), (x, -0.7, z)], mask, width=0.06)


def _hat(scene: Scene, face: np.ndarray) -> None:
    crown = _half(
        scene.pose,
        [(0, -2.12, 0), (0.5, -2.2, 0), (0.88, -2.08, 0), (1.06, -1.4, 0), (1.14, -0.95, 0.2), (0, -0.86, 0.6)],
    )
    brim = _half(
        scene.pose,
        [
            (0, -1.1, 0.3),
            (1.1, -1.12, 0.1),
            (1.75, -1.1, 0),
            (2.06, -0.98, 0),
            (1.6, -0.84, 0.3),
            (0.8, -0.8, 0.9),
            (0, -0.77, 1.15),
        ],
    )
    _cast(scene, brim, face, reach=0.26)
    mask = _cloth(scene, crown, scene.colours.wear)
    dent = [(-0.45, -2.1, 0.1), (-0.1, -1.92, 0.3), (0.3, -1.95, 0.3), (0.5, -2.12, 0.1)]
    _crease(scene, dent, mask, width=0.14)
    ribbon_line = smooth(
        np.array([(-1.14, -1.14, 0.1), (-0.6, -1.1, 0.5), (0, -1.07, 0.7), (0.6, -1.1, 0.5), (1.14, -1.14, 0.1)])
    )
    band = scene.canvas.shape(ribbon(scene.pose.place(ribbon_line), 0.24 * UNIT)).within(mask)
    scene.canvas.paint(band, scene.lit(scene.colours.second, 0.6) * 0.85)
    _cloth(scene, brim, shifted(scene.colours.wear, lightness=0.02), bulge=0.5)


def _headscarf(scene: Scene, face: np.ndarray) -> None:
    low = head.chin(scene.portrait)
    outer = [
        (0, -2.0, 0),
        (0.7, -1.86, 0),
        (1.18, -1.3, 0),
        (1.33, -0.4, -0.1),
        (1.36, 0.6, -0.1),
        (1.3, 1.5, 0),
        (1.42, 2.2, 0),
        (1.55, 2.75, 0.2),
        (0, 3.1, 0.4),
    ]
    inner = [
        (0, -1.2, 0.75),
        (0.55, -1.05, 0.65),
        (0.93, -0.5, 0.4),
        (0.99, 0.2, 0.3),
        (0.92, 0.85, 0.3),
        (0.7, 1.38, 0.5),
        (0.36, low - 0.07, 0.8),
        (0, low + 0.03, 0.85),
    ]
    hole = _half(scene.pose, inner)
    opening = scene.canvas.mask(hole)
    rim = ribbon(np.concatenate([hole, hole[:2]]), 0.22 * UNIT)
    scene.tint(rim, scene.light.shadow, 0.55, blur=0.01, within=opening)
    veil = scene.canvas.mask(_half(scene.pose, outer)) * (1 - opening)
    scene.cushion(veil, scene.colours.wear, 0.2, bulge=0.75)
    for fold in _VEIL_FOLDS:
        _crease(scene, fold, veil, width=0.13)
        raised = scene.moved(scene.pose.place(smooth(np.array(fold))), 0.05, -0.07)
        stroke = ribbon(raised, taper(len(raised)) * 0.09 * UNIT)
        scene.glow(stroke, scene.colours.wear * scene.light.key, 0.3, blur=0.005, within=veil)


def _headwrap(scene: Scene, face: np.ndarray) -> None:
    dome = _half(
        scene.pose,
        [
            (0, -2.42, -0.1),
            (0.7, -2.34, -0.1),
            (1.22, -1.9, -0.1),
            (1.28, -1.2, 0),
            (1.12, -0.6, 0.2),
            (0.7, -0.95, 0.6),
            (0, -1.1, 0.8),
        ],
    )
    _cast(scene, dome, face)
    mask = _cloth(scene, dome, scene.colours.wear)
    for side in (-1, 1):
        for x, y in ((1.1, -0.75), (1.2, -1.2), (1.15, -1.7)):
            _crease(
                scene, [(side * x, y, 0.1), (side * 0.55, y - 0.32, 0.6), (side * 0.08, -1.55, 0.8)], mask, width=0.11
            )
    knot = _half(
        scene.pose, [(0, -1.78, 0.9), (0.26, -1.68, 0.9), (0.3, -1.42, 0.9), (0.12, -1.26, 0.9), (0, -1.24, 0.9)]
    )
    scene.tint(scene.moved(knot, -0.03, 0.07), scene.light.shadow, 0.8, blur=0.006, within=mask)
    inside = _cloth(scene, knot, shifted(scene.colours.wear, lightness=0.04))
    _crease(scene, [(-0.2, -1.6, 0.9), (0.02, -1.5, 0.9), (0.2, -1.35, 0.9)], inside, width=0.08)


def _headband(scene: Scene, face: np.ndarray) -> None:
    line = smooth(
        np.array(
            [
                (-1.12, -0.84, 0),
                (-0.98, -1.14, 0.25),
                (-0.55, -1.42, 0.5),
                (0, -1.54, 0.55),
                (0.55, -1.42, 0.5),
                (0.98, -1.14, 0.25),
                (1.12, -0.84, 0),
            ]
        )
    )
    placed = scene.pose.place(line)
    band = ribbon(placed, taper(len(placed), start=0.6, end=0.6) * 0.3 * UNIT)
    scene.tint(scene.moved(band, -0.03, 0.05), scene.light.shadow, 0.6, blur=0.006)
    mask = _cloth(scene, band, scene.colours.wear)
    shine = ribbon(placed - np.array([-0.02 * scene.light.x, 0.05]) * UNIT, 0.09 * UNIT)
    scene.glow(shine, scene.light.key, 0.16, blur=0.004, within=mask)


_PAINTERS = {
    "beanie": _beanie,
    "brimmed hat": _hat,
    "headscarf": _headscarf,
    "headwrap": _headwrap,
    "headband": _headband,
}
