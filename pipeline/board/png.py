"""A board's pages as one PNG, one below the other, drawn with Pillow."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.board.letters import Face, data
from pipeline.board.page import LEFT, PAGE_HEIGHT, PAGE_WIDTH, Box
from pipeline.board.prints import resized
from pipeline.board.sheets import PAPER, Line, Patch, Sheet

_DPI = 150
_PX_PER_MM = _DPI / 25.4
_PX_PER_PT = _DPI / 72

MOST_PAGES = 4
"""Of the PDF, that are shown."""

_BETWEEN = (232, 230, 226)
_BETWEEN_PX, _MORE_PX = 12, 90
_MORE_INK, _MORE_PT = (90, 88, 84), 8
_FINER = 4
"""Pixels of a pixel, in which letters are drawn."""

_ANCHORS = {"left": "ls", "middle": "ms", "right": "rs"}


def render(sheets: Sequence[Sheet], prints: Mapping[int, bytes]) -> bytes:
    """The first pages, and a line that says how many more the PDF has. `prints`: encoded pictures by frame."""
    there = sheets[:MOST_PAGES]
    width, height = round(PAGE_WIDTH * _PX_PER_MM), round(PAGE_HEIGHT * _PX_PER_MM)
    more = len(sheets) - len(there)
    whole = len(there) * (height + _BETWEEN_PX) - _BETWEEN_PX + (_MORE_PX if more else 0)
    board = Image.new("RGB", (width, whole), _BETWEEN)
    for number, sheet in enumerate(there):
        board.paste(_page(sheet, prints, (width, height)), (0, number * (height + _BETWEEN_PX)))
    if more:
        words = f"The PDF has {more} more {'page' if more == 1 else 'pages'}."
        _write(board, Line(LEFT, (whole - 0.4 * _MORE_PX) / _PX_PER_MM, words, _MORE_PT, _MORE_INK, "plain"))
    file = io.BytesIO()
    board.save(file, "PNG", dpi=(_DPI, _DPI))
    return file.getvalue()


def _page(sheet: Sheet, prints: Mapping[int, bytes], size: tuple[int, int]) -> Image.Image:
    page = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(page)
    for patch in sheet.patches:
        _fill(pen, patch)
    for box, frame in sheet.pictures:
        with Image.open(io.BytesIO(prints[frame])) as image:
            picture = np.asarray(image.convert("RGB"))
        left, top, right, bottom = _pixels(box.fitted(picture.shape[1] / picture.shape[0]))
        page.paste(Image.fromarray(resized(picture, right - left, bottom - top)), (left, top))
    for line in sheet.lines:
        _write(page, line)
    return page


def _fill(pen: ImageDraw.ImageDraw, patch: Patch) -> None:
    left, top, right, bottom = _pixels(patch.box)
    pen.rectangle((left, top, right - 1, bottom - 1), fill=patch.colour, outline=patch.edge)


def _write(page: Image.Image, line: Line) -> None:
    """Set large and reduced: in small sizes Pillow moves letters to whole pixels, and the PDF does not."""
    font = _font(line.face, line.size_pt)
    left, top, right, bottom = font.getbbox(line.words, anchor=_ANCHORS[line.anchor])
    x, y = line.x * _PX_PER_MM, line.baseline * _PX_PER_MM
    corner = math.floor(x + left / _FINER), math.floor(y + top / _FINER)
    size = math.ceil(x + right / _FINER) - corner[0] + 1, math.ceil(y + bottom / _FINER) - corner[1] + 1
    mask = Image.new("L", (size[0] * _FINER, size[1] * _FINER))
    at = (x - corner[0]) * _FINER, (y - corner[1]) * _FINER
    ImageDraw.Draw(mask).text(at, line.words, 255, font, anchor=_ANCHORS[line.anchor])
    page.paste(line.ink, (*corner, corner[0] + size[0], corner[1] + size[1]), mask.reduce(_FINER))


def _pixels(box: Box) -> tuple[int, int, int, int]:
    """Edges; a box is never thinner than a pixel."""
    left, top = round(box.left * _PX_PER_MM), round(box.top * _PX_PER_MM)
    right, bottom = round(box.right * _PX_PER_MM), round(box.bottom * _PX_PER_MM)
    return left, top, max(right, left + 1), max(bottom, top + 1)


@cache
def _font(face: Face, size_pt: float) -> ImageFont.FreeTypeFont:
    # The simple layout sets letters as the PDF does, and needs no library that Pillow may lack.
    return ImageFont.truetype(
        io.BytesIO(data(face)), size_pt * _PX_PER_PT * _FINER, layout_engine=ImageFont.Layout.BASIC
    )
