"""A board's designs on its pages: the grid, the same on all pages so that designs can be compared across them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.board.page import BOTTOM, FIRST_TOP, LEFT, RIGHT, TOP, Box, Cell, Page, blank, largest, worth
from pipeline.board.palette import WANTED

_GAP, _GAP_BELOW = 8.0, 10.0
"""Between designs."""

_LEGIBLE = 44.0
"""The least picture of a design, as the root of its area; smaller ones go to another page."""

_MOST = 64
"""Designs of a page; legible ones are fewer."""

_CAPTION_GAP, _CAPTION, _CHIP_GAP, _CODE = 1.6, 4.6, 1.6, 4.0
_LEAST_CODE = 8.8
"""Width of a chip that has room for its code."""

_BESIDE_GAP, _BESIDE_CHIP, _BESIDE_CODE, _BESIDE_BETWEEN = 10.0, 44.0, 24.0, 3.0
_WIDEST_CHIP = 0.9
"""Of a lone design's picture, that its chips are wide; they are no narrower than `_BESIDE_CHIP`."""

_WIDEST = 1.6
"""Aspect of a lone design beyond which its palette stands below it."""


def pages_of_designs(count: int, aspect: float) -> list[Page]:
    """Pages of nothing but designs."""
    height = BOTTOM - FIRST_TOP
    if count == 1 and aspect <= _WIDEST:
        return [replace(blank(True), cells=(_lone(aspect, height),))]
    crowds = range(1, min(count, _MOST) + 1)
    capacity = max((many for many in crowds if _grid(many, aspect, height).has_codes), default=1)
    pages = -(-count // capacity)
    each = -(-count // pages)
    grid = _grid(each, aspect, height)
    each = grid.columns * grid.rows
    begins = range(0, count, each)
    return [
        replace(
            blank(begin == 0),
            cells=_cells(grid, range(begin, min(begin + each, count)), FIRST_TOP if begin == 0 else TOP),
        )
        for begin in begins
    ]


def cells_above(count: int, aspect: float, height: float) -> tuple[Cell, ...]:
    """All designs in the uppermost `height` of the first page; none if they would be too small."""
    if count == 1 and aspect <= _WIDEST:
        return (_lone(aspect, height),)
    grid = _grid(count, aspect, height)
    return _cells(grid, range(count), FIRST_TOP) if grid.is_legible else ()


def lowest(cells: Sequence[Cell]) -> float:
    """Where they end."""
    return max(box.bottom for cell in cells for box in (cell.caption, *cell.chips, *cell.codes))


@dataclass(frozen=True)
class _Grid:
    columns: int
    rows: int
    width: float
    """Of a picture."""
    aspect: float

    @property
    def cell_height(self) -> float:
        return self.width / self.aspect + _below(self.width)

    @property
    def height(self) -> float:
        return self.rows * self.cell_height + (self.rows - 1) * _GAP_BELOW

    @property
    def gap(self) -> float:
        """Between columns: a grid that height confines is spread over the page, if it then still looks like one."""
        spread = (RIGHT - LEFT - self.columns * self.width) / max(1, self.columns - 1)
        return spread if spread <= 3 * _GAP else _GAP

    @property
    def worth(self) -> float:
        """Its pictures' width, and less where they leave the right of the page empty."""
        right = self.columns * (self.width + self.gap) - self.gap
        return self.width * worth(right / (RIGHT - LEFT))

    @property
    def is_legible(self) -> bool:
        return self.width / math.sqrt(self.aspect) >= _LEGIBLE

    @property
    def has_codes(self) -> bool:
        return self.is_legible and _has_codes(self.width)


def _chip_height(width: float) -> float:
    return min(max(width * 0.1, 4.0), 11.0)


def _chip_width(width: float) -> float:
    return (width - (WANTED - 1) * _chip_gap(width)) / WANTED


def _chip_gap(width: float) -> float:
    return 1.0 if width < 90 else 2.0


def _has_codes(width: float) -> bool:
    return _chip_width(width) >= _LEAST_CODE


def _below(width: float) -> float:
    """What stands below a picture of that width."""
    codes = _CODE if _has_codes(width) else 0.0
    return _CAPTION_GAP + _CAPTION + _CHIP_GAP + _chip_height(width) + codes


def _grid(count: int, aspect: float, height: float) -> _Grid:
    """The grid with the largest pictures."""
    grids = [_grid_of(columns, -(-count // columns), aspect, height) for columns in range(1, count + 1)]
    # Of two that are all but the same, the one with less of a last row missing.
    return max(grids, key=lambda grid: (round(grid.worth / 3), -(grid.columns * grid.rows - count), grid.width))


def _grid_of(columns: int, rows: int, aspect: float, height: float) -> _Grid:
    widest = (RIGHT - LEFT - (columns - 1) * _GAP) / columns
    tallest = (height - (rows - 1) * _GAP_BELOW) / rows
    width = largest(lambda width: width / aspect + _below(width) <= tallest, widest)
    return _Grid(columns, rows, width, aspect)


def _cells(grid: _Grid, places: range, top: float) -> tuple[Cell, ...]:
    return tuple(_cell(grid, place, *divmod(number, grid.columns), top) for number, place in enumerate(places))


def _cell(grid: _Grid, place: int, row: int, column: int, top: float) -> Cell:
    picture = Box(
        LEFT + column * (grid.width + grid.gap),
        top + row * (grid.cell_height + _GAP_BELOW),
        grid.width,
        grid.width / grid.aspect,
    )
    caption = Box(picture.left, picture.bottom + _CAPTION_GAP, picture.width, _CAPTION)
    chip, between = _chip_width(grid.width), _chip_gap(grid.width)
    chips = [
        Box(picture.left + number * (chip + between), caption.bottom + _CHIP_GAP, chip, _chip_height(grid.width))
        for number in range(WANTED)
    ]
    codes = [Box(box.left, box.bottom, box.width, _CODE) for box in chips] if _has_codes(grid.width) else []
    return Cell(place, picture, caption, tuple(chips), tuple(codes))


def _lone(aspect: float, height: float) -> Cell:
    """A single design, as large as the page lets it, with its palette beside it."""
    room = RIGHT - LEFT - _BESIDE_GAP - _BESIDE_CHIP - _BESIDE_CODE
    tall = min(height - _CAPTION_GAP - _CAPTION, room / aspect)
    picture = Box(LEFT, FIRST_TOP, tall * aspect, tall)
    caption = Box(LEFT, picture.bottom + _CAPTION_GAP, picture.width, _CAPTION)
    chip = (tall - (WANTED - 1) * _BESIDE_BETWEEN) / WANTED
    left = picture.right + _BESIDE_GAP
    width = min(RIGHT - _BESIDE_CODE - left, max(_BESIDE_CHIP, _WIDEST_CHIP * picture.width))
    chips = tuple(Box(left, picture.top + number * (chip + _BESIDE_BETWEEN), width, chip) for number in range(WANTED))
    codes = tuple(Box(box.right + 4.0, box.top, _BESIDE_CODE - 4.0, box.height) for box in chips)
    return Cell(0, picture, caption, chips, codes, beside=True)
