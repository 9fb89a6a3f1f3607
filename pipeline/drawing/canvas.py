"""A square picture while it is painted: soft-edged shapes of colour, laid over each other. Knows nothing of faces.

Points are in picture units: (0, 0) is the upper left corner, (1, 1) the lower right one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

_FINE = 4
"""Bits of a pixel's fraction that corners keep."""

_SHARP = 0.45
"""Blurs narrower than this many pixels are not seen."""

_COARSE = 2.0
"""Blurs wider than this many pixels are made on a smaller grid, where they are so wide."""


@dataclass(frozen=True)
class Patch:
    """How much of a shape covers the pixels of a part of the picture."""

    cover: np.ndarray
    """(h, w) float32 in [0, 1]."""
    rows: slice
    columns: slice

    def within(self, mask: np.ndarray) -> Patch:
        """Only where a mask (N, N) is."""
        return Patch(self.cover * mask[self.rows, self.columns], self.rows, self.columns)

    def without(self, mask: np.ndarray) -> Patch:
        """Only where a mask (N, N) is not."""
        return Patch(self.cover * (1 - mask[self.rows, self.columns]), self.rows, self.columns)


class Canvas:
    """The picture: `pixels` (3, N, N) float32, sRGB, about [0, 1]."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.pixels = np.zeros((3, side, side), np.float32)

    def shape(self, *outlines: np.ndarray, blur: float = 0.0) -> Patch:
        """What outlines (M, 2) cover together, blurred by a Gaussian of so many picture units."""
        sigma = blur * self.side
        step = max(1, int(sigma / _COARSE))
        points = np.concatenate(outlines) if len(outlines) > 1 else outlines[0]
        window = self._window(points, 3 * sigma + 2, step)
        if window is None:
            return Patch(np.zeros((0, 0), np.float32), slice(0, 0), slice(0, 0))
        rows, columns = window
        # The picture's side need not be a multiple of the step.
        drawn = np.zeros((-(-(rows.stop - rows.start) // step), -(-(columns.stop - columns.start) // step)), np.uint8)
        corner = np.array([columns.start, rows.start]) / step + 0.5
        corners = np.rint((points * (self.side / step) - corner) * 2**_FINE).astype(np.int32)
        at = 0
        for outline in outlines:
            cv2.fillPoly(drawn, [corners[at : at + len(outline)]], 255, cv2.LINE_AA, _FINE)
            at += len(outline)
        return Patch(_softened(drawn, sigma / step, step, rows=rows, columns=columns), rows, columns)

    def _window(self, points: np.ndarray, margin: float, step: int) -> tuple[slice, slice] | None:
        """Rows and columns, from multiples of a step, that hold points and so many pixels around, if any do."""
        spans = []
        for low, high in zip(points.min(axis=0).tolist(), points.max(axis=0).tolist(), strict=True):
            start = int(max(low * self.side - margin, 0)) // step * step
            stop = min(int((high * self.side + margin) // step + 1) * step, self.side)
            spans.append(slice(start, stop))
        columns, rows = spans
        return (rows, columns) if rows.stop > rows.start and columns.stop > columns.start else None

    def mask(self, *outlines: np.ndarray, blur: float = 0.0) -> np.ndarray:
        """The same over the whole picture: (N, N) float32 in [0, 1]."""
        return self.spread(self.shape(*outlines, blur=blur))

    def spread(self, patch: Patch) -> np.ndarray:
        """A patch as a mask over the whole picture: (N, N) float32."""
        full = np.zeros((self.side, self.side), np.float32)
        full[patch.rows, patch.columns] = patch.cover
        return full

    def paint(self, patch: Patch, colour: np.ndarray, opacity: float = 1.0) -> None:
        """Lay a colour (3,), or a layer of colours (3, h, w) or (3, N, N), over what is there."""
        under = self.pixels[:, patch.rows, patch.columns]
        under += (_slab(colour, patch) - under) * (patch.cover * np.float32(opacity))

    def tint(self, patch: Patch, colour: np.ndarray, opacity: float = 1.0) -> None:
        """Multiply what is there, as a glaze does: shadows."""
        under = self.pixels[:, patch.rows, patch.columns]
        under *= 1 + (_slab(colour, patch) - 1) * (patch.cover * np.float32(opacity))

    def glow(self, patch: Patch, colour: np.ndarray, opacity: float = 1.0) -> None:
        """Add light, less where it is bright already."""
        under = self.pixels[:, patch.rows, patch.columns]
        under += (1 - under) * (_slab(colour, patch) * (patch.cover * np.float32(opacity)))

    def whole(self, cover: np.ndarray) -> Patch:
        """A mask (N, N) as a patch of that part of the picture where it is."""
        rows, columns = (np.flatnonzero(cover.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return Patch(cover[:0, :0], slice(0, 0), slice(0, 0))
        window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        return Patch(cover[window], *window)

    def developed(self, size: int) -> np.ndarray:
        """The finished picture: (size, size, 3) uint8. `size` divides the canvas."""
        planes = [cv2.resize(plane, (size, size), interpolation=cv2.INTER_AREA) for plane in self.pixels]
        return np.rint(np.clip(np.stack(planes, axis=-1), 0, 1) * 255).astype(np.uint8)


def _softened(drawn: np.ndarray, sigma: float, step: int, *, rows: slice, columns: slice) -> np.ndarray:
    """A shape (h, w) uint8 on a grid coarser by a step, blurred there and brought to the canvas: float32 in [0, 1]."""
    cover: np.ndarray = drawn * np.float32(1 / 255)
    if sigma > _SHARP:
        taps = 2 * math.ceil(2.6 * sigma) + 1
        cover = cv2.GaussianBlur(cover, (taps, taps), sigma, borderType=cv2.BORDER_REPLICATE)
    if step == 1:
        return cover
    height, width = drawn.shape
    large = cv2.resize(cover, (width * step, height * step), interpolation=cv2.INTER_LINEAR)
    return large[: rows.stop - rows.start, : columns.stop - columns.start]


def _slab(colour: np.ndarray, patch: Patch) -> np.ndarray:
    if colour.ndim == 1:
        return colour[:, None, None]
    return colour if colour.shape[1:] == patch.cover.shape else colour[:, patch.rows, patch.columns]
