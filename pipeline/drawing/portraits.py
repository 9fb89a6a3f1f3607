"""Portraits: draw lots for one, paint it, say what it is. The order of painting is here; each part has its own file."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.accessories import paint_earrings, paint_glasses
from pipeline.drawing.attributes import Portrait
from pipeline.drawing.background import paint_background
from pipeline.drawing.beard import paint_beard
from pipeline.drawing.caption import caption
from pipeline.drawing.clothes import paint_body
from pipeline.drawing.eyes import paint_eyes
from pipeline.drawing.features import paint_brows, paint_nose
from pipeline.drawing.finish import finish
from pipeline.drawing.hair import paint_behind, paint_front
from pipeline.drawing.hairstyles import hairstyle
from pipeline.drawing.headwear import paint_headwear
from pipeline.drawing.mouth import paint_mouth
from pipeline.drawing.sampling import sample
from pipeline.drawing.scene import Scene
from pipeline.drawing.skin import paint_face, paint_freckles
from pipeline.errors import InputError

__all__ = ["LARGEST", "SMALLEST", "Portrait", "caption", "draw", "sample"]

SMALLEST, LARGEST = 32, 512
"""Sides of a picture in pixels."""

_OVERSAMPLING = 2
_LEAST = 192
"""Smaller canvases would lose lashes and nostrils."""


def draw(portrait: Portrait, size: int) -> np.ndarray:
    """The picture of a portrait: (size, size, 3) uint8, sRGB. The same portrait gives the same bytes.

    Raises: InputError for a size that is not a whole number of pixels in [32, 512].
    """
    if not isinstance(size, int | np.integer) or isinstance(size, bool) or not SMALLEST <= size <= LARGEST:
        raise InputError(
            f"portrait: size is {size!r}, but must be a whole number of pixels from {SMALLEST} to {LARGEST}"
        )
    scene = Scene.of(portrait, size * max(_OVERSAMPLING, -(-_LEAST // size)))
    _paint(scene)
    return scene.canvas.developed(int(size))


def _paint(scene: Scene) -> None:
    """From back to front."""
    hair = hairstyle(scene.portrait, scene.pose)
    paint_background(scene)
    behind = scene.canvas.pixels.copy()
    paint_behind(scene, hair)
    paint_body(scene)
    face = paint_face(scene)
    paint_freckles(scene, face)
    paint_nose(scene)
    paint_beard(scene)
    paint_mouth(scene)
    paint_eyes(scene)
    paint_brows(scene, face)
    paint_front(scene, hair, face)
    paint_headwear(scene, face)
    paint_earrings(scene)
    paint_glasses(scene)
    finish(scene, behind)
