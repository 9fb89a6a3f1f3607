"""Where a garment ends at the neck: necklines, collars, lapels, hoods and scarves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.drawing import head
from pipeline.drawing.attributes import Portrait
from pipeline.drawing.colour import Colour, shifted
from pipeline.drawing.curves import ribbon, smooth, taper
from pipeline.drawing.pose import UNIT
from pipeline.drawing.scene import Scene

_NECKLINES = {
    "t-shirt": (0.74, 2.26, 2.52, 0.5),
    "v-neck jumper": (0.74, 2.22, 2.98, 0.06),
    "roll-neck": (0.62, 2.1, 2.2, 0.5),
    "shirt": (0.68, 2.16, 2.7, 0.1),
    "blazer": (0.72, 2.2, 3.3, 0.1),
    "hoodie": (0.78, 2.2, 2.55, 0.5),
    "boat-neck top": (1.22, 2.47, 2.72, 0.62),
    "scarf": (0.7, 2.2, 2.4, 0.5),
}
"""Half the width and y of each garment's opening at its ends, y in its middle, and how far down stays wide."""


def neck_half(portrait: Portrait) -> float:
    """Half the neck's width."""
    return 0.56 + 0.08 * head.build(portrait) + 0.02 * portrait.cheeks


def neckline(portrait: Portrait) -> np.ndarray:
    """A garment's edge from left to right: (M, 2) in body units."""
    half, side, middle, wide = _NECKLINES[portrait.garment]
    half += 0.07 * head.build(portrait)
    x = np.array([half, half * (0.55 + 0.45 * wide), half * wide, 0])
    y = np.array([side, side + (middle - side) * (0.5 + 0.3 * wide), middle - (middle - side) * 0.04, middle])
    return smooth(np.stack([np.concatenate([-x, x[-2::-1]]), np.concatenate([y, y[-2::-1]])], axis=1))


def sagging(half: float, side: float, middle: float, *, half_way: float, tilt: float = 0.0) -> np.ndarray:
    """A line that hangs from both sides of the neck; `half_way` is how far down it is between: (M, 2) in body units."""
    between = side + (middle - side) * half_way
    return smooth(
        np.array(
            [
                (-half, side - tilt),
                (-half / 2, between - tilt),
                (0, middle),
                (half / 2, between + tilt),
                (half, side + tilt),
            ]
        )
    )


def paint_collar(scene: Scene) -> None:
    """Paint the garment's upper edge."""
    _PAINTERS.get(scene.portrait.garment, _paint_hem)(scene)


def _paint_band(scene: Scene, colour: Colour, line: np.ndarray, *, width: np.ndarray | float) -> None:
    """A band of cloth along a line in body units, lit from its upper edge."""
    placed = scene.pose.body(line)
    wide = np.broadcast_to(np.asarray(width) * UNIT, len(line))
    scene.tint(ribbon(placed + np.array([0, 0.05 * UNIT]), wide), scene.light.shadow, 0.45, blur=0.005)
    band = ribbon(placed, wide)
    scene.paint(band, scene.lit(colour, 0.78))
    upper = placed - np.stack([np.zeros(len(line)), 0.2 * wide], axis=1)
    scene.paint(ribbon(upper, 0.4 * wide), colour * scene.light.key, 0.8, blur=0.004, within=scene.canvas.mask(band))


def _paint_flap(scene: Scene, points: np.ndarray, colour: Colour, *, side: int) -> None:
    """A flat piece of cloth as on the right of the neck, or mirrored to the left."""
    placed = scene.pose.body(points * (side, 1))
    scene.tint(scene.moved(placed, -0.03, 0.055), scene.light.shadow, 0.55, blur=0.005)
    scene.paint(placed, scene.lit(shifted(colour, lightness=0.03), min(max(0.72 + 0.4 * side * scene.light.x, 0.3), 1)))


def _paint_hem(scene: Scene) -> None:
    _paint_band(scene, shifted(scene.colours.cloth, lightness=-0.03), neckline(scene.portrait), width=0.1)


def _paint_roll(scene: Scene) -> None:
    half = neck_half(scene.portrait) + 0.06
    for y, extra in ((2.16, 0.1), (1.93, 0.03)):
        line = sagging(half + extra, y - 0.12, y + 0.12, half_way=0.8)
        _paint_band(scene, scene.colours.cloth, line, width=0.34)


def _paint_shirt(scene: Scene) -> None:
    half = neck_half(scene.portrait)
    flap = np.array(
        [(half + 0.02, 1.98), (half + 0.22, 2.18), (half + 0.12, 2.72), (0.3, 2.86), (0.05, 2.72), (0.3, 2.5)]
    )
    for side in (-1, 1):
        _paint_flap(scene, flap, scene.colours.cloth, side=side)
    seam = scene.pose.body(np.array([(0.0, 2.74), (0.02, 3.1), (0.02, 3.5)]))
    scene.tint(ribbon(seam, 0.03 * UNIT), scene.light.shadow, 0.6, blur=0.002)


def _paint_lapels(scene: Scene) -> None:
    half = neck_half(scene.portrait)
    outer = [(half, 2.1), (half + 0.36, 2.36), (half + 0.52, 2.78), (half + 0.3, 2.84), (half + 0.36, 2.98)]
    lapel = np.array([*outer, (0.1, 3.5), (half * 0.6, 2.6)])
    shirt = np.array([(half - 0.02, 2.02), (half + 0.14, 2.24), (half * 0.75, 2.72), (0.06, 2.68), (0.3, 2.5)])
    for side in (-1, 1):
        _paint_flap(scene, shirt, scene.colours.second, side=side)
        _paint_flap(scene, lapel, scene.colours.cloth, side=side)


def _paint_hood(scene: Scene) -> None:
    half = neck_half(scene.portrait)
    for side in (-1, 1):
        edge = [(half + 0.28, 1.96), (half + 0.3, 2.32), (0.5, 2.62), (0.02, 2.78)]
        line = smooth(np.array(edge) * (side, 1))
        _paint_band(scene, scene.colours.cloth, line, width=taper(len(line), start=0.35, end=0.9) * 0.34)
        cord = smooth(np.array([(0.26, 2.72), (0.28, 3.0), (0.25, 3.3)]) * (side, 1))
        scene.paint(ribbon(scene.pose.body(cord), 0.05 * UNIT), scene.colours.second * scene.light.key)


def _paint_scarf(scene: Scene) -> None:
    half, colour = neck_half(scene.portrait), shifted(scene.colours.second, lightness=-0.12)
    for y, sag, extra in ((2.42, 0.34, 0.3), (2.16, 0.3, 0.2), (1.98, 0.24, 0.1)):
        tilt = 0.07 * scene.portrait.turn
        line = sagging(half + extra, y - 0.18, y + 0.75 * sag, half_way=0.8, tilt=tilt)
        _paint_band(scene, colour, line, width=taper(len(line), start=0.5, end=0.5) * 0.44)


_PAINTERS: dict[str, Callable[[Scene], None]] = {
    "roll-neck": _paint_roll,
    "shirt": _paint_shirt,
    "blazer": _paint_lapels,
    "hoodie": _paint_hood,
    "scarf": _paint_scarf,
}
