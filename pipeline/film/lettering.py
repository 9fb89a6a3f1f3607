"""The words on a contact sheet, each on a line of its own, as long as there is room.

Names of files are in any script. English ones are set in the face that comes with Pillow, which is there at once; where
a sheet has others, all of it is set by pipeline/typography.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import InputError

if TYPE_CHECKING:
    from pipeline.typography.typeset import Typeset

Colour = tuple[int, int, int]

_PLAIN = frozenset(map(chr, range(32, 127))) | {"…", "·"}
"""Letters that Pillow's face has."""

_WIDEST = 100_000
"""Pixels, in which any line fits that is only measured."""

_ELLIPSIS = "…"


class Letters(ABC):
    """Writes on one page."""

    def __init__(self, page: Image.Image) -> None:
        self._page = page

    @abstractmethod
    def width(self, text: str, size: int) -> float:
        """Pixels of a line."""

    @abstractmethod
    def _draw(self, text: str, size: int, x: float, baseline: int, colour: Colour) -> None: ...

    def write(
        self, text: str, size: int, place: tuple[int, int], colour: Colour, *, room: float, to_left: bool = False
    ) -> None:
        """A line that begins at `place`, its baseline's left end, and is shortened if it is longer than `room` pixels.

        `to_left`: it ends there instead.
        """
        text = self._shortened(_tidy(text), size, room)
        x = place[0] - (self.width(text, size) if to_left else 0)
        self._draw(text, size, x, place[1], colour)

    def _shortened(self, text: str, size: int, room: float) -> str:
        if self.width(text, size) <= room:
            return text
        # As many of its letters as fit.
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.width(text[:middle] + _ELLIPSIS, size) <= room:
                fits = middle
            else:
                too_long = middle
        return text[:fits] + _ELLIPSIS


def letters_for(page: Image.Image, texts: Iterable[str]) -> Letters:
    """What writes these texts, so that they look alike."""
    return _Plain(page) if all(set(_tidy(text)) <= _PLAIN for text in texts) else _Set(page)


def _tidy(text: str) -> str:
    # Pillow's own face has no multiplication sign.
    return " ".join(text.replace("\N{MULTIPLICATION SIGN}", "x").split())


class _Plain(Letters):
    """In Pillow's face."""

    def width(self, text: str, size: int) -> float:
        return ImageDraw.Draw(self._page).textlength(text, ImageFont.load_default(size))

    def _draw(self, text: str, size: int, x: float, baseline: int, colour: Colour) -> None:
        ImageDraw.Draw(self._page).text((x, baseline), text, colour, ImageFont.load_default(size), anchor="ls")


class _Set(Letters):
    """In the faces that come with Atelier, which have letters of all scripts."""

    def width(self, text: str, size: int) -> float:
        made = self._set(text, size)
        return max((line.width for line in made.lines), default=0.0) if made else 0.0

    def _draw(self, text: str, size: int, x: float, baseline: int, colour: Colour) -> None:
        from pipeline.typography.ink import coverage

        made = self._set(text, size)
        if made is None:
            return
        [line] = made.lines
        # Where a language reads from the right, the line stands at the other end of its box.
        at = (x - line.x, 0.0)
        alpha = coverage(made, min(self._page.width, math.ceil(x + line.width + size)), 3 * size, at=at)
        self._page.paste(colour, (0, baseline - round(line.baseline)), Image.fromarray(alpha))

    def _set(self, text: str, size: int) -> Typeset | None:
        """The line in a box that it fits into; None if there is nothing to write."""
        from pipeline.typography.fonts import FontSet
        from pipeline.typography.style import TextStyle
        from pipeline.typography.typeset import typeset

        style = TextStyle(size_px=size, smallest_px=size, most_lines=1)
        for candidate in (text, "".join(letter if _can_be_set(letter) else "?" for letter in text)):
            try:
                return typeset(candidate, style, _WIDEST, 3 * size, FontSet.shipped()) if candidate else None
            except InputError:
                continue
        return None


def _can_be_set(letter: str) -> bool:
    from pipeline.typography.fonts import FontSet
    from pipeline.typography.style import TextStyle
    from pipeline.typography.typeset import check

    try:
        check(letter, TextStyle(size_px=10, smallest_px=10), FontSet.shipped())
    except InputError:
        return letter == " "
    return True
