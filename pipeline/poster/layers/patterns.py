"""Patterns: stripes, rings, rays and dots, which may go on and on. In a loop they have no seam."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import Field

from pipeline.poster.actors import Actor
from pipeline.poster.layers.base import Layer, Scene
from pipeline.poster.lengths import Length
from pipeline.poster.outlines import ellipse
from pipeline.poster.sprites import Sprite, tinted

_LEVELS = 4096
"""Places in a step that are told apart: on a poster of 5000 px a step is not as many."""

Flow = Annotated[int, Field(ge=-600, le=600, description="steps that it goes on in all; less than 0 backwards")]


class PatternLayer(Layer):
    """Stripes, rings, rays or dots over its box."""

    layer: Literal["pattern"]
    pattern: Literal["stripes", "rings", "rays", "dots"]
    colour: str = "ink"
    step: Annotated[Length, Field(description="from one stripe, ring or dot to the next")] = 6.0
    rays: Annotated[int, Field(ge=1, le=360, description="how many")] = 16
    share: Annotated[float, Field(gt=0, lt=1, description="of a step that the colour fills")] = 0.5
    angle: Annotated[float, Field(ge=-360, le=360, description="of the stripes; 0 stand upright")] = 45
    flow: Flow = 0
    clip: Annotated[Literal["box", "ellipse"], Field(description="what it is cut off by")] = "box"

    def inks(self) -> Iterator[str]:
        """See Layer."""
        yield self.colour

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer."""
        box = self.placed(scene) if self.box.model_fields_set else self.noted(scene, scene.canvas.whole)
        left, top = round(box.left), round(box.top)
        width, height = max(1, round(box.right) - left), max(1, round(box.bottom) - top)
        seen = self._seen(scene, left, top, width, height)
        if seen is None:
            return
        cover = self._cover(width, height, max(scene.px(self.step), 1.0), seen, is_mirrored=scene.mirrored)
        clip = ellipse(width, height)[seen] if self.clip == "ellipse" else None
        left, top = left + seen[1].start, top + seen[0].start
        colour = scene.colour(self.colour)

        def draw(gone: float) -> Sprite:
            made = cover(gone)
            if clip is not None:
                made = cv2.multiply(made, clip, scale=1 / 255)
            return tinted(made, colour.rgb, colour.alpha, left, top)

        yield self.flowing(draw, self.flow, scene)

    def _seen(self, scene: Scene, left: int, top: int, width: int, height: int) -> tuple[slice, slice] | None:
        """Rows and columns of it that are ever seen: what stays in its place is drawn no further than the canvas goes.

        None if there are none.
        """
        if self.motion or self.keyframes or self.rotate:
            return slice(0, height), slice(0, width)
        rows = slice(max(0, -top), min(height, scene.canvas.height - top))
        columns = slice(max(0, -left), min(width, scene.canvas.width - left))
        return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None

    def _cover(
        self, width: int, height: int, step: float, seen: tuple[slice, slice], *, is_mirrored: bool
    ) -> Callable[[float], np.ndarray]:
        """How far it has gone on, [0, 1) of a step → coverage (H, W) uint8 of what is seen."""
        x = (np.arange(width) + 0.5 - width / 2)[seen[1]]
        y = (np.arange(height) + 0.5 - height / 2)[seen[0], None]
        x = -x if is_mirrored else x
        match self.pattern:
            case "stripes":
                across, down = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
                return _banded((x * across + y * down) / step, self.share, step)
            case "rings":
                return _banded(np.hypot(x, y) / step, self.share, step)
            case "rays":
                turn = np.arctan2(y, x) * self.rays / (2 * math.pi)
                # An arc's length in pixels, of one ray and what lies beside it.
                return _banded(turn, self.share, np.maximum(np.hypot(x, y) * 2 * math.pi / self.rays, 1e-3))
            case "dots":
                return _dotted(x / step, y / step, self.share, step)


def _banded(place: np.ndarray, share: float, step: float | np.ndarray) -> Callable[[float], np.ndarray]:
    """Bands over a field of places, in steps; `step`: in pixels, everywhere or at each."""
    if isinstance(step, np.ndarray):
        return lambda gone: _covered(place - gone, share, step)
    where = np.floor(place % 1.0 * _LEVELS).astype(np.uint16) % _LEVELS
    levels = (np.arange(_LEVELS) + 0.5) / _LEVELS
    # `where` is within bounds; `clip` spares numpy the check of every place.
    return lambda gone: np.take(_covered(levels - gone, share, step), where, mode="clip")


def _covered(place: np.ndarray, share: float, step: float | np.ndarray) -> np.ndarray:
    """How much of a pixel lies in the band that fills the first share of each step."""
    outside = np.abs((place - share / 2 + 0.5) % 1.0 - 0.5) - share / 2
    return np.rint(np.clip(0.5 - outside * step, 0, 1) * 255).astype(np.uint8)


def _dotted(x: np.ndarray, y: np.ndarray, share: float, step: float) -> Callable[[float], np.ndarray]:
    """Discs on a square grid that stands on its corner; they go down. Places are in steps."""
    period = math.sqrt(2) * step
    above = math.ceil(period) + 1
    # As many rows above as come in until all is as it was.
    y = np.vstack([y[:1] - np.arange(above, 0, -1)[:, None] / step, y])
    one, other = (x + y) / math.sqrt(2), (y - x) / math.sqrt(2)
    from_middle = np.hypot(one % 1.0 - 0.5, other % 1.0 - 0.5)
    field = np.rint(np.clip(0.5 - (from_middle - share / 2) * step, 0, 1) * 255).astype(np.uint8)
    size = field.shape[1], field.shape[0] - above

    def cover(gone: float) -> np.ndarray:
        down = np.array([[1, 0, 0], [0, 1, gone * period - above]], np.float64)
        return cv2.warpAffine(field, down, size, flags=cv2.INTER_LINEAR)

    return cover
