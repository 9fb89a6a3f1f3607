"""Glasses and earrings."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.colour import mix
from pipeline.drawing.curves import ellipse, ribbon, smooth
from pipeline.drawing.pose import UNIT
from pipeline.drawing.scene import Scene

_FRAMES = {
    "round": [(-0.36, 0.02), (-0.25, -0.26), (0, -0.36), (0.25, -0.26),
              (0.36, 0.02), (0.25, 0.3), (0, 0.4), (-0.25, 0.3)],
    "square": [(-0.38, -0.2), (-0.1, -0.27), (0.28, -0.27), (0.42, -0.19),
               (0.4, 0.15), (0.24, 0.31), (-0.16, 0.31), (-0.35, 0.16)],
    "cat-eye": [(-0.36, -0.1), (-0.12, -0.24), (0.26, -0.32), (0.52, -0.34),
                (0.42, 0.06), (0.22, 0.27), (-0.12, 0.28), (-0.33, 0.12)],
}  # fmt: skip
"""The right lens around its pupil, in head units."""


def paint_glasses(scene: Scene) -> None:
    """Frames, a breath of glass, and the shadow on the cheeks."""
    if scene.portrait.glasses == "none":
        return
    thick = 0.06 if scene.portrait.glasses == "round" else 0.078
    lens = smooth(np.array(_FRAMES[scene.portrait.glasses]), closed=True) + np.array([0.52, 0.0])
    rims = [scene.pose.on_face(lens * (side, 1), 0.16) for side in (-1, 1)]
    drop = np.array([-0.05 * scene.light.x, 0.07]) * UNIT
    bridge = scene.pose.on_face(smooth(np.array([(-0.17, -0.03), (-0.08, -0.1), (0.08, -0.1), (0.17, -0.03)])), 0.22)
    arms = [scene.pose.place(np.array([(side * 0.9, -0.1, 0.8), (side * 1.12, -0.1, 0.1)])) for side in (-1, 1)]
    strokes = [ring for rim in rims for ring in _ring(rim, thick * UNIT)]
    strokes += [ribbon(bridge, thick * UNIT), *[ribbon(arm, thick * 0.8 * UNIT) for arm in arms]]
    scene.tint([stroke + drop for stroke in strokes], scene.light.shadow, 0.45, blur=0.004)
    for rim in rims:
        glass = scene.canvas.shape(rim)
        scene.canvas.glow(glass, np.array([0.9, 0.95, 1.0], np.float32), 0.07)
        glare = (
            rim.mean(axis=0) + (rim - rim.mean(axis=0)) * (0.22, 0.7) + np.array([0.12 * scene.light.x, -0.08]) * UNIT
        )
        slant = glare + np.stack([-(glare[:, 1] - glare[:, 1].mean()) * 0.5, np.zeros(len(glare))], axis=1)
        scene.glow(slant, np.ones(3, np.float32), 0.1, blur=0.003)
    scene.paint(strokes, scene.lit(scene.colours.frame, 0.7), 0.96, blur=0.0006)


def _ring(rim: np.ndarray, width: float) -> list[np.ndarray]:
    """The rim's stroke in two overlapping halves: one would close on itself, and fill the lens."""
    half = len(rim) // 2
    around = np.concatenate([rim, rim[:2]])
    return [ribbon(around[: half + 2], width), ribbon(around[half:], width)]


def paint_earrings(scene: Scene) -> None:
    """What hangs from the ears' lobes."""
    if scene.portrait.earrings == "none":
        return
    metal = scene.lit(scene.colours.metal, 0.85)
    for side in (-1, 1):
        lobe = scene.pose.place(np.array([side * 1.13, 0.56, -0.02]))
        down = (lobe[0], lobe[1] + 0.2 * UNIT)
        if scene.portrait.earrings == "hoops":
            around = ellipse(down, (0.16 * UNIT, 0.22 * UNIT), count=28)
            scene.paint(_ring(around, 0.055 * UNIT), metal)
            continue
        size = 0.075 if scene.portrait.earrings == "studs" else 0.06
        scene.paint(ellipse((lobe[0], lobe[1]), (size * UNIT, size * UNIT), count=16), metal)
        if scene.portrait.earrings == "drops":
            drop = smooth(np.array([(0, 0.06), (0.1, 0.34), (0, 0.46), (-0.1, 0.34)]), closed=True) * UNIT + lobe
            scene.paint(drop, mix(metal, scene.colours.wear, 0.6))
        spark = ellipse(
            (lobe[0] + 0.02 * UNIT * scene.light.x, lobe[1] - 0.02 * UNIT), (0.025 * UNIT, 0.025 * UNIT), count=10
        )
        scene.glow(spark, scene.light.key, 0.8, blur=0.001)
