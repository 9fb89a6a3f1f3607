"""How much a film's step over a chunk boundary exceeds the steps beside it, judged by small grey copies. Torch-free.

The copies lie in receipts, so that nobody fetches or decodes a frame for it.
"""

from __future__ import annotations

import zlib
from base64 import b85decode, b85encode
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from pipeline.errors import IntegrityError
from pipeline.images import WHITE, flattened

EDGE = 3
"""Frames at each end of a chunk. With two, a film drawn on twos would seem to have seams: no step, a step, no step."""

PASSED = 1.5
"""A boundary whose score is at most this passes: its step is at most half again as large as the largest beside it."""

_WIDTH, _HEIGHT = 48, 27
_NOISE = 1.0
"""Steps below one 8-bit code are noise: they must not make a still shot's ratio large."""
_CUT = 0.5
"""Frames that correlate less than this are of two shots; a seam leaves the drawing as it is."""


def edge_copy(pixels: np.ndarray) -> np.ndarray:
    """A small grey copy of a frame: (H, W, 3) uint8 or uint16, sRGB, becomes (27, 48) uint8 luma, by area.

    Of (H, W, 4), the fourth straight alpha, it is that of the frame on white.
    """
    seen = pixels if pixels.shape[2] == 3 else flattened(pixels, WHITE)
    small = cv2.cvtColor(cv2.resize(seen, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    scale = 257 if pixels.dtype == np.uint16 else 1
    return (np.asarray(small, np.uint16) // scale).astype(np.uint8)


def packed(copy: np.ndarray) -> str:
    """A small copy as it stands in a receipt: about 1.3 kB of text."""
    return b85encode(zlib.compress(copy.tobytes(), 9)).decode("ascii")


def unpacked(text: str) -> np.ndarray:
    """The small copy, (27, 48) uint8. Raises: IntegrityError if the text is none."""
    try:
        data = zlib.decompress(b85decode(text))
        return np.frombuffer(data, np.uint8).reshape(_HEIGHT, _WIDTH)
    except (ValueError, zlib.error) as error:
        raise IntegrityError(f"{text[:16]!r}…: is no small copy of a frame ({error})") from error


def seam_score(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float | None:
    """How visible the boundary between two chunks is: 1.0 is not at all.

    `before`: small copies of the last frames before it, in order; `after`: of the first frames after it. With
    d(x, y) the mean of |x - y| over the copies' pixels, in 8-bit codes, the step s = d(last before, first after), and
    b the largest d of neighbours on one side of the boundary,

        score = max(1, (s + 1) / (b + 1))

    None where that says nothing: neither side has two frames, or the two sides correlate less than 0.5, as two shots.
    """
    beside = [_step(*pair) for side in (before, after) for pair in pairwise(side)]
    if not beside or not before or not after or _is_cut(before[-1], after[0]):
        return None
    step = _step(before[-1], after[0])
    return round(max(1.0, (step + _NOISE) / (max(beside) + _NOISE)), 3)


def _step(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.float64) - other).mean())


def _is_cut(one: np.ndarray, other: np.ndarray) -> bool:
    """Flat frames, as in a fade to black, correlate with nothing and are no cut."""
    if min(one.std(), other.std()) < _NOISE:
        return False
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < _CUT
