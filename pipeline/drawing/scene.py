"""What every part of a portrait is painted with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.canvas import Canvas, Patch
from pipeline.drawing.colour import Colour, mix
from pipeline.drawing.fields import enlarged, reduced
from pipeline.drawing.light import Light, rounded
from pipeline.drawing.palette import Palette, palette
from pipeline.drawing.pose import UNIT, Pose

Outlines = np.ndarray | Sequence[np.ndarray]
"""One closed outline (M, 2), or several, in picture units."""


@dataclass(frozen=True)
class Scene:
    """A canvas, and the sitter before it."""

    canvas: Canvas
    portrait: Portrait
    pose: Pose
    colours: Palette
    light: Light

    @classmethod
    def of(cls, portrait: Portrait, side: int) -> Scene:
        """An empty canvas, so many pixels along a side, for a portrait."""
        colours = palette(portrait)
        return cls(Canvas(side), portrait, Pose.of(portrait), colours, Light.of(portrait, colours))

    def paint(
        self,
        outlines: Outlines,
        colour: np.ndarray,
        opacity: float = 1.0,
        *,
        blur: float = 0.0,
        within: np.ndarray | None = None,
    ) -> None:
        """Lay a colour over what outlines cover together, where a mask is. Lengths are in picture units."""
        self.canvas.paint(self._patch(outlines, blur, within), colour, opacity)

    def tint(
        self,
        outlines: Outlines,
        colour: np.ndarray,
        opacity: float = 1.0,
        *,
        blur: float = 0.0,
        within: np.ndarray | None = None,
    ) -> None:
        """The same, multiplied: shadows."""
        self.canvas.tint(self._patch(outlines, blur, within), colour, opacity)

    def glow(
        self,
        outlines: Outlines,
        colour: np.ndarray,
        opacity: float = 1.0,
        *,
        blur: float = 0.0,
        within: np.ndarray | None = None,
    ) -> None:
        """The same, added: light."""
        self.canvas.glow(self._patch(outlines, blur, within), colour, opacity)

    def cushion(self, mask: np.ndarray, colour: Colour, radius: float, *, bulge: float, opacity: float = 1.0) -> None:
        """Lay a colour over a mask (N, N), shaded as a form so round and high, in head units."""
        tone = enlarged(self.light.tone(rounded(reduced(mask), radius, bulge)), self.canvas.side)
        self.shaded(self.canvas.whole(mask), colour, tone, opacity=opacity)

    def shaded(self, patch: Patch, colour: Colour, tone: np.ndarray, *, opacity: float = 1.0) -> None:
        """Lay a colour over a patch, in a tone (N, N) from 0 to 1."""
        self.canvas.paint(patch, self.light.on(colour, tone[patch.rows, patch.columns]), opacity)

    def moved(self, outline: np.ndarray, aside: float, down: float) -> np.ndarray:
        """An outline moved by head units: down, and aside as far as the light comes from the side."""
        return outline + np.array([aside * self.light.x, down]) * UNIT

    def lit(self, colour: Colour, share: float) -> Colour:
        """A colour on a flat surface that is so far in the light, from 0 to 1."""
        return colour * mix(self.light.shadow, self.light.key, share)

    def _patch(self, outlines: Outlines, blur: float, within: np.ndarray | None) -> Patch:
        patch = self.canvas.shape(*([outlines] if isinstance(outlines, np.ndarray) else outlines), blur=blur)
        return patch if within is None else patch.within(within)
