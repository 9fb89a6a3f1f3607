"""From which way surfaces face to what colour they show."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.motion.view.lighting import TABLE_PX
from pipeline.motion.view.surface_rows import FAR_M
from pipeline.motion.view.surfaces import Layer, Strip, Surfaces

_HIDDEN_M = 0.09
"""Half dark is what lies so much deeper than its surroundings."""

_DEEPEST_M = 0.25
"""More than this makes nothing darker."""

_AROUND_M = 0.055
"""How far away those are."""

_SKIP, _SMALLER = 2, 4
"""Surroundings are looked at in a picture so many times smaller, made of one in so many rows and columns."""

_REMAP_PX = 1024
"""OpenCV looks up at most 32,767 in a row."""


class Shader:
    """Gives pixels of surfaces their colours."""

    def __init__(self, made: Surfaces, colours: np.ndarray, table: np.ndarray, pixels_per_m: float) -> None:
        """`colours`: `(Q, 3)`, 0 to 1, of surfaces. `table`: the light (lighting.py)."""
        self._colours, self._table = colours.T.astype(np.float32), table
        self._around = _around(made, pixels_per_m)
        self._top = made.box[1]

    def shaded(self, strip: Strip) -> np.ndarray:
        """`(n, 3)` float32 in 0 to 255, sRGB, of the pixels of `strip.front`."""
        around = self._around[strip.top - self._top :].reshape(-1)
        colour = self._lit(strip.front, around)
        if len(strip.under):
            before = colour[strip.under]
            colour[strip.under] = before + (self._lit(strip.behind, around) - before) * strip.share[:, None]
        return colour

    def _lit(self, layer: Layer, around: np.ndarray) -> np.ndarray:
        scale = np.float32((TABLE_PX - 1) / 2)
        if not (count := len(layer.places)):
            return np.empty((0, 3), np.float32)
        rows = -(-count // _REMAP_PX)
        places = np.zeros((2, rows * _REMAP_PX), np.float32)
        np.multiply(layer.faces, scale, out=places[:, :count])
        places += scale
        x, y = places.reshape(2, rows, _REMAP_PX)
        light = cv2.remap(self._table, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(-1, 4)[:count]
        # Light is lost in what lies deeper than its surroundings: a body that an arm passes, the inside of an elbow.
        dim = layer.depths - around.take(layer.places)
        np.maximum(dim, 0, out=dim)
        np.minimum(dim, _DEEPEST_M, out=dim)
        dim *= np.float32(1 / (_HIDDEN_M * 255))
        dim += np.float32(1 / 255)
        np.divide(1, dim, out=dim)
        shine = light[:, 3] * dim
        made = np.empty((count, 3), np.float32)
        for channel, plane in enumerate(np.repeat(self._colours, layer.counts, axis=1)):
            plane *= light[:, channel]
            plane *= dim
            plane += shine
            np.minimum(plane, 255, out=made[:, channel])
        return made


def _around(made: Surfaces, pixels_per_m: float) -> np.ndarray:
    """`(rows, columns)`: how far away the surroundings of each pixel are, metres.

    Source: Luft et al., "Image enhancement by unsharp masking the depth buffer", SIGGRAPH 2006.
    """
    rows, columns = made.depth.shape
    depth = made.depth[::_SKIP, ::_SKIP]
    there = (depth < FAR_M).astype(np.float32)
    size = (max(columns // _SMALLER, 1), max(rows // _SMALLER, 1))
    filled = cv2.resize(there, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(depth * there, size, interpolation=cv2.INTER_AREA)
    # What has nothing behind it stands before something far away.
    far = max((float(strip.front.depths.max(initial=1.0)) for strip in made.strips), default=1.0)
    sigma = max(_AROUND_M * pixels_per_m / _SMALLER, 0.6)
    return cv2.resize(cv2.GaussianBlur(small + (1 - filled) * far, (0, 0), sigma), (columns, rows))
