"""A text and a box → its lines, at the largest size that fits. Lengths are in em, but for sizes and the box.

Sizes are not tried: a text broken into a number of lines has a width and a height in em, so the box says at once how
large it may be. What is looked for is the number of lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from pipeline.typography import breaks
from pipeline.typography.lines import Breaks, Text
from pipeline.typography.scripts import CASED
from pipeline.typography.shape import Paragraph, Shaped
from pipeline.typography.style import TextStyle

_PHRASES_WORTH = 0.8
"""Of the size that a text could have, which it may give up so that no phrase is parted."""

_GAP = 0.03
"""Between the ink of neighbouring lines, at least, in em."""

_NEARLY = 0.99
"""Of a size: a kern more or less."""

_NOTHING = 1e-9
"""A width or a height of nothing, that can be divided by."""

_STEP_PX = 1 / 64
"""Sizes are multiples of this, rounded down."""

_ABOVE = 0.7
"""What a line reaches above its baseline, nearly."""


@dataclass(frozen=True)
class Layout:
    """A text in lines: in em, with the distance of baselines, and the largest size at which the box holds it."""

    lines: tuple[tuple[Paragraph, Shaped], ...]
    distance: float
    top: float
    """From the first baseline up to where the text begins, and …"""
    bottom: float
    """… from the last one down to where it ends."""
    size_px: float


class Fitter:
    """Looks for the largest layout of some paragraphs in a box of `width` x `height` pixels."""

    def __init__(
        self, paragraphs: Sequence[Paragraph], style: TextStyle, width: float, height: float, *, cap_height: float
    ) -> None:
        self._paragraphs = paragraphs
        self._style, self._width, self._height = style, width, height
        self.cap_height = cap_height if any(part.codes() & CASED for part in paragraphs) else 0.0
        """How high capitals are, 0 if the text is of scripts that have none."""

    def best(self) -> Layout | None:
        """With whole phrases if that costs little; with broken words only if nothing else is large enough."""
        best = self._largest(breaks.preferred)
        if best is None or best.size_px + _STEP_PX <= self._style.size_px:
            parted = self._largest(breaks.allowed) if self._has_phrases else None
            if parted and (best is None or best.size_px < _PHRASES_WORTH * parted.size_px):
                best = parted
        if self._style.break_words and (best is None or best.size_px < self._style.smallest_px):
            best = self._largest(lambda text, _: breaks.graphemes(text)[1:])
        return best

    @cached_property
    def _has_phrases(self) -> bool:
        return any(paragraph.language in breaks.WITH_PHRASES for paragraph in self._paragraphs)

    def _largest(self, opportunities: Callable[[str, str], Sequence[int]]) -> Layout | None:
        """The largest layout with lines that end at these places only, the one of fewest lines among equals."""
        text = Text([Breaks(part, opportunities(part.text, part.language) or [0]) for part in self._paragraphs])
        most = min(text.most, self._style.most_lines or text.most)
        if text.fewest > most:
            return None
        layout = self._near(text, most, self._style.leading)
        # Tall letters need more than the style's leading; how much, their first layout tells.
        return layout if layout.distance == self._style.leading else self._near(text, most, layout.distance)

    def _near(self, text: Text, most: int, distance: float) -> Layout:
        """The largest layout if baselines are about this far apart."""
        # With more lines the width allows more, and the height less: the best number is where the two meet.
        low, high = text.fewest, most
        while low < high:
            middle = (low + high) // 2
            by_height = self._height / (_ABOVE + (middle - 1) * distance)
            if self._by_width(text, middle) >= min(by_height, self._style.size_px):
                high = middle
            else:
                low = middle + 1
        tried = [self._layout(text, lines) for lines in range(max(text.fewest, low - 1), min(most, low + 1) + 1)]
        return max(tried, key=lambda layout: (layout.size_px, -len(layout.lines)))

    def _by_width(self, text: Text, lines: int) -> float:
        return self._width / max(text.narrowest(lines), _NOTHING)

    def _layout(self, text: Text, lines: int) -> Layout:
        """The text in so many lines, or fewer if no more are needed."""
        least = text.narrowest(lines)
        tight = self._measured(text.parts, least)
        # Where the height is what limits it, there is more width than was needed for the number of lines.
        loose = self._measured(text.parts, max(least, self._width / max(tight.size_px, _STEP_PX)))
        return loose if loose.size_px >= _NEARLY * tight.size_px else tight

    def _measured(self, parts: Sequence[Breaks], width: float) -> Layout:
        """The text in lines of this width, in em, and how large it may be."""
        lines = tuple((part.paragraph, line) for part in parts for line in self._lines(part, width))
        shaped = [line for _, line in lines]
        distance = self._distance(shaped)
        top, bottom = self._ends(shaped, distance)
        widest = max(right - left for left, right in map(span, shaped))
        tall = top + (len(lines) - 1) * distance + bottom
        size = min(self._style.size_px, self._width / max(widest, _NOTHING), self._height / max(tall, _NOTHING))
        return Layout(lines, distance, top, bottom, math.floor(size / _STEP_PX) * _STEP_PX)

    def _lines(self, part: Breaks, width: float) -> Iterator[Shaped]:
        stops = part.balanced(width) if self._style.balance else part.greedy(width)
        return (part.paragraph.line(start, stop) for start, stop in pairwise([0, *stops]))

    def _distance(self, lines: Sequence[Shaped]) -> float:
        """From baseline to baseline: the style's, or more where letters of neighbouring lines would touch."""
        shift = {"start": 0.0, "center": 0.5, "end": 1.0}[self._style.align]
        needed = [_clearance(upper, lower, shift * (lower.width - upper.width)) for upper, lower in pairwise(lines)]
        return max([self._style.leading, *needed])

    def _ends(self, lines: Sequence[Shaped], distance: float) -> tuple[float, float]:
        """How far the text reaches above its first baseline and below its last one: capitals, and all ink."""
        last = len(lines) - 1
        inks = [(at, line.ink) for at, line in enumerate(lines) if line.ink]
        tops = [ink.y1 - at * distance for at, ink in inks]
        bottoms = [-ink.y0 - (last - at) * distance for at, ink in inks]
        if self.cap_height:
            tops.append(self.cap_height)
            bottoms.append(0.0)
        return max(tops, default=0.0), max(bottoms, default=0.0)


def span(shaped: Shaped) -> tuple[float, float]:
    """From where to where a line reaches, its ink included."""
    ink = shaped.ink
    return (min(0.0, ink.x0), max(shaped.width, ink.x1)) if ink else (0.0, shaped.width)


def _clearance(upper: Shaped, lower: Shaped, shift: float) -> float:
    """The distance of baselines at which no glyph's ink comes near that of the line above; 0 if they never meet.

    `shift` is how far the lower line begins to the left of the upper one.
    """
    above, below = upper.boxes, lower.boxes - np.array([shift, 0, shift, 0])
    meet = (above[:, None, 0] < below[None, :, 2]) & (below[None, :, 0] < above[:, None, 2])
    needed = below[None, :, 3] - above[:, None, 1] + _GAP
    return float(needed[meet].max(initial=0.0))
