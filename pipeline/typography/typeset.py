"""A text, a style and a box → where each glyph stands, at the largest size that fits.

    set = typeset("Frühlingsausstellung", TextStyle(size_px=120, smallest_px=40), 800, 300, FontSet.shipped())
    alpha = coverage(set, 800, 300)

fit.py finds the lines and the size; here they get their places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from pipeline.errors import InputError
from pipeline.typography.face import Box, Setting, around
from pipeline.typography.fallback import Chooser
from pipeline.typography.files import FontFile
from pipeline.typography.fit import Fitter, Layout, span
from pipeline.typography.fonts import FontSet
from pipeline.typography.locales import Locale, locale
from pipeline.typography.shape import Paragraph, Shaped
from pipeline.typography.style import TextStyle
from pipeline.typography.words import prepared, quoted


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


class _Setter:
    """One text on its way into its box."""

    def __init__(self, text: str, style: TextStyle, width: float, height: float, fonts: FontSet) -> None:
        if not (width > 0 and height > 0):
            raise InputError(f"text {quoted(text)}: a box of {width:g} x {height:g} px holds nothing; make it larger")
        self._style, self._width, self._height = style, width, height
        self._locale = locale(style.locale)
        self._text = prepared(text, style)
        cap_height = fonts.primary(style).cap_height
        self._paragraphs = list(_paragraphs(self._text, style, self._locale, fonts))
        self._fitter = Fitter(self._paragraphs, style, width, height, cap_height=cap_height)

    def set(self) -> Typeset:
        """The largest layout, placed in the box."""
        layout = self._fitter.best()
        if layout is None or layout.size_px < self._style.smallest_px:
            raise CannotFit(self._complaint())
        return self._placed(layout)

    def _placed(self, layout: Layout) -> Typeset:
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

    def _first_baseline(self, layout: Layout) -> float:
        """Where the first baseline lies, in pixels from the top of the box."""
        size = layout.size_px
        reach = (len(layout.lines) - 1) * layout.distance * size
        highest, lowest = layout.top * size, self._height - reach - layout.bottom * size
        if self._style.valign == "top":
            return highest
        if self._style.valign == "bottom":
            return lowest
        # What the eye takes for the middle of Latin letters is that of their capitals, whatever hangs below.
        body = (self._fitter.cap_height or layout.top - layout.bottom) * size
        return min(max((self._height - reach + body) / 2, highest), lowest)

    def _line(self, paragraph: Paragraph, shaped: Shaped, size: float, baseline: float) -> Line:
        left, right = (side * size for side in span(shaped))
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
