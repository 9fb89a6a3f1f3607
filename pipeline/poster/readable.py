"""Words that are read on whatever lies below them: their colour is moved, and if that is not enough, a shade laid.

Source: WCAG 2.2, success criterion 1.4.3.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from pipeline.poster.canvas import Box
from pipeline.poster.colours import assured, contrast, luminance
from pipeline.poster.sprites import Sprite, tinted

_MOST_PIXELS = 200_000
"""Of the ground, that are looked at."""

_STRAY = 1.0
"""Per cent of a ground's darkest and lightest pixels that are no ground but specks in it."""

_STEPS = 20


def ground(pictures: Iterable[np.ndarray], box: Box) -> np.ndarray:
    """Luminances (N,) of what lies under a box in pictures (H, W, 3) uint8, without specks."""
    found = [luminance(_thinned(_under(picture, box))).ravel() for picture in pictures]
    every = np.concatenate(found)
    low, high = np.percentile(every, [_STRAY, 100 - _STRAY])
    return np.array([low, high])


def shade_for(
    rgb: tuple[int, int, int], grounds: np.ndarray, least: float
) -> tuple[tuple[int, int, int], tuple[int, int, int] | None, float]:
    """The colour that words get, and the colour of the shade below them and how much that hides: (words, None, 0) where
    no shade is needed.
    """
    words, reached = assured(rgb, grounds, least)
    if reached >= least:
        return words, None, 0.0
    is_light = float(luminance(np.array(words, np.uint8))) > 0.5
    shade = (0, 0, 0) if is_light else (255, 255, 255)
    own = float(luminance(np.array(words, np.uint8)))
    # What is laid over by a shade has its codes mixed, not its luminances; of grey the one tells the other.
    codes = np.array([_code(value) for value in grounds])
    for hides in np.linspace(0, 1, _STEPS + 1)[1:]:
        shaded = luminance(np.rint(codes * (1 - hides) + shade[0] * hides).astype(np.uint8)[:, None].repeat(3, axis=1))
        if min(contrast(own, float(value)) for value in shaded) >= least:
            return words, shade, float(hides)
    return words, shade, 1.0


def shade(box: Box, rgb: tuple[int, int, int], hides: float, soft_px: float) -> Sprite:
    """A box of shade whose edges are soft outside of it."""
    margin = int(np.ceil(soft_px * 3))
    left, top = int(box.left) - margin, int(box.top) - margin
    cover = np.zeros((int(np.ceil(box.bottom)) + margin - top, int(np.ceil(box.right)) + margin - left), np.uint8)
    reach = round(soft_px * 1.5)
    inner = (
        slice(margin - reach, cover.shape[0] - margin + reach),
        slice(margin - reach, cover.shape[1] - margin + reach),
    )
    cover[inner] = 255
    return tinted(cv2.GaussianBlur(cover, (0, 0), max(soft_px / 1.5, 0.1)), rgb, hides, left, top)


def _code(value: float) -> float:
    return 255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055)


def _under(picture: np.ndarray, box: Box) -> np.ndarray:
    height, width = picture.shape[:2]
    top, left = min(max(int(box.top), 0), height - 1), min(max(int(box.left), 0), width - 1)
    return picture[top : max(top + 1, int(np.ceil(box.bottom))), left : max(left + 1, int(np.ceil(box.right)))]


def _thinned(pixels: np.ndarray) -> np.ndarray:
    step = max(1, int(np.sqrt(pixels.shape[0] * pixels.shape[1] / _MOST_PIXELS)))
    return pixels[::step, ::step]
