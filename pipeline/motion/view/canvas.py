"""The picture that is being drawn: layers are laid over each other, with or without anything behind them."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.motion.view.surface_rows import Box

_PIXEL = np.dtype("V3")
"""Red, green and blue in one piece, which NumPy copies faster than three numbers."""


class Canvas:
    """Of `(height, width, 3)` uint8 that is there already, or of nothing."""

    def __init__(self, pixels: np.ndarray, *, transparent: bool) -> None:
        self._pixels = pixels
        self._alpha = np.zeros(pixels.shape[:2], np.float32) if transparent else None
        self._is_black = transparent

    def lay(self, box: Box, colours: np.ndarray, cover: np.ndarray) -> None:
        """Colours `(rows, columns, 3)` or `(3,)`, float32 in 0 to 255; `cover`: how much, `(rows, columns)`, 0 to 1."""
        left, top, right, bottom = box
        self._is_black = False
        pixels = self._pixels[top:bottom, left:right]
        if self._alpha is None:
            made = pixels.astype(np.float32)
            more = colours - made
            more *= cover[..., None]
            made += more
        else:
            alpha = self._alpha[top:bottom, left:right]
            kept = alpha * (1 - cover)
            alpha[...] = cover + kept
            share = (cover / np.maximum(alpha, 1e-6))[..., None]
            made = pixels + (colours - pixels) * share
        made += 0.5
        pixels[...] = made

    def lay_pixels(
        self, left: int, top: int, width: int, places: np.ndarray, colours: np.ndarray, share: np.ndarray
    ) -> None:
        """Colours `(n, 3)`, as much as `share`, `(n,)`, 0 to 1, in some pixels of a box, none of them twice.

        `places`: `(n,)`, the row times `width`, the box's, and the column.
        """
        whole = self._pixels.shape[1]
        self._is_black = False
        places_here = places + places // width * (whole - width) + (top * whole + left)
        flat = self._pixels.reshape(-1).view(_PIXEL)
        made = colours + np.float32(0.5)
        if self._alpha is None:
            # Most pixels are filled.
            partly = np.flatnonzero(share < 1)
            old = flat.take(places_here[partly]).view(np.uint8).reshape(-1, 3)
            made[partly] = old + (colours[partly] - old) * share[partly, None] + np.float32(0.5)
        else:
            alpha = self._alpha.reshape(-1)
            kept = share + alpha.take(places_here) * (1 - share)
            alpha[places_here] = kept
            old = flat.take(places_here).view(np.uint8).reshape(-1, 3)
            made = old + (colours - old) * (share / np.maximum(kept, 1e-6))[:, None] + np.float32(0.5)
        flat[places_here] = made.astype(np.uint8).reshape(-1).view(_PIXEL)

    def darken(self, box: Box, kept: np.ndarray) -> None:
        """Leave so much of the light, `(rows, columns)` uint8, 255 for all: black that lies over what is there."""
        left, top, right, bottom = box
        if self._alpha is not None and self._is_black:
            # Black over black, or over nothing: only how much there is of it changes.
            alpha = self._alpha[top:bottom, left:right]
            alpha[...] = 1 - (1 - alpha) * (kept * np.float32(1 / 255))
            return
        if self._alpha is not None:
            self.lay(box, np.zeros(3, np.float32), 1 - kept * np.float32(1 / 255))
            return
        pixels = self._pixels[top:bottom, left:right]
        cv2.multiply(pixels, cv2.cvtColor(kept, cv2.COLOR_GRAY2RGB), pixels, 1 / 255)

    def finished(self) -> np.ndarray:
        """`(height, width, 3)` uint8, or `(height, width, 4)` with straight alpha."""
        if self._alpha is None:
            return self._pixels
        made = np.empty((*self._alpha.shape, 4), np.uint8)
        alpha = cv2.convertScaleAbs(self._alpha, alpha=255)
        cv2.mixChannels([self._pixels, alpha], [made], [0, 0, 1, 1, 2, 2, 3, 3])
        return made
