"""Grain: noise as film has it, strongest in the middle greys, other in each frame and the same in each run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field

from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.light import luma

_MOST = 0.12
"""Standard deviation of the strongest grain in middle grey, of 1."""

_APART = 0x9E3779B1
"""Between the frames of neighbouring seeds. Source: Knuth, The Art of Computer Programming, volume 3, 6.4."""

_SHARPEST_PX = 0.3
"""Blurs narrower than this change nothing."""


class Grain(Edit):
    """Noise as film has it."""

    main: ClassVar[str] = "amount"
    like: ClassVar[str] = "grain: {amount: 0.3, size: 1.4}"

    amount: Annotated[float, Field(ge=0, le=1, description="0 is none, 0.3 an old film's")] = 0.25
    size: Annotated[float, Field(ge=1, le=20, description="of a grain, in pixels")] = 1.2
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="another one is other grain")] = 0

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""

        def strew(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            if self.amount == 0:
                return pixels
            grey = np.clip(luma(pixels), 0, 1)
            # Neither black nor white has room for grain.
            weight = 4 * grey * (1 - grey)
            noise = self._noise(pixels.shape[0], pixels.shape[1], moment.number)
            return pixels + noise[..., None] * weight * np.float32(self.amount * _MOST)

        return strew

    def _noise(self, height: int, width: int, number: int) -> np.ndarray:
        """(H, W) float32 of mean 0 and standard deviation 1: the same for a frame's number, whatever paints it."""
        import torch

        from pipeline.device import generator

        # PyTorch's generator looks at 32 bits of its seed only: another seed's frames begin far from this one's.
        seed = (number + self.seed * _APART) % 2**32
        noise = torch.randn(height, width, generator=generator(seed)).numpy()
        sigma = (self.size - 1) / 2
        if sigma < _SHARPEST_PX:
            return noise
        kernel = cv2.getGaussianKernel(2 * int(np.ceil(3 * sigma)) + 1, sigma)
        # Averages vary less; the sum of the kernel's squares says by how much, along each axis.
        return cv2.sepFilter2D(noise, -1, kernel, kernel) / np.float32((kernel**2).sum())
