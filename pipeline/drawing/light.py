"""How light falls: from a form's slope to a tone, and from a tone to a colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.colour import Colour, mix, oklch
from pipeline.drawing.fields import GRID, smoothstep
from pipeline.drawing.palette import Palette
from pipeline.drawing.pose import UNIT

_PER_UNIT = GRID * UNIT
"""Grid points in a head unit."""


@dataclass(frozen=True)
class Light:
    """A key light, and what the surroundings give back in its shadow."""

    x: float
    y: float
    z: float
    """Towards the light, of length 1: right, down, to us."""
    key: Colour
    """By which lit colours are multiplied."""
    shadow: Colour
    """By which colours in shadow are multiplied."""
    rim: Colour
    softness: float

    @classmethod
    def of(cls, portrait: Portrait, colours: Palette) -> Light:
        """A portrait's light. Its shadow takes a little of the background's colour."""
        across = 0.95 * portrait.light_x
        up = 0.25 + 0.6 * portrait.light_height
        length = math.sqrt(across**2 + up**2 + 1)
        warm = portrait.light_warmth
        key = np.array([1.05 + 0.035 * warm, 1.035, 1.03 - 0.06 * warm], np.float32)
        cast = mix(np.array([0.70, 0.60, 0.64], np.float32), colours.back / colours.back.max(), 0.22)
        lifted = 0.92 + 0.12 * portrait.light_softness
        rim = mix(oklch(0.88, 0.07, portrait.back_hue), oklch(0.93, 0.05, 75 - 20 * warm), 0.5 + 0.5 * warm)
        return cls(
            across / length, -up / length, 1 / length, key, (cast * lifted).astype(np.float32), rim,
            portrait.light_softness,
        )  # fmt: skip

    def facing(self, height: np.ndarray) -> np.ndarray:
        """How squarely a form (h, w) in head units, a field or a part of one, faces the light, in [-1, 1]."""
        down, right = np.gradient(height)
        right *= _PER_UNIT
        down *= _PER_UNIT
        steep = np.sqrt(1 + right * right + down * down)
        return (self.z - right * np.float32(self.x) - down * np.float32(self.y)) / steep

    def tone(self, height: np.ndarray) -> np.ndarray:
        """How light a form (h, w) in head units is, in [0, 1]."""
        return self.toned(self.facing(height))

    def toned(self, facing: np.ndarray) -> np.ndarray:
        """How light it is where it faces the light so far: a painter's two tones, with a soft step between them."""
        half = 0.22 + 0.3 * self.softness
        return (0.62 * smoothstep(0.52 - half, 0.52 + half, facing) + 0.38 * np.clip(facing, 0, 1)).astype(np.float32)

    def on(self, albedo: np.ndarray, tone: np.ndarray) -> np.ndarray:
        """Colours (3, …) in a tone (…): (3, …)."""
        if albedo.ndim == 1:
            albedo = albedo[:, None, None]
        shadow = self.shadow[:, None, None]
        return albedo * (shadow + (self.key[:, None, None] - shadow) * tone)


def rounded(mask: np.ndarray, radius: float, bulge: float) -> np.ndarray:
    """A flat shape (GRID, GRID) in [0, 1] as a cushion: rounded off over a radius, so high, in head units."""
    return cv2.GaussianBlur(mask, (0, 0), radius * _PER_UNIT) * np.float32(bulge)
