"""Noise that follows the picture: what a film's frames are diffused from, so that what stays the same is painted alike.

The noise lies in grains, `_GRAINS` a side of each latent pixel. Each grain holds one number of the standard normal
distribution for each channel, and moves with what is seen under it. A pixel's noise is the sum of the grains that lie
in it, over the root of their count. No grain lies in two pixels, and where it lies does not depend on its number: so
wherever they went, the noise is Gaussian, has variance 1, and no two pixels of a frame have anything to do with each
other. Interpolating the noise would do none of this.

Source: Chang et al., "How I Warped Your Noise", ICLR 2024, arXiv:2504.03072: noise is an integral over a pixel's area,
and a moved pixel is the sum of the parts that it covers over the root of their area. Burgert et al.,
"Go-with-the-Flow", CVPR 2025, arXiv:2501.08331, moves it from frame to frame along optical flow. Here the parts
themselves are moved, forwards: where things draw together, all that meet in a pixel count.

Grains live for `LIFE` frames, each born at a time of its own, and then begin anew at home with the same number: so a
frame's noise depends on the flow of the `LEAD_IN` frames before it and on no other, and in a picture that stands still
it never changes. Torch-free.
"""

from __future__ import annotations

import numpy as np

from pipeline.film.flow import Trace, moved, positions

_GRAINS = 4
"""Grains on a side of a latent pixel."""

_FEWEST = 4
"""Grains in a pixel below which noise of its own, that never moves, fills up: where something new came into view."""

_LOST = 0.5
"""Trust below which a grain has lost what it lay on, and counts for nothing until it begins anew."""

_SLACK = 0.48 / _GRAINS
"""How far a grain may leave its pixel, in pixels, before it counts in the next: flow trembles, and noise must not. A
grain begins farther than that from its pixel's border, so that a move by whole pixels moves all of them."""

LIFE = 64
"""Frames that a grain follows the picture for."""

LEAD_IN = LIFE - 1
"""Frames before one on whose flow its noise depends."""


class Noise:
    """The noise of a shot, frame by frame."""

    def __init__(self, channels: int, height: int, width: int, *, seed: int, at: int = 0, life: int = LIFE) -> None:
        """`height`, `width`: of latents. `at`: the number, in its shot, of the frame that it begins with."""
        self._shape = channels, height, width
        drawn = np.random.Generator(np.random.PCG64(seed))
        rows, columns = height * _GRAINS, width * _GRAINS
        self._values = drawn.standard_normal((channels, rows * columns), np.float32)
        self._own = drawn.standard_normal((channels, height * width), np.float32)
        self._births = drawn.integers(life, size=(rows, columns))
        self._life, self._at = life, at
        # A latent pixel reaches from its number to the next.
        self._homes = (positions(rows, columns) + 0.5) / np.float32(_GRAINS)
        self._places = self._homes
        self._pixels = np.floor(self._homes)
        self._is_seen = np.ones((rows, columns), bool)

    def follow(self, there: Trace) -> None:
        """Go on to the next frame. `there`: this frame's trace into it, of whatever size."""
        self._at += 1
        _, high, wide = self._shape
        height, width = there.trust.shape
        scale = np.array([width / wide, height / high], np.float32)
        on = self._places * scale - np.float32(0.5)
        # Displacements, and not places, are what is read between pixels: OpenCV does so to a 32nd of a pixel only.
        places = self._places + moved(there.places - positions(height, width), on) / scale
        most = np.array([wide, high], np.float32)
        is_inside = ((places >= -_SLACK) & (places < most + _SLACK)).all(-1)
        is_new = self._births == self._at % self._life
        self._is_seen = is_new | (self._is_seen & is_inside & (moved(there.trust, on) >= _LOST))
        self._places = np.where((self._is_seen & ~is_new)[..., None], places, self._homes)
        has_left = (np.abs(self._places - self._pixels - np.float32(0.5)) > 0.5 + _SLACK).any(-1) | is_new
        self._pixels = np.where(has_left[..., None], np.clip(np.floor(self._places), 0, most - 1), self._pixels)

    def __call__(self) -> np.ndarray:
        """The noise of the frame: (C, H, W) float32."""
        channels, height, width = self._shape
        seen = np.flatnonzero(self._is_seen)
        columns, rows = self._pixels.reshape(-1, 2)[seen].astype(np.int64).T
        pixels = rows * width + columns
        count = np.bincount(pixels, minlength=height * width)
        filling = np.maximum(_FEWEST - count, 0)
        total = np.sqrt(filling) * self._own
        for channel in range(channels):
            total[channel] += np.bincount(pixels, weights=self._values[channel][seen], minlength=height * width)
        return (total / np.sqrt(count + filling)).reshape(self._shape).astype(np.float32)
