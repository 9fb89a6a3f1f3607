"""White balance: the colour of the light that a picture was taken in, made that of the standard light.

Source: Kim et al., Design of advanced color temperature control system for HDTV applications, 2002 (Planck's locus,
1667 to 25,000 K); Bradford's cone responses, as the ICC's profile specification has them; Adobe, Digital Negative
Specification 1.7 (tint is -3000 times the distance from the locus in CIE 1960).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field

from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.light import encoded, linear

STANDARD_K = 6500.0

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_TO_CONES = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_TINT = 3000.0
_BESIDE_K = 1.0
"""Kelvin to a neighbour on the locus, which tells its direction."""


class WhiteBalance(Edit):
    """The light's colour taken out."""

    main: ClassVar[str] = "temperature"
    like: ClassVar[str] = "white_balance: {temperature: 5200, tint: 5}"

    temperature: Annotated[
        float,
        Field(ge=1700, le=25_000, description="of the light, in kelvin; more is warmer, 6500 changes nothing"),
    ] = STANDARD_K
    tint: Annotated[float, Field(ge=-150, le=150, description="more is more magenta, less is greener")] = 0.0

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        neutral = self.temperature == STANDARD_K and self.tint == 0
        matrix = adaptation(self.temperature, self.tint).astype(np.float32)

        def balance(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            return pixels if neutral else encoded(cv2.transform(linear(pixels), matrix))

        return balance


def adaptation(temperature: float, tint: float) -> np.ndarray:
    """(3, 3) float64, of linear sRGB: what was white in light of this colour becomes white."""
    seen, wanted = (_TO_CONES @ _xyz(*white) for white in ((temperature, tint), (STANDARD_K, 0.0)))
    adapted = np.linalg.inv(_TO_CONES) @ np.diag(wanted / seen) @ _TO_CONES
    return np.linalg.inv(_TO_XYZ) @ adapted @ _TO_XYZ


def _xyz(temperature: float, tint: float) -> np.ndarray:
    """A light's tristimulus values, Y being 1."""
    u, v = _uv(temperature)
    along = np.subtract(_uv(temperature + _BESIDE_K), (u, v))
    across = np.array([-along[1], along[0]]) / math.hypot(*along)
    if across[1] < 0:
        across = -across
    # More tint says that the light was greener, above the locus: then the picture becomes more magenta.
    u, v = np.array([u, v]) + across * tint / _TINT
    x, y = 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _uv(kelvin: float) -> tuple[float, float]:
    """A black body's chromaticity in CIE 1960."""
    t = 1e3 / kelvin
    if kelvin <= 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin <= 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin <= 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    return 4 * x / (-2 * x + 12 * y + 3), 6 * y / (-2 * x + 12 * y + 3)
