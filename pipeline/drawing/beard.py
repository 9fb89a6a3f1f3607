"""Beards and moustaches."""

from __future__ import annotations

import numpy as np

from pipeline.drawing import head
from pipeline.drawing.colour import Colour, mix, shifted
from pipeline.drawing.curves import mirrored, ribbon, smooth, taper
from pipeline.drawing.locks import strokes
from pipeline.drawing.pose import UNIT
from pipeline.drawing.scene import Scene

_GROWTH = {"stubble": 0.01, "goatee": 0.07, "short beard": 0.07, "full beard": 0.22}
"""How far hair stands out from the chin, in head units."""


def paint_beard(scene: Scene) -> None:
    """Paint what grows on cheeks, chin and lip; the mouth is painted after it."""
    colour = mix(scene.colours.brows, scene.colours.hair, 0.6)
    if scene.portrait.beard in ("stubble", "short beard", "full beard"):
        _paint_jaw(scene, colour)
    if scene.portrait.beard == "goatee":
        points = [
            (0, 1.42, 1.0),
            (0.22, 1.45, 0.95),
            (0.3, 1.66, 0.9),
            (0.2, head.chin(scene.portrait) + 0.06, 0.85),
            (0, head.chin(scene.portrait) + 0.09, 0.85),
        ]
        _paint_mass(scene, scene.pose.place(smooth(mirrored(np.array(points)), closed=True)), colour, strength=0.9)
    if scene.portrait.beard != "none":
        _paint_moustache(scene, colour, 0.42 if scene.portrait.beard == "stubble" else 0.92)


def _paint_jaw(scene: Scene, colour: Colour) -> None:
    face, low = head.outline(scene.portrait), head.chin(scene.portrait)
    grown = _GROWTH[scene.portrait.beard]
    right = face[(face[:, 0] >= 0) & (face[:, 1] > 0.2)]
    jaw = right[np.argsort(right[:, 1])]
    out = np.clip((jaw[:, 1:2] - 0.3) / (low - 0.3), 0, 1)
    jaw = jaw + out * grown * np.concatenate([0.35 * np.ones_like(out), out, 0 * out], axis=1)
    jaw = np.concatenate([jaw, [[0, low + grown, 0.84]]])
    cheek = np.array(
        [
            (0, 1.33, 1.0),
            (0.3, 1.36, 0.97),
            (0.52, 1.24, 0.9),
            (0.6, 1.0, 0.83),
            (0.78, 0.78, 0.6),
            (0.93, 0.45, 0.35),
            (0.99, 0.1, 0.2),
        ]
    )
    half = np.concatenate([smooth(cheek), jaw])
    whole = np.concatenate([half, half[::-1] * (-1, 1, 1)])
    strength = 0.4 if scene.portrait.beard == "stubble" else 0.93
    _paint_mass(scene, scene.pose.place(whole), colour, strength=strength)
    if scene.portrait.beard != "stubble":
        _paint_tufts(scene, scene.pose.place(whole), colour)


def _paint_mass(scene: Scene, outline: np.ndarray, colour: Colour, *, strength: float) -> None:
    mass = scene.canvas.shape(outline, blur=0.0075 if strength < 0.6 else 0.0045)
    scene.canvas.paint(mass, scene.lit(colour, 0.55), strength)
    lit = scene.moved(outline, 0.22, -0.16)
    mask = scene.canvas.spread(mass)
    scene.paint(lit, shifted(colour, lightness=0.03) * scene.light.key, 0.5 * strength, blur=0.02, within=mask)


def _paint_tufts(scene: Scene, outline: np.ndarray, colour: Colour) -> None:
    """Strokes that grow down and out."""
    rng = np.random.default_rng([scene.portrait.detail, 7])
    x = rng.uniform(-0.85, 0.85, 34)
    y = rng.uniform(0.75, 1.6, 34)
    t = np.linspace(0, 1, 6)
    lines = np.stack([x[:, None] * (1 + 0.1 * t), y[:, None] + 0.26 * t + 0 * x[:, None]], axis=-1)
    placed = scene.pose.on_face(lines)
    mask = scene.canvas.mask(outline, blur=0.003)
    count = len(x)
    marks = strokes(placed, start=np.zeros(count), length=np.ones(count), width=np.full(count, 0.05 * UNIT))
    half = count // 2
    scene.paint(marks[:half], shifted(colour, lightness=-0.06), 0.4, blur=0.002, within=mask)
    scene.paint(marks[half:], shifted(colour, lightness=0.06) * scene.light.key, 0.32, blur=0.002, within=mask)


def _paint_moustache(scene: Scene, colour: Colour, strength: float) -> None:
    top = head.nose_base(scene.portrait) + 0.13
    joined = scene.portrait.beard in ("stubble", "short beard", "full beard")
    droop = (0.2 if joined else 0.1) - 0.1 * scene.portrait.smile
    reach = 0.42 if scene.portrait.beard == "goatee" else 0.52
    for side in (-1, 1):
        line = np.array([(0.02, top + 0.04), (0.18, top + 0.05), (0.36, top + 0.13), (reach, top + 0.2 + droop)])
        stroke = smooth(line * (side, 1))
        width = taper(len(stroke), start=0.7, end=0.25, peak=0.35) * (
            0.13 if scene.portrait.beard == "stubble" else 0.19
        )
        mark = scene.canvas.shape(ribbon(scene.pose.on_face(stroke, 0.1), width * UNIT), blur=0.003)
        share = min(max(0.6 + 0.4 * side * scene.light.x, 0.25), 1)
        scene.canvas.paint(mark, scene.lit(colour, share), strength)
