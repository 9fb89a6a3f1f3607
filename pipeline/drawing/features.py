"""Nose and brows. The nose's form is in head.py's relief; here are its edges only."""

from __future__ import annotations

import numpy as np

from pipeline.drawing import head
from pipeline.drawing.colour import mix
from pipeline.drawing.curves import ellipse, ribbon, smooth, taper
from pipeline.drawing.pose import UNIT
from pipeline.drawing.scene import Scene


def paint_nose(scene: Scene) -> None:
    """Wings, nostrils, and the shadow that the nose casts away from the light."""
    base, half = head.nose_base(scene.portrait), head.nose_half(scene.portrait)
    drift = -0.16 * scene.light.x
    edge = [(-half, base - 0.03), (0, base + 0.02), (half, base - 0.03)]
    far = [(half * 0.7 + drift, base + 0.12), (drift, base + 0.19), (-half * 0.7 + drift, base + 0.12)]
    cast = np.array(edge + far)
    scene.tint(scene.pose.on_face(smooth(cast, closed=True), 0.05), scene.light.shadow, 0.5, blur=0.006)
    for side in (-1, 1):
        wing = np.array([(half * 0.93, base - 0.2), (half * 1.1, base - 0.08), (half * 0.95, base + 0.01)])
        line = smooth(wing * (side, 1))
        stroke = ribbon(scene.pose.on_face(line, 0.08), taper(len(line), peak=0.6) * 0.05 * UNIT)
        scene.paint(stroke, scene.colours.deep, 0.5, blur=0.0025)
        at = scene.pose.on_face(np.array([side * half * 0.5, base + 0.005]), 0.25)
        hole = ellipse((at[0], at[1]), (0.072 * UNIT, 0.034 * UNIT), turn=-side * 0.25, count=16)
        scene.paint(hole, mix(scene.colours.deep, np.zeros(3, np.float32), 0.25), 0.75, blur=0.002)


def paint_brows(scene: Scene, face: np.ndarray) -> None:
    """Both brows, strongest a third of the way out, within the face's mask."""
    man = head.build(scene.portrait)
    y = -0.43 - 0.08 * scene.portrait.brow_raise + 0.03 * man
    arch = 0.09 + 0.05 * scene.portrait.brow_arch - 0.015 * man
    width = 0.08 + 0.085 * scene.portrait.brow_weight + 0.012 * man
    for side in (-1, 1):
        points = [
            (0.22, y - 0.2 * arch),
            (0.38, y - arch * 0.6),
            (0.6, y - arch * 0.9),
            (0.8, y - arch * 0.5),
            (0.96, y + 0.06),
        ]
        line = smooth(np.array([(side * px, py) for px, py in points]))
        stroke = ribbon(scene.pose.on_face(line, 0.04), taper(len(line), start=0.42, end=0.1, peak=0.35) * width * UNIT)
        scene.paint(stroke, scene.colours.brows, 0.88, blur=0.0033, within=face)
