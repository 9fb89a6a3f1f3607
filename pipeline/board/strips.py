"""A board's strips: rows of pictures with a label before them, in one column or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.board.page import BOTTOM, LEFT, RIGHT, TOP, Box, Page, Strip, blank, largest

HEADING = 11.0
"""Height of what stands above the first row."""

LEAST_STEP = 20.0
"""Height of a picture, below which strips go to another page."""

_LARGEST_STEP = 52.0
_LABEL, _WIDEST_LABEL = 34.0, 62.0
_STEP_GAP, _ROW_GAP, _COLUMN_GAP = 2.5, 7.0, 14.0
_AMOUNT = 5.4


@dataclass(frozen=True)
class Block:
    """Strips of one size."""

    step: float
    """Height of a picture."""
    aspect: float
    steps: Sequence[int]
    columns: int

    @property
    def pictures(self) -> float:
        """Width of the longest strip's pictures."""
        return max(self.steps) * (self.step * self.aspect + _STEP_GAP) - _STEP_GAP

    @property
    def width(self) -> float:
        """Of a strip with its label."""
        return _LABEL + self.pictures

    @property
    def label(self) -> float:
        """Its width: where there is little to spare, pictures end where their column ends."""
        spare = _column_width(self.columns) - self.pictures
        return spare if spare <= _WIDEST_LABEL else _LABEL

    def height(self, strips: int) -> float:
        """Of so many strips."""
        rows = -(-strips // self.columns)
        return rows * (self.step + _AMOUNT) + (rows - 1) * _ROW_GAP

    @property
    def fits_across(self) -> bool:
        """Whether its columns have room beside each other."""
        return self.width <= _column_width(self.columns)


def pages_of_strips(aspect: float, steps: Sequence[int]) -> list[Page]:
    """Pages of nothing but strips."""
    if not steps:
        return []
    room = BOTTOM - TOP - HEADING
    for pages in range(1, len(steps) + 1):
        each = -(-len(steps) // pages)
        block = largest_block(each, aspect, steps, room)
        if block.step >= LEAST_STEP or pages == len(steps):
            break
    begins = range(0, len(steps), each)
    return [with_strips(blank(False), block, range(begin, min(begin + each, len(steps))), TOP) for begin in begins]


def largest_block(count: int, aspect: float, steps: Sequence[int], room: float) -> Block:
    """So many strips, one below the other or in two columns, as large as there is room for."""
    return max((_block(columns, count, aspect, steps, room) for columns in (1, 2)), key=lambda made: made.step)


def _block(columns: int, count: int, aspect: float, steps: Sequence[int], room: float) -> Block:
    """So many strips in so many columns, as large as there is room for."""

    def fits(step: float) -> bool:
        block = Block(step, aspect, steps, columns)
        return block.height(count) <= room and block.fits_across

    return Block(largest(fits, _LARGEST_STEP), aspect, steps, columns)


def _column_width(columns: int) -> float:
    return (RIGHT - LEFT - (columns - 1) * _COLUMN_GAP) / columns


def with_strips(page: Page, block: Block, places: range, top: float) -> Page:
    """The page with some of the strips on it, from `top` on."""
    strips = tuple(_strip(block, number, place, top + HEADING) for number, place in enumerate(places))
    return replace(page, strips=strips, strips_heading=Box(LEFT, top, RIGHT - LEFT, HEADING - 3.0))


def _strip(block: Block, number: int, place: int, top: float) -> Strip:
    row, column = divmod(number, block.columns)
    left = LEFT + column * (_column_width(block.columns) + _COLUMN_GAP)
    begin, width = top + row * (block.step + _AMOUNT + _ROW_GAP), block.step * block.aspect
    pictures = tuple(
        Box(left + block.label + at * (width + _STEP_GAP), begin, width, block.step) for at in range(block.steps[place])
    )
    amounts = tuple(Box(box.left, box.bottom + 0.6, box.width, _AMOUNT - 0.6) for box in pictures)
    return Strip(place, Box(left, begin, block.label - 3.0, block.step), pictures, amounts)
