"""A set text → how much of each pixel it covers. Colour, shadow and movement are the compositor's.

HarfBuzz draws the outlines, exact in area, with the non-zero rule: letters of variable fonts overlap themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import uharfbuzz as hb

from pipeline.typography.face import Box, Setting
from pipeline.typography.typeset import Typeset

_FINE = 2
"""Pixels a pixel, at which the distance from a letter is measured."""

_SOLID = 128


def coverage(
    text: Typeset,
    width: int,
    height: int,
    *,
    clusters: range | None = None,
    line: int | None = None,
    stroke_px: float = 0,
    at: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """How much of each pixel the text covers: (height, width) uint8, 0 to 255.

    `clusters` and `line` are what is shown of it, each glyph with its first grapheme cluster; the rest leaves its place
    empty, and letters keep the forms they have in the whole. `stroke_px` lets the letters grow by so much on all sides,
    rounded. `at` is where the box's top left lies in the picture.
    """
    canvas = np.zeros((height, width), np.uint8)
    glyphs = list(_glyphs(text, clusters, line))
    where = _touched(glyphs, text.size_px, width, height, at=at, margin=stroke_px)
    if where is None:
        return canvas
    left, top, right, bottom = where
    scale = _FINE if stroke_px else 1
    drawn = _drawn(
        glyphs,
        text.size_px * scale,
        ((right - left) * scale, (bottom - top) * scale),
        origin=((at[0] - left) * scale, (at[1] - top) * scale),
        scale=scale,
    )
    canvas[top:bottom, left:right] = _grown(drawn, stroke_px) if stroke_px else drawn
    return canvas


_Placed = tuple[Setting, int, float, float]


def _glyphs(text: Typeset, clusters: range | None, line: int | None) -> Iterator[_Placed]:
    """What is shown: font, glyph and origin in the box, in pixels."""
    for number, row in enumerate(text.lines):
        if line is not None and number != line:
            continue
        for run in row.runs:
            for glyph, x, y, cluster in zip(run.glyphs, run.x, run.y, run.clusters, strict=True):
                if clusters is None or cluster in clusters:
                    yield run.setting, glyph, x, y


def _touched(
    glyphs: list[_Placed], size: float, width: int, height: int, *, at: tuple[float, float], margin: float
) -> tuple[int, int, int, int] | None:
    """The pixels that may be covered: left, top, right, bottom. None if there are none."""
    boxes = [
        Box(x + box.x0 * size, y - box.y1 * size, x + box.x1 * size, y - box.y0 * size)
        for setting, glyph, x, y in glyphs
        if (box := setting.box(glyph))
    ]
    if not boxes:
        return None
    sides = np.array(boxes)
    left, top = np.floor(sides[:, :2].min(0) + at - margin).astype(int) - 1
    right, bottom = np.ceil(sides[:, 2:].max(0) + at + margin).astype(int) + 1
    found = max(int(left), 0), max(int(top), 0), min(int(right), width), min(int(bottom), height)
    return found if found[0] < found[2] and found[1] < found[3] else None


def _drawn(
    glyphs: list[_Placed], size: float, shape: tuple[int, int], *, origin: tuple[float, float], scale: int
) -> np.ndarray:
    """The glyphs in a picture of this width and height: (H, W) uint8."""
    width, height = shape
    pen = hb.RasterDraw()
    pen.extents = hb.RasterExtents(0, 0, width, height, 0)
    for setting, glyph, x, y in glyphs:
        unit = size / setting.em
        # HarfBuzz draws upwards.
        pen.transform = (unit, 0, 0, unit, origin[0] + x * scale, height - origin[1] - y * scale)
        pen.draw_glyph(setting.font, glyph)
    image = pen.render()
    if image is None:
        raise MemoryError(f"no room for letters of {width} x {height} pixels")
    rows = np.frombuffer(image.buffer, np.uint8).reshape(height, image.extents.stride)
    return rows[::-1, :width]


def _grown(fine: np.ndarray, stroke_px: float) -> np.ndarray:
    """The letters, drawn `_FINE` times as large, with everything that is near enough to them, at their size."""
    outside = np.where(fine >= _SOLID, 0, 255).astype(np.uint8)
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    grown = np.clip(stroke_px * _FINE + 0.5 - distance, 0, 1)
    height, width = fine.shape
    small = cv2.resize(grown, (width // _FINE, height // _FINE), interpolation=cv2.INTER_AREA)
    return np.rint(np.asarray(small) * 255).astype(np.uint8)
