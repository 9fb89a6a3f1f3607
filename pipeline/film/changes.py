"""What a frame changes of the one before it: the smallest rectangle that holds it all, and which of its pixels.

Animations and spools store this instead of whole frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.errors import MediaError


@dataclass(frozen=True)
class Change:
    """What to put where over the frame before."""

    left: int
    """Pixels from the frame's left edge."""
    top: int
    pixels: np.ndarray
    """(h, w, 3), a view of the frame."""
    mask: np.ndarray | None = None
    """(h, w) uint8, 255 where pixels changed and else 0; None where there was no frame before."""

    @property
    def share(self) -> float:
        """How much of the rectangle changed, 0 to 1."""
        return 1.0 if self.mask is None else cv2.countNonZero(self.mask) / self.mask.size


class Changes:
    """Sees frames of one size in order, (H, W, 3) of one type, and says of each what it changes.

    Frames may be written into one buffer, one after the other: what is needed of them is copied.
    """

    def __init__(self, *, snap: int = 1) -> None:
        """`snap`: rectangles begin at multiples of so many pixels."""
        self._snap = snap
        self._canvas: np.ndarray | None = None
        self._seen = 0

    def see(self, pixels: np.ndarray) -> Change | None:
        """What the next frame changes; None if it is as the one before it.

        Raises: MediaError if it is no picture, or not of the first one's size.
        """
        self._seen += 1
        if self._canvas is None:
            check_frame(pixels, None, 0)
            self._canvas = pixels.copy()
            return Change(0, 0, pixels)
        check_frame(pixels, self._canvas.shape, self._seen - 1)
        nothing = (0, 0, 0)
        mask = cv2.bitwise_not(cv2.inRange(cv2.absdiff(pixels, self._canvas), nothing, nothing))
        left, top, width, height = cv2.boundingRect(mask)
        if not width:
            return None
        right, bottom = left + width, top + height
        left, top = left - left % self._snap, top - top % self._snap
        at = np.s_[top:bottom, left:right]
        self._canvas[at] = pixels[at]
        return Change(left, top, pixels[at], mask[at])


def check_frame(pixels: np.ndarray, shape: tuple[int, ...] | None, number: int) -> None:
    """Raises: MediaError if frame `number`, counted from 0, is no picture, or not of the first one's shape."""
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype not in (np.uint8, np.uint16) or pixels.size == 0:
        raise MediaError(f"frame {number} is {pixels.shape} {pixels.dtype}, and not (H, W, 3) uint8 or uint16")
    if shape is not None and pixels.shape != shape:
        raise MediaError(f"frame {number} is {pixels.shape[1]}x{pixels.shape[0]}, the first is {shape[1]}x{shape[0]}")
