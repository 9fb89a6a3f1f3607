"""A text, a style and a box → where each glyph stands, at the largest size that fits.

    set = typeset("Frühlingsausstellung", TextStyle(size_px=120, smallest_px=40), 800, 300, FontSet.shipped())
    alpha = coverage(set, 800, 300)

Sizes are not tried: a text broken into a number of lines has a width and a height in em, so the box says at once how
large it may be. What is looked for is the number of lines.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

import numpy as np

from pipeline.errors import InputError
from pipeline.typography import breaks
from pipeline.typography.casing import upper
from pipeline.typography.face import Box, Setting, around
from pipeline.typography.fallback import Chooser
from pipeline.typography.files import FontFile
from pipeline.typography.fonts import FontSet
from pipeline.typography.lines import Breaks, Text
from pipeline.typography.locales import Locale, locale
from pipeline.typography.scripts import CASED
from pipeline.typography.shape import Paragraph, Shaped
from pipeline.typography.style import TextStyle

MOST_LETTERS = 20_000

_PHRASES_WORTH = 0.8
"""Of the size that a text could have, which it may give up so that no phrase is parted."""

_GAP = 0.03
"""Between the ink of neighbouring lines, at least, in em."""

_QUOTED = 40
"""Characters of a text that a message quotes."""

_NEARLY = 0.99
"""Of a size: a kern more or less."""

_NOTHING = 1e-9
"""A width or a height of nothing, that can be divided by."""

_STEP_PX = 1 / 64
"""Sizes are multiples of this, rounded down."""

_NEWLINES = str.maketrans({"\r": "\n", "\N{LINE SEPARATOR}": "\n", "\N{PARAGRAPH SEPARATOR}": "\n", "\x85": "\n"})


class CannotFit(InputError):
    """A text that is too long for its box at the smallest size."""


@dataclass(frozen=True)
class GlyphRun:
    """Glyphs of one font. `x` and `y` are of each glyph's origin, in pixels of the box, y downwards.

    `clusters` are the grapheme clusters of the whole text that each belongs to, counted from 0 in reading order.
    """

    setting: Setting
    glyphs: tuple[int, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    clusters: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """One line. `x` is where it begins on the left and `baseline` its height, in pixels from the box's top left."""

    text: str
    x: float
    baseline: float
    width: float
    runs: tuple[GlyphRun, ...]
    ink: Box | None


@dataclass(frozen=True)
class Typeset:
    """A text that is set in a box. Lengths are in pixels from the box's top left, y downwards."""

    text: str
    """As it is set: after its letters were made capitals, say."""
    size_px: float
    lines: tuple[Line, ...]
    clusters: int
    """How many grapheme clusters the text has, line breaks and spaces among them."""
    files: tuple[FontFile, ...]
    """The font files that it is set in."""

    @cached_property
    def ink(self) -> Box | None:
        """Where there is ink, None if there is none."""
        return around([line.ink for line in self.lines if line.ink])


def typeset(text: str, style: TextStyle, width: float, height: float, fonts: FontSet) -> Typeset:
    """The text in a box of `width` x `height` pixels, at the largest size up to the style's that fits.

    A text is set at the wanted size in as few lines as it needs, or else at the largest size that any number of lines
    allows. No ink leaves the box.

    Raises: CannotFit if it does not fit at the smallest size; MissingGlyph for a character that no font has; InputError
    for a text or a font family that is none.
    """
    return _Setter(text, style, width, height, fonts).set()


def check(text: str, style: TextStyle, fonts: FontSet) -> None:
    """That a text is one, and that there is a letter for all of it. Raises: as `typeset`, but for the box."""
    fonts.check_families(style.families)
    list(_paragraphs(prepared(text, style), style, locale(style.locale), fonts))


def prepared(text: str, style: TextStyle) -> str:
    """The text as it is set: clean, and in capitals if it should be. Raises: InputError if it is none."""
    text = clean(text)
    return upper(text, locale(style.locale)) if style.case == "upper" else text


def clean(text: str) -> str:
    """The text with one kind of line break and no tabs.

    Raises: InputError for characters that are no text, and for no text at all.
    """
    text = text.replace("\r\n", "\n").translate(_NEWLINES).replace("\t", " ")
    if len(text) > MOST_LETTERS:
        raise InputError(f"text {quoted(text)}: has {len(text)} characters; at most {MOST_LETTERS} can be set")
    for at, letter in enumerate(text):
        kind = unicodedata.category(letter)
        if kind == "Cs" or (kind == "Cc" and letter != "\n"):
            what = "half of a surrogate pair" if kind == "Cs" else "a control character"
            raise InputError(
                f"text {quoted(text)}: character {at + 1} is U+{ord(letter):04X}, {what} and no letter; leave it out"
            )
    if not text.strip():
        raise InputError("text is empty; give some, or leave its layer out")
    return text.strip("\n")


def quoted(text: str) -> str:
    """As a message shows it: its beginning, with nothing in it that a terminal would act upon."""
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…")


@dataclass(frozen=True)
class _Layout:
    """A text in lines: in em, with the distance of baselines, and the largest size at which the box holds it."""

    lines: tuple[tuple[Paragraph, Shaped], ...]
    distance: float
    top: float
    """From the first baseline up to where the text begins, and …"""
    bottom: float
    """… from the last one down to where it ends."""
    size_px: float


class _Setter:
    """One text on its way into its box."""

    def __init__(self, text: str, style: TextStyle, width: float, height: float, fonts: FontSet) -> None:
        if not (width > 0 and height > 0):
            raise InputError(f"text {quoted(text)}: a box of {width:g} x {height:g} px holds nothing; make it larger")
        self._style, self._width, self._height = style, width, height
        self._locale = locale(style.locale)
        self._primary = fonts.primary(style)
        self._text = prepared(text, style)
        self._paragraphs = list(_paragraphs(self._text, style, self._locale, fonts))

    def set(self) -> Typeset:
        """The largest layout, placed in the box."""
        layout = self._best_layout()
        if layout is None or layout.size_px < self._style.smallest_px:
            raise CannotFit(self._complaint())
        return self._placed(layout)

    def _best_layout(self) -> _Layout | None:
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

    def _largest(self, opportunities: Callable[[str, str], Sequence[int]]) -> _Layout | None:
        """The largest layout with lines that end at these places only, the one of fewest lines among equals."""
        text = Text([Breaks(part, opportunities(part.text, part.language) or [0]) for part in self._paragraphs])
        most = min(text.most, self._style.most_lines or text.most)
        if text.fewest > most:
            return None
        layout, distance = self._near(text, most, self._style.leading)
        # Tall letters need more than the style's leading; how much, their first layout tells.
        return layout if layout.distance == distance else self._near(text, most, layout.distance)[0]

    def _near(self, text: Text, most: int, distance: float) -> tuple[_Layout, float]:
        """The largest layout if baselines are about this far apart, in em. The distance is given back."""
        # With more lines the width allows more, and the height less: the best number is where the two meet.
        low, high = text.fewest, most
        while low < high:
            middle = (low + high) // 2
            by_height = self._height / (self._primary.cap_height + (middle - 1) * distance)
            if self._by_width(text, middle) >= min(by_height, self._style.size_px):
                high = middle
            else:
                low = middle + 1
        tried = [self._layout(text, lines) for lines in range(max(text.fewest, low - 1), min(most, low + 1) + 1)]
        return max(tried, key=lambda layout: (layout.size_px, -len(layout.lines))), distance

    def _by_width(self, text: Text, lines: int) -> float:
        return self._width / max(text.narrowest(lines), _NOTHING)

    def _layout(self, text: Text, lines: int) -> _Layout:
        """The text in so many lines, or fewer if no more are needed."""
        least = text.narrowest(lines)
        tight = self._measured(text.parts, least)
        # Where the height is what limits it, there is more width than was needed for the number of lines.
        loose = self._measured(text.parts, max(least, self._width / tight.size_px))
        return loose if loose.size_px >= _NEARLY * tight.size_px else tight

    def _measured(self, parts: Sequence[Breaks], width: float) -> _Layout:
        """The text in lines of this width, in em, and how large it may be."""
        lines = tuple((part.paragraph, line) for part in parts for line in self._lines(part, width))
        shaped = [line for _, line in lines]
        distance = self._distance(shaped)
        top, bottom = self._ends(shaped, distance)
        widest = max(right - left for left, right in map(_span, shaped))
        tall = top + (len(lines) - 1) * distance + bottom
        size = min(self._style.size_px, self._width / max(widest, _NOTHING), self._height / max(tall, _NOTHING))
        return _Layout(lines, distance, top, bottom, math.floor(size / _STEP_PX) * _STEP_PX)

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
        if self._has_capitals:
            tops.append(self._primary.cap_height)
            bottoms.append(0.0)
        return max(tops), max(bottoms)

    @cached_property
    def _has_capitals(self) -> bool:
        return any(paragraph.codes() & CASED for paragraph in self._paragraphs)

    def _placed(self, layout: _Layout) -> Typeset:
        """The layout in pixels."""
        size = layout.size_px
        first = self._first_baseline(layout)
        lines = tuple(
            self._line(paragraph, shaped, size, first + number * layout.distance * size)
            for number, (paragraph, shaped) in enumerate(layout.lines)
        )
        files = {file for paragraph in self._paragraphs for file in paragraph.files()}
        ordered = tuple(sorted(files, key=lambda file: (file.name, file.index)))
        clusters = sum(len(paragraph.clusters) for paragraph in self._paragraphs) - 1
        return Typeset(self._text, size, lines, clusters, ordered)

    def _first_baseline(self, layout: _Layout) -> float:
        """Where the first baseline lies, in pixels from the top of the box."""
        size = layout.size_px
        reach = (len(layout.lines) - 1) * layout.distance * size
        highest, lowest = layout.top * size, self._height - reach - layout.bottom * size
        if self._style.valign == "top":
            return highest
        if self._style.valign == "bottom":
            return lowest
        # What the eye takes for the middle of Latin letters is that of their capitals, whatever hangs below.
        body = self._primary.cap_height * size if self._has_capitals else (layout.top - layout.bottom) * size
        return min(max((self._height - reach + body) / 2, highest), lowest)

    def _line(self, paragraph: Paragraph, shaped: Shaped, size: float, baseline: float) -> Line:
        left, right = (side * size for side in _span(shaped))
        free = self._width - shaped.width * size
        is_left = (self._style.align == "start") == (self._direction == 0)
        x = free / 2 if self._style.align == "center" else 0.0 if is_left else free
        x = min(max(x, -left), self._width - right)
        ink = shaped.ink
        placed = ink and Box(x + ink.x0 * size, baseline - ink.y1 * size, x + ink.x1 * size, baseline - ink.y0 * size)
        runs = tuple(self._runs(paragraph, shaped, size, x, baseline))
        return Line(shaped.text, x, baseline, shaped.width * size, runs, placed)

    @property
    def _direction(self) -> int:
        """The side where lines begin: the locale's, or that of the first paragraph."""
        given = self._locale.direction
        return self._paragraphs[0].base if given is None else given

    def _runs(self, paragraph: Paragraph, shaped: Shaped, size: float, x: float, baseline: float) -> Iterator[GlyphRun]:
        for setting, group in groupby(shaped.glyphs, key=lambda glyph: glyph.setting):
            glyphs = list(group)
            yield GlyphRun(
                setting,
                tuple(glyph.number for glyph in glyphs),
                tuple(x + glyph.x * size for glyph in glyphs),
                tuple(baseline - glyph.y * size for glyph in glyphs),
                tuple(paragraph.first_cluster + paragraph.cluster_of(glyph.at) for glyph in glyphs),
            )

    def _complaint(self) -> str:
        """Why the text does not fit, and what would help."""
        style = self._style
        where = f"{self._width:g} x {self._height:g} px"
        text = f"text {quoted(self._text)}"
        if style.most_lines and len(self._paragraphs) > style.most_lines:
            return f"{text}: has {len(self._paragraphs)} lines of its own; at most {style.most_lines} may be set"
        return f"{text}: does not fit into {where} even at {style.smallest_px:g} px; shorten it, or give it more room"


def _paragraphs(text: str, style: TextStyle, locale: Locale, fonts: FontSet) -> Iterator[Paragraph]:
    chooser = Chooser(fonts, style)
    clusters = 0
    for line in text.split("\n"):
        paragraph = Paragraph(line, clusters, style=style, locale=locale, chooser=chooser)
        clusters += len(paragraph.clusters)
        yield paragraph


def _span(shaped: Shaped) -> tuple[float, float]:
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
