"""Skin: its colours over the face, the light on it, ears, folds and freckles."""

from __future__ import annotations

import math

import numpy as np

from pipeline.drawing import head
from pipeline.drawing.colour import mix, shifted
from pipeline.drawing.curves import ellipse, ribbon, smooth, taper
from pipeline.drawing.fields import enlarged, hill, padded, smoothstep
from pipeline.drawing.pose import UNIT
from pipeline.drawing.scene import Scene

_FAINT = 0.02
"""Folds that would not be seen are not painted."""


def paint_face(scene: Scene) -> np.ndarray:
    """Paint the face without its features. Gives its mask: (N, N) float32."""
    _paint_ears(scene)
    mask = scene.canvas.mask(scene.pose.place(head.outline(scene.portrait)))
    scene.canvas.paint(scene.canvas.whole(mask), enlarged(padded(_lit(scene)), scene.canvas.side))
    _paint_folds(scene, mask)
    return mask


def _lit(scene: Scene) -> np.ndarray:
    """The face's colours in its light: (3, h, w) of a field's HEAD part."""
    height = head.relief(scene.portrait, scene.pose)
    # Deep skin mirrors more of its surroundings than fair skin does, so its shadows are lighter.
    mirrored = np.float32(0.16 * scene.portrait.skin)
    facing = scene.light.facing(height)
    tone = scene.light.toned(facing) * (1 - mirrored) + mirrored
    lit = scene.light.on(_albedo(scene), tone)
    # Where light ends, skin lets through a little red.
    edge = np.exp(-(((tone - 0.45) / 0.2) ** 2)) * np.float32(0.035)
    lit[0] += edge
    lit[2] -= edge * np.float32(0.4)
    shine = smoothstep(0.86, 0.98, facing) * np.float32(0.1 + 0.1 * scene.portrait.skin)
    return lit + (1 - lit) * shine * scene.light.key[:, None, None]


def _albedo(scene: Scene) -> np.ndarray:
    """The face's own colours: (3, h, w) of a field's HEAD part."""
    portrait, skin = scene.portrait, scene.colours.skin
    x, y = scene.pose.grid()

    def spot(at: tuple[float, float, float], width: tuple[float, float]) -> np.ndarray:
        return hill(x, y, scene.pose.centre(*at), width=width)

    flush = spot((-0.68, 0.52, 0.7), (0.27, 0.2)) + spot((0.68, 0.52, 0.7), (0.27, 0.2))
    flush += np.float32(0.5) * spot((0, head.nose_base(portrait) - 0.12, 1.3), (0.2, 0.14))
    flush += np.float32(0.3) * spot((0, head.chin(portrait) - 0.15, 0.9), (0.25, 0.15))
    flush *= np.float32(0.3 + 0.42 * portrait.blush)
    sockets = spot((-0.5, 0.02, 0.85), (0.3, 0.2)) + spot((0.5, 0.02, 0.85), (0.3, 0.2))
    sockets *= np.float32(0.28 - 0.1 * portrait.skin + 0.1 * head.years(portrait))
    deeper = shifted(scene.colours.flush, lightness=-0.07, chroma=0.85)
    albedo = skin[:, None, None] + (scene.colours.flush - skin)[:, None, None] * np.minimum(flush, 0.8)
    albedo += (deeper - skin)[:, None, None] * sockets
    if portrait.presentation == "man" and portrait.beard == "none":
        shaved = np.maximum(spot((0, 1.35, 0.9), (0.6, 0.38)) - spot((0, 1.1, 1.0), (0.3, 0.12)), 0)
        albedo += (0.08 * (scene.colours.brows - skin))[:, None, None] * shaved
    return albedo


def _paint_ears(scene: Scene) -> None:
    for side in (-1, 1):
        points = [(1.0, -0.12), (1.17, -0.2), (1.27, 0.0), (1.23, 0.3), (1.13, 0.56), (1.0, 0.5)]
        edge = scene.pose.place(smooth(np.array([(side * px, py, -0.05) for px, py in points]), closed=True))
        rosy = mix(scene.colours.skin, scene.colours.flush, 0.45)
        scene.paint(edge, scene.lit(rosy, min(max(0.55 + 0.8 * side * scene.light.x, 0.1), 0.9)))
        bowl = [(1.04, 0.0), (1.15, -0.08), (1.19, 0.05), (1.13, 0.28), (1.06, 0.36)]
        inner = scene.pose.place(smooth(np.array([(side * px, py, -0.05) for px, py in bowl]), closed=True))
        scene.paint(inner, scene.colours.deep * scene.light.shadow, 0.5, blur=0.004)


def _paint_folds(scene: Scene, mask: np.ndarray) -> None:
    """What the years and a smile fold: beside the mouth, below the eyes, on the forehead."""
    old, smile = head.years(scene.portrait), scene.portrait.smile
    wing, base = head.nose_half(scene.portrait), head.nose_base(scene.portrait)
    folds: list[tuple[int, list[tuple[float, float]], float, float]] = []
    for side in (-1, 1):
        cheek = [(wing + 0.05, base - 0.1), (wing + 0.18, base + 0.1), (0.5 + 0.05 * smile, 1.13)]
        folds.append((side, cheek, 0.055, 0.22 * smile + 0.34 * old))
        bag = [(0.28, 0.2), (0.45, 0.29), (0.66, 0.24)]
        folds.append((side, bag, 0.04, 0.34 * old))
        crow = [(0.87, 0.0), (0.95, 0.03), (1.0, 0.1)]
        folds.append((side, crow, 0.04, 0.45 * old * (0.4 + 0.6 * smile)))
    for y, width in ((-0.72, 0.5), (-0.9, 0.42)):
        across = [(-width, y + 0.02), (-width / 3, y - 0.01), (width / 3, y - 0.01), (width, y + 0.02)]
        folds.append((1, across, 0.04, 0.35 * max(old - 0.3, 0)))
    for side, points, width, strength in folds:
        if strength < _FAINT:
            continue
        line = smooth(np.array([(side * px, py) for px, py in points]))
        stroke = ribbon(scene.pose.on_face(line), taper(len(line)) * width * UNIT)
        scene.paint(stroke, scene.colours.deep, min(strength, 0.6), blur=0.0035, within=mask)


def paint_freckles(scene: Scene, face: np.ndarray) -> None:
    """A soft scatter over nose and cheeks."""
    if scene.portrait.freckles < 0.05:
        return
    rng = np.random.default_rng([scene.portrait.detail, 1])
    spots = []
    for _ in range(26):
        x = rng.uniform(-0.8, 0.8)
        y = 0.42 + 0.12 * math.cos(3 * x) + rng.normal(0, 0.11)
        at = scene.pose.on_face(np.array([x, y]))
        size = rng.uniform(0.016, 0.028) * UNIT
        spots.append(ellipse((at[0], at[1]), (size, size), count=10))
    scene.paint(
        spots, shifted(scene.colours.flush, lightness=-0.13), 0.5 * scene.portrait.freckles, blur=0.0012, within=face
    )
