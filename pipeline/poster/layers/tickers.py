"""The layer of words that run past again and again, on a band of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import Field

from pipeline.poster.actors import Actor
from pipeline.poster.layers.base import Scene
from pipeline.poster.layers.words import Lettered
from pipeline.poster.lengths import Length
from pipeline.poster.sprites import Sprite, over, tinted
from pipeline.poster.variables import fill

_ENDLESS = 1e6
"""Pixels: no words are as long."""


class TickerLayer(Lettered):
    """Words that run past. They are an ornament: nobody looks whether they are read on what lies below."""

    layer: Literal["ticker"]
    fill: Annotated[str | None, Field(description="the band's colour; none shows what lies below")] = None
    space: Annotated[Length, Field(description="between the words and their next coming")] = 4.0
    flow: Annotated[int, Field(ge=-600, le=600, description="how often they pass in all; less than 0 backwards")] = 2
    stroke: Annotated[Length, Field(description="of the letters' edge, where that is all to be seen of them")] = 0.0

    def inks(self) -> Iterator[str]:
        """See Layer."""
        yield from filter(None, [self.colour, self.fill])

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer. Raises: CannotFit, MissingGlyph as well."""
        box = self.placed(scene)
        left, top = round(box.left), round(box.top)
        width, height = max(1, round(box.right) - left), max(1, round(box.bottom) - top)
        tile = self._tile(height, scene)
        if tile is None:
            return
        step = tile.shape[1]
        # Its beginning is seen again beyond its end.
        field = np.tile(tile, (1, math.ceil(width / step) + 2))
        colour, ground = scene.colour(self.colour), None if self.fill is None else scene.colour(self.fill)

        def draw(gone: float) -> Sprite:
            between, whole = math.modf(gone * step)
            part = field[:, int(whole) : int(whole) + width + 1]
            shift = np.array([[1, 0, -between], [0, 1, 0]], np.float64)
            words = tinted(cv2.warpAffine(part, shift, (width, height)), colour.rgb, colour.alpha, left, top)
            if ground is None:
                return words
            return over(tinted(np.full((height, width), 255, np.uint8), ground.rgb, ground.alpha, left, top), words)

        # What is read from the right comes from the left.
        yield self.flowing(draw, -self.flow if scene.mirrored else self.flow, scene)

    def _tile(self, height: int, scene: Scene) -> np.ndarray | None:
        """The words once, and the space after them: coverage (H, W) uint8; None if there are none."""
        from pipeline.typography.ink import coverage
        from pipeline.typography.typeset import typeset

        text = " ".join(fill(self.text, scene.values).split())
        if not text:
            return None
        style = self.style(scene.canvas.unit, scene.families, scene.locale)
        style = replace(style, valign="middle", most_lines=1)
        made = typeset(text, style, _ENDLESS, height, scene.fonts())
        if made.ink is None:
            return None
        stroke = scene.px(self.stroke)
        begins = math.floor(made.ink.x0 - stroke)
        step = max(1, math.ceil(made.ink.x1 + stroke) - begins + round(scene.px(self.space)))
        letters = coverage(made, step, height, at=(-begins, 0))
        if stroke == 0:
            return letters
        return cv2.subtract(coverage(made, step, height, at=(-begins, 0), stroke_px=stroke), letters)
