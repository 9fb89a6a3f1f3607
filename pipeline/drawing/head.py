"""The head's shape: the face's outline, its relief, and where a smile or the years move it. Head units throughout."""

from __future__ import annotations

import math

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.curves import mirrored, smooth
from pipeline.drawing.fields import hill, smoothstep
from pipeline.drawing.pose import Pose

_SHAPES = {
    "oval": (0.0, 0.0, 0.0, 0.0),
    "round": (0.05, 0.05, 0.05, -0.07),
    "square": (0.02, 0.09, 0.08, -0.02),
    "heart-shaped": (0.02, -0.06, -0.05, 0.02),
    "long": (-0.05, -0.03, 0.0, 0.12),
}
"""What each face shape adds to the width at the cheeks, the jaw and the chin, and to its length."""

MOUTH = 1.17
"""y of the mouth's line."""


def build(portrait: Portrait) -> float:
    """How the bones are built, from -1 (a woman's) to 1 (a man's)."""
    return {"woman": -1.0, "person": 0.0, "man": 1.0}[portrait.presentation]


def years(portrait: Portrait) -> float:
    """How much the years show, in [0, 1]: nothing below 35."""
    return min(max((portrait.age - 35) / 45, 0.0), 1.0)


def chin(portrait: Portrait) -> float:
    """y of the chin's lowest point."""
    return 1.75 + _SHAPES[portrait.face][3] + 0.05 * portrait.chin + 0.03 * build(portrait) + 0.05 * portrait.mouth_open


def outline(portrait: Portrait) -> np.ndarray:
    """The face from the top of the skull to the chin, closed: (M, 3)."""
    cheek, jaw, tip, _ = _SHAPES[portrait.face]
    full, wide, man = 0.04 * portrait.cheeks, 0.06 * portrait.jaw, build(portrait)
    low = chin(portrait)
    sag = 0.015 * years(portrait)
    broad = min(jaw + wide + 0.055 * man, 0.1)
    smiling = 0.025 * portrait.smile
    half = np.array(
        [
            (0, -1.72, 0.2),
            (0.62, -1.57, 0.15),
            (0.99, -1.1, 0.1),
            (1.08 + cheek / 2, -0.45, 0.2),
            (1.07 + cheek, 0.1, 0.25),
            (1.02 + cheek + full + smiling, 0.55, 0.26),
            (0.92 + broad + full + sag, 0.98, 0.28),
            (0.69 + broad + full / 2 + sag, 1.36 + sag, 0.5),
            (0.35 + tip + 0.03 * man, low - 0.09, 0.78),
            (0, low, 0.84),
        ]
    )
    return smooth(mirrored(half), closed=True)


def relief(portrait: Portrait, pose: Pose) -> np.ndarray:
    """The head's height towards us, turned as it is: (h, w) float32 of a field's HEAD part, in head units."""
    x, y = pose.grid()
    height = _skull(x, y, pose)
    for (px, py, pz), width, amount in _bumps(portrait):
        height += np.float32(amount) * hill(x, y, pose.centre(px, py, pz), width=width)
    return height + _nose(portrait, pose, x, y=y)


def _skull(x: np.ndarray, y: np.ndarray, pose: Pose) -> np.ndarray:
    cx, cy = pose.centre(0, 0.1, 0.15)
    r = ((x - cx) / 1.22) ** 2 + ((y - cy) / 2.05) ** 2
    return np.sqrt(np.maximum(1 - r, 0.03)) * np.float32(0.95)


def _bumps(portrait: Portrait) -> list[tuple[tuple[float, float, float], tuple[float, float], float]]:
    """Soft forms: where (x, y, z), how wide (x, y), how high."""
    smile, man, old = portrait.smile, build(portrait), years(portrait)
    cheek = 0.075 + 0.025 * portrait.cheeks + 0.05 * smile
    low = chin(portrait)
    pairs = [
        ((0.5, -0.02, 0.85), (0.25, 0.17), -0.09),
        ((0.45, -0.36, 0.9), (0.34, 0.12), 0.035 + 0.025 * man),
        ((0.63, 0.5 - 0.06 * smile, 0.75), (0.29, 0.23), cheek),
        ((0.72, 0.98, 0.6), (0.2, 0.25), -0.005 - 0.02 * old + 0.02 * portrait.cheeks),
    ]
    bumps = [((side * px, py, pz), width, amount) for (px, py, pz), width, amount in pairs for side in (-1, 1)]
    return [
        *bumps,
        ((0, MOUTH, 1.0), (0.42, 0.3), 0.06),
        ((0, 1.4, 1.0), (0.26, 0.06), -0.03),
        ((0, low - 0.16, 0.95), (0.24, 0.14), 0.075),
        ((0, -0.95, 0.8), (0.6, 0.4), 0.05),
    ]


def nose_base(portrait: Portrait) -> float:
    """y of the nose's lower edge."""
    return 0.77 + 0.055 * portrait.nose_length + 0.03 * years(portrait)


def nose_half(portrait: Portrait) -> float:
    """Half the width of the nose at its wings."""
    return 0.225 + 0.05 * portrait.nose_width + 0.015 * build(portrait)


def _nose(portrait: Portrait, pose: Pose, x: np.ndarray, *, y: np.ndarray) -> np.ndarray:
    base, half = nose_base(portrait), nose_half(portrait)
    tip = 0.27 + 0.05 * portrait.nose_bridge
    top_x, top_y = pose.centre(0, -0.25, 1.0)
    tip_x, tip_y = pose.centre(0, base - 0.1, 1.0 + tip)
    t = np.clip((y - np.float32(top_y)) / np.float32(tip_y - top_y), 0, 1.3)
    centre = np.float32(top_x) + np.float32(tip_x - top_x) * t
    width = np.float32(0.1 - 0.02 * portrait.nose_bridge) + np.float32(0.4 * half) * np.clip(t, 0, 1) ** 2
    ridge = np.exp(np.float32(-0.5) * ((x - centre) / width) ** 2)
    rise = 0.05 + 0.04 * portrait.nose_bridge + (tip - 0.1) * t
    below = smoothstep(tip_y + 0.17, tip_y + 0.03, y) if pose.nod < math.pi else 0
    above = smoothstep(top_y - 0.25, top_y + 0.2, y)
    height = ridge * rise * below * above
    for side in (-1, 1):
        wing = pose.centre(side * half * 0.78, base - 0.06, 1.05)
        height += np.float32(0.1) * hill(x, y, wing, width=(0.085 + 0.02 * portrait.nose_width, 0.085))
    return (height + np.float32(0.1) * hill(x, y, (tip_x, tip_y), width=(0.13, 0.11))).astype(np.float32)
