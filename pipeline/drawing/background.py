"""What is behind the sitter."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.colour import Colour, mix, shifted
from pipeline.drawing.curves import ellipse, ribbon, smooth, taper
from pipeline.drawing.fields import COLUMNS, ROWS, enlarged, hill, noise
from pipeline.drawing.light import Light
from pipeline.drawing.palette import Palette
from pipeline.drawing.scene import Scene


def paint_background(scene: Scene) -> None:
    """Fill the canvas: a graded wash, lighter where the light comes from, and a motif."""
    rng = np.random.default_rng([scene.portrait.detail, 8])
    wash = 0.55 * ROWS + 0.35 * COLUMNS * np.float32(-scene.light.x) + np.float32(0.045) * noise(rng, 5)
    share = np.clip(wash if scene.portrait.background != "glow" else _glow(scene.light), 0, 1)
    first, second = scene.colours.back, scene.colours.back_second
    layer = first[:, None, None] + (second - first)[:, None, None] * share * np.float32(0.85)
    layer *= 1 + np.float32(0.012) * noise(rng, 16)
    scene.canvas.pixels = enlarged(layer.astype(np.float32), scene.canvas.side)
    motif = _MOTIFS.get(scene.portrait.background)
    if motif:
        motif(scene, rng)


def _glow(light: Light) -> np.ndarray:
    return 1.05 * hill(COLUMNS, ROWS, (0.5 + 0.12 * light.x, 0.42), width=(0.3, 0.34))


def _accent(portrait: Portrait, colours: Palette) -> Colour:
    """A third colour beside the background's two."""
    turn = 40 if portrait.back_turn >= 0 else -40
    return shifted(
        colours.back_second, hue=turn, lightness=0.05 if portrait.back_lightness < 0.62 else -0.05, chroma=1.25
    )


def _disc(scene: Scene, rng: np.random.Generator) -> None:
    radius = rng.uniform(0.34, 0.43)
    at = (0.5 + rng.uniform(-0.08, 0.08), 0.44 + rng.uniform(-0.04, 0.04))
    disc = scene.canvas.shape(ellipse(at, (radius, radius), count=64))
    scene.canvas.paint(disc, _accent(scene.portrait, scene.colours), 0.85)
    inner = scene.canvas.shape(
        ellipse((at[0], at[1] - radius * 0.3), (radius * 0.8, radius * 0.7), count=48), blur=0.08
    )
    mask = scene.canvas.mask(ellipse(at, (radius, radius), count=64))
    scene.canvas.glow(inner.within(mask), shifted(_accent(scene.portrait, scene.colours), lightness=0.1), 0.25)


def _arch(scene: Scene, rng: np.random.Generator) -> None:
    half, top = rng.uniform(0.33, 0.4), rng.uniform(0.06, 0.13)
    angles = np.linspace(math.pi, 2 * math.pi, 32)
    middle = 0.5 + rng.uniform(-0.05, 0.05)
    for scale, colour in (
        (1.0, _accent(scene.portrait, scene.colours)),
        (0.86, mix(_accent(scene.portrait, scene.colours), scene.colours.back, 0.45)),
    ):
        r = half * scale
        bow = np.stack([middle + r * np.cos(angles), top + half + r * np.sin(angles)], axis=1)
        scene.paint(np.concatenate([bow, [(middle + r, 1.1), (middle - r, 1.1)]]), colour, 0.85)


def _hills(scene: Scene, rng: np.random.Generator) -> None:
    sun = ellipse(
        (rng.choice([0.17, 0.83]) + rng.uniform(-0.05, 0.05), rng.uniform(0.16, 0.3)), (0.085, 0.085), count=40
    )
    scene.paint(sun, mix(_accent(scene.portrait, scene.colours), np.ones(3, np.float32), 0.45), 0.9)
    x = np.linspace(-0.05, 1.05, 40)
    for level, y in enumerate((0.52, 0.64, 0.78)):
        swell = rng.uniform(0.03, 0.06) * np.sin(x * rng.uniform(4, 7) + rng.uniform(0, 6.3))
        ridge = np.stack([x, y + swell + 0.02 * np.sin(x * 11 + rng.uniform(0, 6.3))], axis=1)
        colour = shifted(
            mix(scene.colours.back_second, _accent(scene.portrait, scene.colours), 0.25 * level),
            lightness=-0.055 * (level + 0.6),
        )
        scene.paint(np.concatenate([ridge, [(1.05, 1.1), (-0.05, 1.1)]]), colour, blur=0.001)


def _leaves(scene: Scene, rng: np.random.Generator) -> None:
    for index in range(11):
        angle = math.pi * (0.86 + 1.28 * index / 10) + rng.uniform(-0.1, 0.1)
        root = np.array([0.5 + 0.3 * math.cos(angle), 0.55 + 0.32 * math.sin(angle)])
        reach = rng.uniform(0.24, 0.36)
        bend = angle + rng.uniform(-0.5, 0.5)
        spine = smooth(np.array([root, root + 0.5 * reach * np.array([math.cos(angle), math.sin(angle)]),
                                 root + reach * np.array([math.cos(bend), math.sin(bend)])]))  # fmt: skip
        colour = shifted(
            mix(scene.colours.back_second, _accent(scene.portrait, scene.colours), rng.uniform(0, 1)),
            lightness=rng.uniform(-0.09, 0.03),
        )
        leaf = ribbon(spine, taper(len(spine), peak=0.45) * rng.uniform(0.1, 0.15))
        scene.paint(leaf, colour, 0.9, blur=0.0012)
        scene.paint(ribbon(spine, 0.006), shifted(colour, lightness=0.07), 0.6, blur=0.0015)


def _bokeh(scene: Scene, rng: np.random.Generator) -> None:
    for _ in range(13):
        radius = rng.uniform(0.03, 0.085)
        spot = scene.canvas.shape(ellipse(tuple(rng.uniform(0, 1, 2)), (radius, radius), count=28), blur=0.006)
        scene.canvas.glow(
            spot, mix(_accent(scene.portrait, scene.colours), np.ones(3, np.float32), 0.3), rng.uniform(0.12, 0.32)
        )


def _window(scene: Scene, rng: np.random.Generator) -> None:
    slant, at = rng.choice([-1, 1]) * rng.uniform(0.2, 0.4), rng.uniform(0.02, 0.2)
    panes = []
    for left in (at, at + 0.33, at + 0.66):
        for top in (0.02, 0.36):
            corners = np.array([(left, top), (left + 0.28, top), (left + 0.28, top + 0.3), (left, top + 0.3)])
            corners[:, 1] += slant * (corners[:, 0] - 0.5)
            panes.append(corners)
    scene.glow(panes, mix(scene.colours.back_second, np.array([1, 0.9, 0.72], np.float32), 0.6), 0.3, blur=0.012)


_MOTIFS: dict[str, Callable[[Scene, np.random.Generator], None]] = {
    "disc": _disc,
    "arch": _arch,
    "hills": _hills,
    "leaves": _leaves,
    "bokeh": _bokeh,
    "window light": _window,
}
