"""The part of a picture that designs keep: as the network must paint it, and laid over what was painted."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from pipeline.interiors.once import Once
from pipeline.interiors.squares import middle_square, resized
from pipeline.tensors import to_tensor

_FEATHER = 1 / 100
"""How far beyond its edge what is kept reaches, in sides of the picture: the deviation of a Gaussian."""

_WHOLE = 0.995
"""Of the mask, beyond which it is all the picture's own."""

_SIZES = 2
"""Pictures and film."""


class Kept:
    """A picture's middle square and the mask over it."""

    def __init__(self, picture: np.ndarray, mask: np.ndarray) -> None:
        """`picture`, `mask`: `(H, W, 3)` uint8 of one shape, but not of one size; white keeps."""
        self._picture, self._mask = middle_square(picture), middle_square(mask).max(2)
        self._laid: Once[tuple[np.ndarray, np.ndarray]] = Once(_SIZES)

    def picture(self, size: int) -> Tensor:
        """The square, `(1, 3, size, size)` float32 in [0, 1]."""
        return to_tensor(resized(self._picture, size)[None])

    def mask(self, size: int) -> Tensor:
        """1 where the square is kept, `(1, 1, size, size)` float32."""
        return torch.from_numpy(resized(self._mask, size).astype(np.float32) / 255)[None, None]

    def laid_over(self, pixels: np.ndarray) -> np.ndarray:
        """A design `(S, S, 3)` uint8 with the kept part over it; around what is white the edge is feathered."""
        own, share = self._laid.get(len(pixels), lambda: self._at(len(pixels)))
        return np.rint(pixels + share * (own - pixels)).astype(np.uint8)

    def _at(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        mask = resized(self._mask, size).astype(np.float32) / 255
        white = (mask > _WHOLE).astype(np.float32)
        soft = cv2.GaussianBlur(white, (0, 0), max(0.5, size * _FEATHER), borderType=cv2.BORDER_REPLICATE)
        # Half of a straight edge's blur lies outside, and only there is anything feathered: white stays to the pixel.
        share = np.maximum(mask, np.minimum(2 * soft, 1))
        share[white > 0] = 1
        return resized(self._picture, size).astype(np.float32), share[..., None]
