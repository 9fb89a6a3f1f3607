"""A contact sheet: a film's pictures at a glance, on one dark page."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from pipeline.errors import MediaError
from pipeline.film.lettering import Letters, letters_for
from pipeline.images import to_depth

_PAPER = (17, 18, 20)
_TITLE = (240, 240, 238)
_LABEL = (150, 152, 156)
_EDGE = (48, 50, 54)

_MARGIN, _GAP = 56, 20
_TITLE_HEIGHT, _LABEL_HEIGHT = 84, 34
_TITLE_SIZE, _NOTE_SIZE, _LABEL_SIZE = 44, 24, 20
"""Of letters, in pixels."""

_JPEG_QUALITY = 92


@dataclass(frozen=True)
class _Grid:
    columns: int
    rows: int
    cell_width: int
    cell_height: int

    @property
    def page(self) -> tuple[int, int]:
        width = 2 * _MARGIN + self.columns * self.cell_width + (self.columns - 1) * _GAP
        rows = self.rows * (self.cell_height + _LABEL_HEIGHT) + (self.rows - 1) * _GAP
        return width, _MARGIN + _TITLE_HEIGHT + rows + _MARGIN

    def corner(self, number: int) -> tuple[int, int]:
        row, column = divmod(number, self.columns)
        left = _MARGIN + column * (self.cell_width + _GAP)
        return left, _MARGIN + _TITLE_HEIGHT + row * (self.cell_height + _LABEL_HEIGHT + _GAP)


def evenly_spaced(frames: int, wanted: int = 20) -> list[int]:
    """Numbers of at most `wanted` frames of `frames`, the first and the last among them."""
    if frames <= wanted:
        return list(range(frames))
    return [round(place * (frames - 1) / (wanted - 1)) for place in range(wanted)]


def contact_sheet(
    pictures: Sequence[tuple[str, np.ndarray] | None],
    *,
    title: str,
    subtitle: str = "",
    page_width: int = 2400,
    columns: int | None = None,
) -> bytes:
    """A JPEG page of labelled pictures, (H, W, 3) uint8 or uint16 sRGB, in reading order.

    Pictures of other shapes are fitted into the most common shape's cell; where there is None, a cell stays empty.
    `page_width`: pixels. `columns`: of a table; else as many as make the page about 4:3.
    Raises: MediaError without pictures.
    """
    if not any(pictures):
        raise MediaError("a contact sheet needs at least one picture")
    shapes = [cell[1].shape for cell in pictures if cell is not None]
    grid = _grid(len(pictures), shapes, page_width, columns)
    page = Image.new("RGB", grid.page, _PAPER)
    letters = letters_for(page, [title, subtitle, *(cell[0] for cell in pictures if cell is not None)])
    _write_heading(letters, title, subtitle, grid)
    for number, cell in enumerate(pictures):
        if cell is not None:
            _place(page, letters, grid, number, *cell)
    file = io.BytesIO()
    page.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return file.getvalue()


def _grid(count: int, shapes: Sequence[tuple[int, ...]], page_width: int, wanted: int | None) -> _Grid:
    aspects = [shape[1] / shape[0] for shape in shapes]
    aspect = max(aspects, key=aspects.count)
    # As many columns as make the page about 4:3, whatever the pictures' shape.
    columns = wanted or min(count, max(1, round(math.sqrt(count * 4 / 3 / aspect))))
    rows = -(-count // columns)
    # A last row of one picture looks lost; fewer columns fill it.
    columns = wanted or -(-count // rows)
    cell_width = (page_width - 2 * _MARGIN - (columns - 1) * _GAP) // columns
    return _Grid(columns, rows, cell_width, max(1, round(cell_width / aspect)))


def _write_heading(letters: Letters, title: str, subtitle: str, grid: _Grid) -> None:
    right = grid.page[0] - _MARGIN
    baseline = _MARGIN + _TITLE_HEIGHT - 38
    room = right - _MARGIN - (letters.width(subtitle, _NOTE_SIZE) + 2 * _GAP if subtitle else 0)
    letters.write(title, _TITLE_SIZE, (_MARGIN, baseline), _TITLE, room=room)
    if subtitle:
        letters.write(subtitle, _NOTE_SIZE, (right, baseline), _LABEL, room=right - _MARGIN, to_left=True)


def _place(page: Image.Image, letters: Letters, grid: _Grid, number: int, label: str, picture: np.ndarray) -> None:
    left, top = grid.corner(number)
    height, width = picture.shape[:2]
    scale = min(grid.cell_width / width, grid.cell_height / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(
        to_depth(picture, deep=False), size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    ImageDraw.Draw(page).rectangle((left - 1, top - 1, left + grid.cell_width, top + grid.cell_height), outline=_EDGE)
    page.paste(
        Image.fromarray(small), (left + (grid.cell_width - size[0]) // 2, top + (grid.cell_height - size[1]) // 2)
    )
    below = left, top + grid.cell_height + _LABEL_HEIGHT - 8
    letters.write(label, _LABEL_SIZE, below, _LABEL, room=grid.cell_width)
