"""Where a text's lines end, for a number of lines or for a width. Widths are in em, so that nothing here knows a size.

A line's width is taken from its paragraph's advances; the shaped line may differ by a kern, and whoever asked measures
it again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.typography.breaks import SOFT_HYPHEN
from pipeline.typography.scripts import HAN, scripts
from pipeline.typography.shape import Paragraph

_ROUNDING = 1 + 1e-9

_EXACT = 1e-4
"""Of a width, to which it is found."""


_CLAUSE_ENDS = frozenset(".,:;!?…—–、。，！？：；،؛؟।")
_SHORT = 3
"""Letters of a word that clings to the next one, as articles and prepositions do; the fewer, the more."""

_LOOKED_AT = 16
"""Characters at the end of a line."""

_AT_CLAUSE, _AT_SHORT_WORD, _AT_HYPHEN = -0.05, 0.15, 0.1
"""What it costs to end a line there, as a share of the square of a line's length: 0.05 is as bad as 22 % of length."""


@dataclass(frozen=True)
class Breaks:
    """A paragraph and the places where its lines may end; the last one is its own end."""

    paragraph: Paragraph
    places: Sequence[int]

    @cached_property
    def starts(self) -> list[float]:
        """How far the text has got where a line begins: at the paragraph's start and at each place but the last."""
        return self.paragraph.begins([0, *self.places[:-1]]).tolist()

    @cached_property
    def ends(self) -> list[float]:
        """How far it has got where a line ends, at each place."""
        return np.maximum.accumulate(self.paragraph.ends(self.places)).tolist()

    @cached_property
    def costs(self) -> list[float]:
        """What it costs to end a line at each place, besides its length."""
        return [_cost(self.paragraph.text[max(place - _LOOKED_AT, 0) : place]) for place in self.places]

    @property
    def widest(self) -> float:
        """The narrowest width that this can be set in."""
        return max((end - start for start, end in zip(self.starts, self.ends, strict=True)), default=0.0)

    def greedy(self, width: float) -> list[int]:
        """The places where lines end that each take as much as they can; a piece that is too wide has its own line."""
        return [self.places[number] for number in self._forwards(width)]

    def balanced(self, width: float) -> list[int]:
        """As few lines as `greedy` would make, none wider than `width`, of about equal length and ending well.

        What is made least is the sum of squares of what each differs from the mean, and the cost of where each ends.
        """
        room = width * _ROUNDING
        latest = self._forwards(room)
        goal = self.ends[-1] / len(latest)
        reached: dict[int, float] = {-1: 0.0}
        came_from: list[dict[int, int]] = []
        for last, first in zip(latest, self._backwards(room), strict=True):
            reached, origin = self._next(reached, range(first, last + 1), goal=goal, room=room)
            came_from.append(origin)
        return self._traced(came_from)

    def _forwards(self, width: float) -> list[int]:
        """The latest place, by its number, where each line can end."""
        taken: list[int] = []
        at = 0
        while at < len(self.places):
            at = max(bisect_right(self.ends, self.starts[at] + width), at + 1)
            taken.append(at - 1)
        return taken

    def _backwards(self, width: float) -> list[int]:
        """The earliest place, by its number, where each line can end if no line is to be added."""
        taken: list[int] = []
        at = len(self.places) - 1
        while at >= 0:
            taken.append(at)
            at = min(bisect_left(self.starts, self.ends[at] - width), at) - 1
        return taken[::-1]

    def _next(
        self, reached: dict[int, float], places: range, *, goal: float, room: float
    ) -> tuple[dict[int, float], dict[int, int]]:
        """With one line more: the least cost of ending it at each place, and where the line before ends."""
        found: dict[int, float] = {}
        origin: dict[int, int] = {}
        for stop in places:
            for before, cost in reached.items():
                if before >= stop:
                    continue
                width = self.ends[stop] - self.starts[before + 1]
                if width > room and before + 1 < stop:
                    continue
                total = cost + (width - goal) ** 2 + self.costs[stop] * goal**2
                if total < found.get(stop, float("inf")):
                    found[stop], origin[stop] = total, before
        return found, origin

    def _traced(self, came_from: Sequence[dict[int, int]]) -> list[int]:
        at, taken = len(self.places) - 1, []
        for origin in reversed(came_from):
            taken.append(self.places[at])
            at = origin[at]
        return taken[::-1]


def _cost(line: str) -> float:
    """Of ending a line with this text."""
    line = line.rstrip()
    if line.endswith(SOFT_HYPHEN):
        return _AT_HYPHEN
    if line and line[-1] in _CLAUSE_ENDS:
        return _AT_CLAUSE
    word = line.rpartition(" ")[2]
    clings = word.isalpha() and len(word) <= _SHORT and HAN.isdisjoint(scripts(word))
    return _AT_SHORT_WORD / len(word) if clings else 0.0


class Text:
    """All paragraphs of a text, and how wide it must be for a number of lines."""

    def __init__(self, parts: Sequence[Breaks]) -> None:
        self.parts = parts
        self.fewest = len(parts)
        self.most = sum(len(part.places) for part in parts)
        self._narrowest: dict[int, float] = {}

    def narrowest(self, most: int) -> float:
        """The least width that parts the text into at most so many lines, of which there are `fewest` or more."""
        if most not in self._narrowest:
            self._narrowest[most] = self._search(most)
        return self._narrowest[most]

    def _search(self, most: int) -> float:
        low = max(part.widest for part in self.parts)
        high = max(part.ends[-1] for part in self.parts)
        if self._count(low) <= most:
            return low
        while high - low > _EXACT * high:
            middle = (low + high) / 2
            if self._count(middle) <= most:
                high = middle
            else:
                low = middle
        return high

    def _count(self, width: float) -> int:
        return sum(len(part.greedy(width)) for part in self.parts)
