"""Colour by lightness, chroma and hue. No palettes here; those are in palette.py.

Source: Björn Ottosson, "A perceptual color space for image processing" (2020), public domain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Colour = np.ndarray
"""(3,) float32 in [0, 1], sRGB."""

Matrix = tuple[tuple[float, float, float], ...]

_LMS_OF_LAB: Matrix = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.291485548),
)
_RGB_OF_LMS: Matrix = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.707614701),
)
_LAB_OF_LMS: Matrix = tuple(map(tuple, np.linalg.inv(_LMS_OF_LAB).tolist()))
_LMS_OF_RGB: Matrix = tuple(map(tuple, np.linalg.inv(_RGB_OF_LMS).tolist()))


def oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """The colour of a lightness in [0, 1], a chroma in [0, 0.3] and a hue in degrees, clipped to what screens show."""
    angle = math.radians(hue)
    lms = _times(_LMS_OF_LAB, (lightness, chroma * math.cos(angle), chroma * math.sin(angle)))
    return np.array([_bent(value) for value in _times(_RGB_OF_LMS, [cone**3 for cone in lms])], np.float32)


def to_oklch(colour: Colour) -> tuple[float, float, float]:
    """Lightness, chroma and hue in [0, 360) of a colour: `oklch` backwards."""
    lms = _times(_LMS_OF_RGB, [_straight(value) for value in colour.tolist()])
    lightness, a, b = _times(_LAB_OF_LMS, [max(cone, 0.0) ** (1 / 3) for cone in lms])
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def to_oklab(pixels: np.ndarray) -> np.ndarray:
    """Lightness in [0, 1], and a and b, of colours (..., 3) in [0, 1], sRGB: (..., 3) float32."""
    pixels = pixels.astype(np.float32)
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    lms = np.cbrt(linear @ np.array(_LMS_OF_RGB, np.float32).T)
    return (lms @ np.array(_LAB_OF_LMS, np.float32).T).astype(np.float32)


def _times(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    """For three numbers, plain Python is four times as fast as numpy."""
    x, y, z = vector
    return [a * x + b * y + c * z for a, b, c in matrix]


def _bent(linear: float) -> float:
    linear = min(max(linear, 0.0), 1.0)
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _straight(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second in the first."""
    return (first + (second - first) * np.float32(share)).astype(np.float32)


def shifted(colour: Colour, *, lightness: float = 0.0, chroma: float = 1.0, hue: float = 0.0) -> Colour:
    """The colour made lighter by so much, more colourful by a factor, and turned by so many degrees."""
    old_lightness, old_chroma, old_hue = to_oklch(colour)
    return oklch(min(max(old_lightness + lightness, 0.0), 1.0), old_chroma * chroma, old_hue + hue)


def along(stops: tuple[str, ...], place: float) -> Colour:
    """The colour at a place in [0, 1] along evenly spaced `RRGGBB` stops."""
    colours = np.array([[int(stop[i : i + 2], 16) / 255 for i in (0, 2, 4)] for stop in stops])
    where = np.linspace(0, 1, len(stops))
    return np.array([np.interp(place, where, channel) for channel in colours.T], np.float32)
