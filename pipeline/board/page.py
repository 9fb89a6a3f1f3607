"""What lies on a board's page: boxes, in mm from the upper left corner of A3 landscape. Geometry alone.

Where the boxes are comes from designs.py and strips.py, and which of them share a page from layout.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PAGE_WIDTH, PAGE_HEIGHT = 420.0, 297.0
LEFT, RIGHT = 24.0, PAGE_WIDTH - 24.0

FIRST_TOP, TOP, BOTTOM = 54.0, 36.0, 270.0
"""Of what lies between heading and footer; the first page has a larger heading."""


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


def blank(first: bool) -> Page:
    """A page with nothing between heading and footer."""
    width = RIGHT - LEFT
    return Page(
        title=Box(LEFT, 20.0, width, 13.0) if first else Box(LEFT, 20.0, width, 6.0),
        subtitle=Box(LEFT, 35.0, width, 6.0) if first else None,
        footer=Box(LEFT, 278.0, width - 40.0, 5.0),
        number=Box(RIGHT - 38.0, 278.0, 38.0, 5.0),
    )


def worth(span: float) -> float:
    """Of pictures that reach so far across the page, 1 being its whole width."""
    return 0.6 + 0.4 * min(span, 1.0)


def largest(fits: Callable[[float], bool], most: float) -> float:
    """The largest length up to `most` that fits, to a hundredth of a mm."""
    if fits(most):
        return most
    least = 0.01
    while most - least > 0.01:
        middle = (least + most) / 2
        least, most = (middle, most) if fits(middle) else (least, middle)
    return least
