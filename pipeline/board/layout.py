"""Which of a board's designs and strips share a page: strips stand below the designs where both have room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.board.designs import cells_above, lowest, pages_of_designs
from pipeline.board.page import BOTTOM, FIRST_TOP, LEFT, RIGHT, Box, Page, blank, worth
from pipeline.board.strips import HEADING, LEAST_STEP, Block, largest_block, pages_of_strips, with_strips

_STEPS = range(20, 46)
"""Heights of a strip's pictures that are tried below designs."""

_LEAST_JOINT = 0.45
"""Of the size that designs have on pages of their own, with strips below them; else they have those pages."""

_AHEAD = 1.2
"""By which factor designs are larger than a strip's pictures below them."""

_BETWEEN = 10.0


def arrange(proposals: int, aspect: float, steps: Sequence[int] = ()) -> tuple[Page, ...]:
    """The pages of a board of so many designs, each of that width ÷ height, and strips of so many pictures each."""
    *pages, last = pages_of_designs(proposals, aspect)
    joint = _jointly(proposals, aspect, steps) if steps else None
    if joint is not None and joint.cells[0].picture.height >= _LEAST_JOINT * last.cells[0].picture.height:
        return (joint,)
    below = _below_designs(last, aspect, steps) if steps else None
    if below is not None:
        return (*pages, below)
    return (*pages, last, *pages_of_strips(aspect, steps))


def _jointly(proposals: int, aspect: float, steps: Sequence[int]) -> Page | None:
    """Designs and strips on one page, if there both have room: so that their pictures cover most of it."""
    blocks = [Block(step, aspect, steps, columns) for step in _STEPS for columns in (1, 2)]
    pages = [_joint(proposals, block) for block in blocks if block.fits_across]
    return max(filter(None, pages), key=_covered, default=None)


def _joint(proposals: int, block: Block) -> Page | None:
    top = BOTTOM - HEADING - block.height(len(block.steps))
    height = top - _BETWEEN - FIRST_TOP
    if height < _AHEAD * block.step:
        return None
    cells = cells_above(proposals, block.aspect, height)
    if not cells or cells[0].picture.height < _AHEAD * block.step:
        return None
    # What is left over is better at the foot of the page than in its middle.
    top = min(top, lowest(cells) + 2 * _BETWEEN)
    return with_strips(replace(blank(True), cells=cells), block, range(len(block.steps)), top)


def _below_designs(page: Page, aspect: float, steps: Sequence[int]) -> Page | None:
    """The strips below the designs of their last page, if it has room."""
    top = lowest(page.cells) + _BETWEEN
    room = BOTTOM - top - HEADING
    block = largest_block(len(steps), aspect, steps, room)
    fits = block.step >= LEAST_STEP and _AHEAD * block.step <= page.cells[0].picture.height
    return with_strips(page, block, range(len(steps)), top) if fits else None


def _covered(page: Page) -> float:
    """How much of a page pictures cover, in mm², and how well."""
    designs = [cell.picture for cell in page.cells]
    steps = [box for strip in page.strips for box in strip.pictures]
    return sum(map(_value, (designs, steps)))


def _value(boxes: Sequence[Box]) -> float:
    reach = (max(box.right for box in boxes) - LEFT) / (RIGHT - LEFT)
    return worth(reach) * sum(box.width * box.height for box in boxes)
