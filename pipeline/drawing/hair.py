"""Hair as it is painted: masses, light, strands, curls, and the shadow it casts on the face. Shapes: hairstyles.py."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.colour import mix, shifted, to_oklch
from pipeline.drawing.curves import ellipse
from pipeline.drawing.fields import enlarged, reduced
from pipeline.drawing.light import rounded
from pipeline.drawing.locks import Sheet, paint_strands
from pipeline.drawing.scalp import Hair
from pipeline.drawing.scene import Scene


def paint_behind(scene: Scene, hair: Hair) -> None:
    """What is seen of the hair behind neck and shoulders."""
    dim = shifted(scene.colours.hair, lightness=-0.06) * mix(np.ones(3, np.float32), scene.light.shadow, 0.85)
    if hair.behind:
        scene.paint(hair.behind, dim)
    if hair.behind_bulk:
        _paint_curls(scene, hair.behind_bulk, hair.curl)
    _paint_sheets(scene, hair.behind_sheets)


def paint_front(scene: Scene, hair: Hair, face: np.ndarray) -> None:
    """The hair on and around the face. `face` is the mask that it casts its shadow on."""
    shapes = [part.outline() for part in hair.sheets] + hair.bulk
    if shapes:
        shadows = [scene.moved(outline, -0.1, 0.1) for outline in shapes]
        scene.tint(shadows, scene.light.shadow, 0.75, blur=0.011, within=face)
    if hair.cap is not None:
        _paint_cap(scene, hair.cap, hair.cap_blur, opacity=hair.cap_opacity)
    if hair.bulk:
        _paint_curls(scene, hair.bulk, hair.curl)
    _paint_sheets(scene, hair.sheets)


def _tone(scene: Scene, mask: np.ndarray) -> np.ndarray:
    return enlarged(scene.light.tone(rounded(reduced(mask), 0.2, 0.55)), scene.canvas.side)


def _paint_cap(scene: Scene, outline: np.ndarray, blur: float, *, opacity: float) -> None:
    mask = scene.canvas.mask(outline, blur=blur)
    scene.cushion(mask, shifted(scene.colours.hair, lightness=-0.03), 0.2, bulge=0.5, opacity=opacity)


def _paint_sheets(scene: Scene, sheets: list[Sheet]) -> None:
    if not sheets:
        return
    colour = scene.colours.hair
    covers = [scene.canvas.shape(part.outline()) for part in sheets]
    union = np.zeros_like(scene.canvas.pixels[0])
    for cover in covers:
        under = union[cover.rows, cover.columns]
        np.maximum(under, cover.cover, out=under)
    tone = _tone(scene, union)
    rng = np.random.default_rng([scene.portrait.detail, 5])
    lightness = to_oklch(colour)[0]
    dark = shifted(colour, lightness=-0.05 - 0.07 * lightness) * mix(np.ones(3, np.float32), scene.light.shadow, 0.6)
    bright = shifted(colour, lightness=0.08 + 0.05 * (1 - lightness)) * scene.light.key
    for part, cover in zip(sheets, covers, strict=True):
        scene.tint(scene.moved(part.outline(), -0.02, 0.02), scene.light.shadow, 0.35, blur=0.006, within=union)
        scene.shaded(cover, colour * np.float32(part.tone), tone)
        paint_strands(scene.canvas, part, cover, rng=rng, dark=dark, bright=bright)


def _paint_curls(scene: Scene, bulk: list[np.ndarray], curl: float) -> None:
    """A mass of hair, and on it curls that are dark below and catch light above."""
    colour, mask = scene.colours.hair, scene.canvas.mask(*bulk)
    scene.cushion(mask, colour, 0.2, bulge=0.8)
    rng = np.random.default_rng([scene.portrait.detail, 6])
    step = curl * 1.35
    places = np.stack(np.meshgrid(np.arange(0.08, 0.92, step), np.arange(0.02, 0.99, step)), axis=-1)
    places[1::2, :, 0] += step / 2
    places = places.reshape(-1, 2) + rng.uniform(-0.3, 0.3, (places.size // 2, 2)) * step
    at = np.clip((places * scene.canvas.side).astype(int), 0, scene.canvas.side - 1)
    places = places[mask[at[:, 1], at[:, 0]] > 0.5]
    size = curl * rng.uniform(0.4, 0.62, len(places))
    toward = np.array([scene.light.x, scene.light.y]) * curl * 0.32
    round_ = ellipse((0, 0), (1, 0.8), count=12) * size[:, None, None]
    low, high = list(places[:, None] - toward + round_), list(places[:, None] + toward + 0.65 * round_)
    lightness = to_oklch(colour)[0]
    dark = shifted(colour, lightness=-0.07 * (0.5 + lightness)) * mix(np.ones(3, np.float32), scene.light.shadow, 0.6)
    scene.paint(low, dark, 0.5, blur=0.0025, within=mask)
    bright = shifted(colour, lightness=0.1) * scene.light.key
    scene.paint(high, bright, 0.38, blur=0.0025, within=mask)
