"""Large pictures in overlapping tiles, for upscalers: what is computed at once is bounded, whatever their size.

Tiles go by the size alone: else a picture would depend on how much memory a worker has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

SIDE = 512
"""Of a tile, in pixels of the picture before it is enlarged: a multiple of what upscalers ask of sizes."""

OVERLAP = 64
"""Pixels that two neighbours share at least, over which one becomes the other."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def tiles(width: int, height: int) -> list[Box]:
    """Boxes of one size that cover a picture, row by row; one, if it is no larger than a tile."""
    wide, tall = min(width, SIDE), min(height, SIDE)
    return [(left, top, left + wide, top + tall) for top in _starts(height, tall) for left in _starts(width, wide)]


def joined(pieces: Sequence[np.ndarray], boxes: Sequence[Box], times: int, size: tuple[int, int]) -> np.ndarray:
    """The enlarged tiles, each (h, w, 3) float32, as one picture (H, W, 3) float32; `size`: its width and height."""
    total = np.zeros((size[1], size[0], 3), np.float32)
    shares = np.zeros((size[1], size[0], 1), np.float32)
    for piece, (left, top, right, bottom) in zip(pieces, boxes, strict=True):
        place = slice(top * times, bottom * times), slice(left * times, right * times)
        share = _ramp(bottom - top, times)[:, None, None] * _ramp(right - left, times)[None, :, None]
        total[place] += piece * share
        shares[place] += share
    return total / shares


def _starts(length: int, tile: int) -> list[int]:
    """Where tiles begin, evenly spread."""
    if tile >= length:
        return [0]
    count = math.ceil((length - OVERLAP) / (tile - OVERLAP))
    return [round(place * (length - tile) / (count - 1)) for place in range(count)]


def _ramp(tile: int, times: int) -> np.ndarray:
    """How much each pixel of a side counts: little at the edges, and all where no neighbour reaches."""
    place = np.arange(tile * times, dtype=np.float32) + 0.5
    edge = np.minimum(place, tile * times - place)
    return np.minimum(edge / (OVERLAP * times), 1.0)


@dataclass(frozen=True)
class Enlarged:
    """What an upscaler's pipeline gives, as far as it is looked at."""

    images: list[np.ndarray]
    """(H, W, 3) float32 in [0, 1] each."""
    nsfw_content_detected: list[bool]


def in_tiles(pipeline: Any, times: int, *, image: Sequence[Image.Image], **given: Any) -> Any:
    """Call an upscaler's pipeline with pictures of one size, tile by tile where they are large.

    Each picture's generator goes on from tile to tile.
    """
    width, height = image[0].size
    boxes = tiles(width, height)
    if len(boxes) == 1:
        return pipeline(image=image, **given)
    made = [pipeline(image=[picture.crop(box) for picture in image], **given) for box in boxes]
    size = width * times, height * times
    pictures = [joined([tile.images[place] for tile in made], boxes, times, size) for place in range(len(image))]
    flags = [getattr(tile, "nsfw_content_detected", None) or [False] * len(image) for tile in made]
    return Enlarged(pictures, [any(tile[place] for tile in flags) for place in range(len(image))])
