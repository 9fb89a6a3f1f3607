"""Sizes and orientations of frames. Arithmetic and views of arrays only; no files, no codecs."""

from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np

UPRIGHT = 1
"""EXIF's number for a picture that is shown as it is stored. Its numbers 2 to 8 name the other orientations."""

_ORIENTATION_OF_MATRIX = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}

ORIENTATION_NAMES = {
    2: "mirrored",
    3: "rotated 180°",
    4: "flipped upside down",
    5: "transposed",
    6: "rotated 90° clockwise",
    7: "transposed and rotated 180°",
    8: "rotated 90° anticlockwise",
}


def orientation_of_display_matrix(matrix: bytes) -> int | None:
    """EXIF's orientation for a film's display matrix; None if it turns by no multiple of 90°.

    `matrix`: nine native 32-bit integers, as libavutil/display.h lays them out.
    """
    a, b, _, c, d = struct.unpack("=9i", matrix[:36])[:5]
    largest = max(abs(a), abs(b), abs(c), abs(d))
    if largest == 0:
        return None
    return _ORIENTATION_OF_MATRIX.get(tuple(round(value / largest, 3) for value in (a, b, c, d)))


def turns_sideways(orientation: int) -> bool:
    """Whether showing the picture swaps its width and height."""
    return orientation >= 5


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The picture (H, W, ...) as it is meant to be shown; contiguous."""
    if turns_sideways(orientation):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def square_size(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height in square pixels; the side that is too short grows, so that no detail is lost."""
    if not aspect or aspect <= 0:
        return width, height
    if aspect >= 1:
        return max(1, round(width * aspect)), height
    return width, max(1, round(height / aspect))


def fitted_size(width: int, height: int, size: int | None) -> tuple[int, int]:
    """Width and height with the longest side at `size` px and the shape kept; None keeps both."""
    if size is None or size == max(width, height):
        return width, height
    longest = max(width, height)
    return max(1, round(width * size / longest)), max(1, round(height * size / longest))


def even_size(width: int, height: int) -> tuple[int, int]:
    """The smallest even width and height that hold the picture."""
    return width + width % 2, height + height % 2
