"""Where everything lies on a board's pages, in mm from the upper left corner of A3 landscape. Geometry alone.

What is written and drawn there is in sheets.py. All pages have the same grid, so that designs can be compared across
them; strips stand below the designs where both have room, and else on pages of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.board.palette import WANTED

PAGE_WIDTH, PAGE_HEIGHT = 420.0, 297.0
LEFT, RIGHT = 24.0, PAGE_WIDTH - 24.0

_FIRST_TOP, _TOP, _BOTTOM = 54.0, 36.0, 270.0
"""Of what lies between heading and footer."""

_GAP, _GAP_BELOW = 8.0, 10.0
"""Between designs."""

_LEGIBLE = 44.0
"""The least picture of a design, as the root of its area; smaller ones go to another page."""

_BESIDE_GAP, _BESIDE_CHIP, _BESIDE_CODE = 10.0, 44.0, 24.0
"""The chips have at least that width."""
_WIDEST = 1.6
"""Aspect of a lone design beyond which its palette stands below it."""

_LABEL, _WIDEST_LABEL = 34.0, 62.0
_STEP_GAP, _ROW_GAP, _COLUMN_GAP = 2.5, 7.0, 14.0
_AMOUNT = 5.4
_STRIPS_HEADING = 11.0
_LARGEST_STEP, _LEAST_STEP = 52.0, 20.0
_JOINT_STEPS = range(20, 46)
"""Heights of a strip's pictures that are tried below designs."""

_AHEAD = 1.2
"""By which factor designs are larger than a strip's pictures beside them."""


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def fitted(self, aspect: float) -> Box:
        """The largest box of that aspect in its middle."""
        width, height = min(self.width, self.height * aspect), min(self.height, self.width / aspect)
        return Box(self.left + (self.width - width) / 2, self.top + (self.height - height) / 2, width, height)


@dataclass(frozen=True)
class Cell:
    """A design: its picture, what it is called, its chips, and their codes where there is room for them."""

    place: int
    """Among the proposals."""
    picture: Box
    caption: Box
    chips: tuple[Box, ...]
    codes: tuple[Box, ...]
    beside: bool = False
    """Whether the codes stand beside the chips, and have room for shares as well."""


@dataclass(frozen=True)
class Strip:
    """A row of pictures of one attribute."""

    place: int
    """Among the strips."""
    label: Box
    pictures: tuple[Box, ...]
    amounts: tuple[Box, ...]


@dataclass(frozen=True)
class Page:
    """One page."""

    title: Box
    subtitle: Box | None
    """On the first page alone."""
    footer: Box
    number: Box
    cells: tuple[Cell, ...] = ()
    strips: tuple[Strip, ...] = ()
    strips_heading: Box | None = None

    def boxes(self) -> list[Box]:
        """All boxes; none overlaps another."""
        cells = [box for cell in self.cells for box in (cell.picture, cell.caption, *cell.chips, *cell.codes)]
        strips = [box for strip in self.strips for box in (strip.label, *strip.pictures, *strip.amounts)]
        single = [self.title, self.subtitle, self.footer, self.number, self.strips_heading]
        return [*filter(None, single), *cells, *strips]


def arrange(proposals: int, aspect: float, steps: Sequence[int] = ()) -> tuple[Page, ...]:
    """The pages of a board of so many designs, each of that width ÷ height, and strips of so many pictures each."""
    joint = _jointly(proposals, aspect, steps) if steps else None
    if joint is not None:
        return (joint,)
    *pages, last = _pages_of_designs(proposals, aspect)
    below = _below_designs(last, aspect, steps) if steps else None
    if below is not None:
        return (*pages, below)
    return (*pages, last, *_pages_of_strips(aspect, steps))


def _blank(first: bool) -> Page:
    width = RIGHT - LEFT
    return Page(
        title=Box(LEFT, 20.0, width, 13.0) if first else Box(LEFT, 20.0, width, 6.0),
        subtitle=Box(LEFT, 35.0, width, 6.0) if first else None,
        footer=Box(LEFT, 278.0, width - 40.0, 5.0),
        number=Box(RIGHT - 38.0, 278.0, 38.0, 5.0),
    )


# Designs


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
        return self.width * _worth(right / (RIGHT - LEFT))

    @property
    def legibility(self) -> float:
        return self.width / math.sqrt(self.aspect)


def _worth(span: float) -> float:
    """Of pictures that reach so far across the page, 1 being its whole width."""
    return 0.6 + 0.4 * min(span, 1.0)


def _chip_height(width: float) -> float:
    return min(max(width * 0.1, 4.0), 11.0)


def _chip_width(width: float) -> float:
    return (width - (WANTED - 1) * _chip_gap(width)) / WANTED


def _chip_gap(width: float) -> float:
    return 1.0 if width < 90 else 2.0


def _has_codes(width: float) -> bool:
    return _chip_width(width) >= 8.8


_CAPTION_GAP, _CAPTION, _CHIP_GAP, _CODE = 1.6, 4.6, 1.6, 4.0


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
    width = _largest(lambda width: width / aspect + _below(width) <= tallest, widest)
    return _Grid(columns, rows, width, aspect)


def _largest(fits: Callable[[float], bool], most: float) -> float:
    """The largest length up to `most` that fits, to a hundredth of a mm."""
    if fits(most):
        return most
    least = 0.01
    while most - least > 0.01:
        middle = (least + most) / 2
        least, most = (middle, most) if fits(middle) else (least, middle)
    return least


def _pages_of_designs(count: int, aspect: float) -> list[Page]:
    height = _BOTTOM - _FIRST_TOP
    if count == 1 and aspect <= _WIDEST:
        return [replace(_blank(True), cells=(_lone(aspect, height),))]
    capacity = max(
        (many for many in range(1, min(count, 64) + 1) if _grid(many, aspect, height).legibility >= _LEGIBLE), default=1
    )
    pages = -(-count // capacity)
    each = -(-count // pages)
    grid = _grid(each, aspect, height)
    each = grid.columns * grid.rows
    begins = range(0, count, each)
    return [
        replace(
            _blank(begin == 0),
            cells=_cells(grid, range(begin, min(begin + each, count)), _FIRST_TOP if begin == 0 else _TOP),
        )
        for begin in begins
    ]


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
    picture = Box(LEFT, _FIRST_TOP, tall * aspect, tall)
    caption = Box(LEFT, picture.bottom + _CAPTION_GAP, picture.width, _CAPTION)
    chip = (tall - (WANTED - 1) * 3.0) / WANTED
    left = picture.right + _BESIDE_GAP
    width = RIGHT - _BESIDE_CODE - left
    chips = tuple(Box(left, picture.top + number * (chip + 3.0), width, chip) for number in range(WANTED))
    codes = tuple(Box(box.right + 4.0, box.top, _BESIDE_CODE - 4.0, box.height) for box in chips)
    return Cell(0, picture, caption, chips, codes, beside=True)


# Strips


@dataclass(frozen=True)
class _Block:
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


def _jointly(proposals: int, aspect: float, steps: Sequence[int]) -> Page | None:
    """Designs and strips on one page, if there both have room: so that their pictures cover most of it."""
    blocks = [_Block(step, aspect, steps, columns) for step in _JOINT_STEPS for columns in (1, 2)]
    pages = [_joint(proposals, block) for block in blocks if block.width <= _column_width(block.columns)]
    return max(filter(None, pages), key=_covered, default=None)


def _joint(proposals: int, block: _Block) -> Page | None:
    top = _BOTTOM - _STRIPS_HEADING - block.height(len(block.steps))
    height = top - _GAP_BELOW - _FIRST_TOP
    if height < _AHEAD * block.step:
        return None
    if proposals == 1 and block.aspect <= _WIDEST:
        cells: tuple[Cell, ...] = (_lone(block.aspect, height),)
    else:
        grid = _grid(proposals, block.aspect, height)
        cells = _cells(grid, range(proposals), _FIRST_TOP) if grid.legibility >= _LEGIBLE else ()
    if not cells or cells[0].picture.height < _AHEAD * block.step:
        return None
    # What is left over is better at the foot of the page than in its middle.
    top = min(top, _lowest(cells) + 2 * _GAP_BELOW)
    return _with_strips(replace(_blank(True), cells=cells), block, range(len(block.steps)), top)


def _below_designs(page: Page, aspect: float, steps: Sequence[int]) -> Page | None:
    """The strips below the designs of their last page, if it has room."""
    top = _lowest(page.cells) + _GAP_BELOW
    room = _BOTTOM - top - _STRIPS_HEADING
    block = max((_block(columns, len(steps), aspect, steps, room) for columns in (1, 2)), key=lambda made: made.step)
    fits = block.step >= _LEAST_STEP and _AHEAD * block.step <= page.cells[0].picture.height
    return _with_strips(page, block, range(len(steps)), top) if fits else None


def _lowest(cells: Sequence[Cell]) -> float:
    return max(box.bottom for cell in cells for box in (cell.caption, *cell.chips, *cell.codes))


def _covered(page: Page) -> float:
    """How much of a page pictures cover, in mm², and how well."""
    designs = [cell.picture for cell in page.cells]
    steps = [box for strip in page.strips for box in strip.pictures]
    return sum(
        sum(box.width * box.height for box in boxes) * _worth((max(box.right for box in boxes) - LEFT) / (RIGHT - LEFT))
        for boxes in (designs, steps)
    )


def _pages_of_strips(aspect: float, steps: Sequence[int]) -> list[Page]:
    if not steps:
        return []
    room = _BOTTOM - _TOP - _STRIPS_HEADING
    for pages in range(1, len(steps) + 1):
        each = -(-len(steps) // pages)
        block = max((_block(columns, each, aspect, steps, room) for columns in (1, 2)), key=lambda made: made.step)
        if block.step >= _LEAST_STEP or pages == len(steps):
            break
    begins = range(0, len(steps), each)
    return [_with_strips(_blank(False), block, range(begin, min(begin + each, len(steps))), _TOP) for begin in begins]


def _block(columns: int, count: int, aspect: float, steps: Sequence[int], room: float) -> _Block:
    """So many strips in so many columns, as large as there is room for."""

    def fits(step: float) -> bool:
        block = _Block(step, aspect, steps, columns)
        return block.height(count) <= room and block.width <= _column_width(columns)

    return _Block(_largest(fits, _LARGEST_STEP), aspect, steps, columns)


def _column_width(columns: int) -> float:
    return (RIGHT - LEFT - (columns - 1) * _COLUMN_GAP) / columns


def _with_strips(page: Page, block: _Block, places: range, top: float) -> Page:
    strips = tuple(_strip(block, number, place, top + _STRIPS_HEADING) for number, place in enumerate(places))
    return replace(page, strips=strips, strips_heading=Box(LEFT, top, RIGHT - LEFT, _STRIPS_HEADING - 3.0))


def _strip(block: _Block, number: int, place: int, top: float) -> Strip:
    row, column = divmod(number, block.columns)
    left = LEFT + column * (_column_width(block.columns) + _COLUMN_GAP)
    begin, width = top + row * (block.step + _AMOUNT + _ROW_GAP), block.step * block.aspect
    pictures = tuple(
        Box(left + block.label + at * (width + _STEP_GAP), begin, width, block.step) for at in range(block.steps[place])
    )
    amounts = tuple(Box(box.left, box.bottom + 0.6, box.width, _AMOUNT - 0.6) for box in pictures)
    return Strip(place, Box(left, begin, block.label - 3.0, block.step), pictures, amounts)
