"""Where a text's lines end, for a number of lines or for a width. Widths are in em, so that nothing here knows a size.

A line's width is taken from its paragraph's advances; the shaped line may differ by a kern, and whoever asked measures
it again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.typography.shape import Paragraph

_EXACT = 1e-4
"""Of a width, to which it is found."""


@dataclass(frozen=True)
class Breaks:
    """A paragraph and the places where its lines may end; the last one is its own end."""

    paragraph: Paragraph
    places: Sequence[int]

    @cached_property
    def starts(self) -> list[float]:
        """How far the text has got where a line begins: at the paragraph's start and at each place but the last."""
        return self.paragraph.advances[[0, *self.places[:-1]]].tolist()

    @cached_property
    def ends(self) -> list[float]:
        """How far it has got where a line ends, at each place."""
        return np.maximum.accumulate(self.paragraph.ends(self.places)).tolist()

    @property
    def widest(self) -> float:
        """The narrowest width that this can be set in."""
        return max((end - start for start, end in zip(self.starts, self.ends, strict=True)), default=0.0)

    def greedy(self, width: float) -> list[int]:
        """The places where lines end that each take as much as they can; a piece that is too wide has its own line."""
        taken: list[int] = []
        at = 0
        while at < len(self.places):
            at = max(bisect_right(self.ends, self.starts[at] + width), at + 1)
            taken.append(at - 1)
        return [self.places[number] for number in taken]

    def balanced(self, width: float) -> list[int]:
        """As few lines as `greedy` would make, none wider than `width`, as alike as can be: least sum of squares."""
        count = len(self.greedy(width))
        if count == 1:
            return [self.places[-1]]
        goal = self.ends[-1] / count
        room = width * (1 + 1e-9)
        best = [0.0] + [float("inf")] * len(self.places)
        came_from: list[list[int]] = []
        for _ in range(count):
            best, origin = self._next(best, goal, room)
            came_from.append(origin)
        return self._traced(came_from)

    def _next(self, best: Sequence[float], goal: float, room: float) -> tuple[list[float], list[int]]:
        """With one line more: the least cost of ending at each place, and where that line begins."""
        found, origin = [float("inf")] * len(best), [0] * len(best)
        for start, cost in enumerate(best[:-1]):
            if cost == float("inf"):
                continue
            for stop in range(start, len(self.places)):
                width = self.ends[stop] - self.starts[start]
                if width > room and stop > start:
                    break
                total = cost + (width - goal) ** 2
                if total < found[stop + 1]:
                    found[stop + 1], origin[stop + 1] = total, start
        return found, origin

    def _traced(self, came_from: Sequence[Sequence[int]]) -> list[int]:
        at, taken = len(self.places), []
        for origin in reversed(came_from):
            taken.append(self.places[at - 1])
            at = origin[at]
        return taken[::-1]


def count(parts: Sequence[Breaks], width: float) -> int:
    """Into how many lines this width parts the text."""
    return sum(len(part.greedy(width)) for part in parts)


def narrowest(parts: Sequence[Breaks], most: int) -> float:
    """The least width that parts the text into at most so many lines, of which there are as many as paragraphs."""
    low = max((part.widest for part in parts), default=0.0)
    high = max((part.ends[-1] for part in parts), default=0.0)
    if count(parts, low) <= most:
        return low
    while high - low > _EXACT * high:
        middle = (low + high) / 2
        if count(parts, middle) <= most:
            high = middle
        else:
            low = middle
    return high
