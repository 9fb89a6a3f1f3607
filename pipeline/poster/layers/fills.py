"""Layers of plain colour: gradients and shapes."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, radians, sin
from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import Field

from pipeline.poster.actors import Actor, Still
from pipeline.poster.canvas import Box
from pipeline.poster.colours import Colour
from pipeline.poster.layers.base import Layer, Scene
from pipeline.poster.lengths import Length
from pipeline.poster.outlines import ellipse, polygon, rounded
from pipeline.poster.sprites import Sprite, over, tinted

Point = tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]

_DITHER = 0.5
"""Codes by which a gradient's pixels are moved apart, so that no bands are seen."""


class GradientLayer(Layer):
    """From colour to colour over its box."""

    layer: Literal["gradient"]
    colours: Annotated[tuple[str, ...], Field(min_length=2, max_length=8, description="from first to last, evenly")]
    angle: Annotated[float, Field(ge=-360, le=360, description="0 is to the right, 90 down")] = 90
    shape: Annotated[Literal["linear", "radial"], Field(description="`radial`: from the middle outwards")] = "linear"
    radius: Annotated[Length, Field(description="of its corners")] = 0.0

    def inks(self) -> Iterator[str]:
        """See Layer."""
        yield from self.colours

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer."""
        box = self.placed(scene) if self.box.model_fields_set else self.noted(scene, scene.canvas.whole)
        left, top = round(box.left), round(box.top)
        width, height = max(1, round(box.right) - left), max(1, round(box.bottom) - top)
        colours = [scene.colour(text) for text in self.colours]
        pixels = _graded(self._course(width, height, scene), colours)
        if (radius := scene.px(self.radius)) > 0:
            pixels = cv2.multiply(pixels, cv2.merge([rounded(width, height, radius)] * 4), scale=1 / 255)
        drawn = Sprite(pixels, left, top)
        yield Still(drawn, scene.canvas.unit, self.tracks(scene), self.rest(scene))

    def _course(self, width: int, height: int, scene: Scene) -> np.ndarray:
        """(H, W) in [0, 1]: how far along the gradient each pixel is."""
        x, y = (np.arange(width) + 0.5) / width * 2 - 1, (np.arange(height) + 0.5) / height * 2 - 1
        if self.shape == "radial":
            return np.clip(np.hypot(x[None], y[:, None]), 0, 1).astype(np.float32)
        across, down = cos(radians(self.angle)) * width, sin(radians(self.angle)) * height
        across = -across if scene.mirrored else across
        # Its ends are the corners that lie furthest along the way.
        along = (x[None] * across + y[:, None] * down) / (abs(across) + abs(down))
        return ((along + 1) / 2).astype(np.float32)


def _graded(course: np.ndarray, colours: list[Colour]) -> np.ndarray:
    stops = np.linspace(0, 1, len(colours))
    rows = np.array([[*(value * colour.alpha for value in colour.rgb), 255 * colour.alpha] for colour in colours])
    fine = np.linspace(0, 1, 4097)
    table = np.stack([np.interp(fine, stops, row) for row in rows.T], axis=1).astype(np.float32)
    pixels = table[np.rint(course * 4096).astype(np.int32)]
    noise = np.random.default_rng(0).random(course.shape, np.float32)[..., None] - np.float32(0.5)
    pixels += noise * (2 * _DITHER) * (pixels > 0)
    made = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    # No colour may be more than it hides.
    return np.minimum(made, made[..., 3:])


class ShapeLayer(Layer):
    """A rectangle, an ellipse, a line or a polygon."""

    layer: Literal["shape"]
    shape: Annotated[
        Literal["rectangle", "ellipse", "half", "quarter", "line", "polygon"],
        Field(description="`half`: the upper half of an ellipse; `quarter`: the one whose middle is at the lower left"),
    ] = "rectangle"
    fill: Annotated[str | None, Field(description="its colour; none is only an outline")] = None
    outline: Annotated[str | None, Field(description="colour of its edge")] = None
    width: Annotated[Length, Field(description="of the outline, or of the line")] = 0.4
    radius: Annotated[Length, Field(description="of a rectangle's corners")] = 0.0
    corners: Annotated[tuple[Point, ...], Field(max_length=64, description="of a polygon, in shares of its box")] = ()
    blur: Annotated[Length, Field(description="how soft its edge is, as of a shadow or a glow")] = 0.0

    def inks(self) -> Iterator[str]:
        """See Layer."""
        yield from filter(None, [self.fill, self.outline])

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer."""
        drawn = self._drawn(self.placed(scene), scene)
        if drawn is not None:
            drawn = blurred(drawn, scene.px(self.blur))
            yield Still(drawn, scene.canvas.unit, self.tracks(scene), self.rest(scene))

    def _drawn(self, box: Box, scene: Scene) -> Sprite | None:
        line = scene.px(self.width)
        if self.shape == "line":
            # A line fills its box's width or height, whichever is longer, in its middle.
            is_level = box.width >= box.height
            box = (
                Box(box.left, box.top + box.height / 2 - line / 2, box.width, line)
                if is_level
                else Box(box.left + box.width / 2 - line / 2, box.top, line, box.height)
            )
        outer = self._cover(box, 0.0, scene)
        parts = []
        if self.fill is not None:
            parts.append(coloured(outer, scene.colour(self.fill)))
        if self.outline is not None and self.shape != "line":
            inner = self._cover(box, line, scene)
            ring = Sprite(cv2.subtract(outer.rgba, inner.rgba), outer.left, outer.top)
            parts.append(coloured(ring, scene.colour(self.outline)))
        return None if not parts else parts[0] if len(parts) == 1 else over(*parts)

    def _cover(self, box: Box, inset: float, scene: Scene) -> Sprite:
        """Its coverage, as a sprite of white, within its edge by so many pixels."""
        left, top = int(box.left // 1), int(box.top // 1)
        x, y = box.left - left + inset, box.top - top + inset
        width, height = max(box.width - 2 * inset, 0.01), max(box.height - 2 * inset, 0.01)
        field = max(1, int(np.ceil(box.right)) - left), max(1, int(np.ceil(box.bottom)) - top)
        match self.shape:
            case "ellipse":
                made = ellipse(width, height, left=x, top=y)
            case "half":
                made = _part_of(ellipse(width, 2 * height, left=x, top=y), width, height, left=x, top=y)
            case "quarter":
                whole = ellipse(2 * width, 2 * height, left=x if scene.mirrored else x - width, top=y)
                made = _part_of(whole, width, height, left=x, top=y)
            case "polygon":
                points = [(1 - across if scene.mirrored else across, down) for across, down in self.corners]
                made = polygon([(x + across * width, y + down * height) for across, down in points], *field)
            case _:
                made = rounded(width, height, max(scene.px(self.radius) - inset, 0), left=x, top=y)
        full = np.zeros((field[1], field[0]), np.uint8)
        part = made[: field[1], : field[0]]
        full[: part.shape[0], : part.shape[1]] = part
        return tinted(full, (255, 255, 255), left=left, top=top)


def _part_of(cover: np.ndarray, width: float, height: float, *, left: float, top: float) -> np.ndarray:
    """What of a shape lies within a rectangle."""
    field = rounded(width, height, 0, left=left, top=top)
    return cv2.multiply(np.ascontiguousarray(cover[: field.shape[0], : field.shape[1]]), field, scale=1 / 255)


def blurred(sprite: Sprite, radius: float) -> Sprite:
    """The sprite out of focus, and as much larger as it then reaches."""
    if radius <= 0:
        return sprite
    margin = int(np.ceil(3 * radius))
    wide = cv2.copyMakeBorder(sprite.rgba, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    return Sprite(cv2.GaussianBlur(wide, (0, 0), radius), sprite.left - margin, sprite.top - margin)


def coloured(cover: Sprite, colour: Colour) -> Sprite:
    """A white sprite in another colour."""
    return tinted(cv2.extractChannel(cover.rgba, 3), colour.rgb, colour.alpha, cover.left, cover.top)
