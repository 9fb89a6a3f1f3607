"""A paragraph → glyphs: which, and where, in em. Lines are chosen elsewhere; here each is shaped as it will stand.

A line's text is shaped whole, so Arabic letters join and Devanagari conjuncts form whatever is shown of them later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

import numpy as np
import uharfbuzz as hb

from pipeline.typography import bidi, brackets, breaks
from pipeline.typography.face import Box, Setting
from pipeline.typography.fallback import Choice, Chooser
from pipeline.typography.files import FontFile
from pipeline.typography.locales import Locale
from pipeline.typography.scripts import HAN, JOINED, scripts
from pipeline.typography.style import TextStyle

_SPACES = " \t\N{IDEOGRAPHIC SPACE}\N{OGHAM SPACE MARK}" + "".join(
    map(chr, [*range(0x2000, 0x2007), *range(0x2008, 0x200B)])
)
"""What takes no room at the end of a line. A no-break space is not among them."""

_HYPHENS = ("\N{HYPHEN}", "-")
_LANGUAGES = {"ja": "ja", "ko": "ko", "zh": "zh-Hans"}
_NO_LIGATURES = {"liga": False, "clig": False}
_HALF = 0.5
"""Of a square, which a bracket can do without, in em."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a line. Lengths are in em, y grows upwards."""

    number: int
    setting: Setting
    x: float
    y: float
    at: int
    """The character it stands for, the first one of several, by its place in the paragraph."""
    advance: float

    @property
    def box(self) -> Box | None:
        """Where it has ink, in the line."""
        box = self.setting.box(self.number)
        return box and Box(box.x0 + self.x, box.y0 + self.y, box.x1 + self.x, box.y1 + self.y)


@dataclass(frozen=True)
class Shaped:
    """A line of glyphs, from left to right. Lengths are in em; the baseline begins at (0, 0)."""

    text: str
    glyphs: tuple[Glyph, ...]
    width: float

    @cached_property
    def boxes(self) -> np.ndarray:
        """Where each glyph has ink: (N, 4) float64 of x0, y0, x1, y1."""
        boxes = [box for glyph in self.glyphs if (box := glyph.box)]
        return np.array(boxes, np.float64).reshape(-1, 4)

    @cached_property
    def ink(self) -> Box | None:
        """Where there is ink, None if there is none."""
        if not len(self.boxes):
            return None
        return Box(*self.boxes[:, :2].min(0).tolist(), *self.boxes[:, 2:].max(0).tolist())


class Paragraph:
    """Text without a line break of its own, ready to be shaped. `first_cluster` is the number of its first one.

    Raises: MissingGlyph for a character that no font has.
    """

    def __init__(self, text: str, first_cluster: int, *, style: TextStyle, locale: Locale, chooser: Chooser) -> None:
        self.text = text
        self.first_cluster = first_cluster
        self._style = style
        self.language = breaks.language_of(text, locale)
        self._tag = locale.tag if locale.language == self.language else _LANGUAGES.get(self.language, self.language)
        self.base = _base(text, locale)
        self._levels = bidi.levels(text, self.base)
        self._scripts = scripts(text)
        self.clusters = breaks.graphemes(text)
        self._fonts = self._by_character(chooser.choose(text, self.clusters, self._scripts))
        self._is_traditional = locale.script == "Hant"
        self._shaped: dict[tuple[int, int], Shaped] = {}

    def line(self, start: int, stop: int) -> Shaped:
        """The line of these characters. Spaces at its end count for nothing; a soft hyphen there is seen."""
        key = (start, stop)
        if key not in self._shaped:
            self._shaped[key] = self._shape(start, start + len(self.text[start:stop].rstrip(_SPACES)))
        return self._shaped[key]

    @cached_property
    def advances(self) -> np.ndarray:
        """How far a line gets before each character, and after the last: (N + 1,) float64, in em, never falling."""
        own = np.zeros(len(self.text) + 1)
        for glyph in self._glyphs(self.text, 0, len(self.text)):
            own[glyph.at + 1] += glyph.advance
        return np.maximum.accumulate(np.cumsum(own))

    def ends(self, places: Sequence[int]) -> np.ndarray:
        """How far a line gets that ends at each of these places, its spaces left off and its hyphen set, in em."""
        trimmed = [len(self.text[:place].rstrip(_SPACES)) for place in places]
        edges = [self._hyphen_width(place) - self._white(stop - 1) for place, stop in zip(places, trimmed, strict=True)]
        return self.advances[trimmed] + np.array(edges)

    def begins(self, places: Sequence[int]) -> np.ndarray:
        """How far the text has got where lines begin at these places, in em."""
        return self.advances[list(places)] + np.array([self._white(place) for place in places])

    def _white(self, at: int) -> float:
        """What a bracket gives up at the edge of a line that it does not inside of one."""
        if not self._has_squares or not 0 <= at < len(self.text) or at in self._tight:
            return 0.0
        alone = brackets.halved(self.text, range(at, at + 1), traditional=self._is_traditional)
        return _HALF if alone and self._scripts[at] in HAN else 0.0

    @cached_property
    def _has_squares(self) -> bool:
        return not HAN.isdisjoint(self._scripts)

    @cached_property
    def _tight(self) -> frozenset[int]:
        """The brackets that give up half of their square, were the paragraph one line."""
        return frozenset(self._halved(self.text, range(len(self.text))))

    def _halved(self, text: str, line: range) -> list[int]:
        return brackets.halved(text, line, traditional=self._is_traditional) if self._has_squares else []

    def _by_character(self, chosen: Sequence[Choice]) -> list[Choice]:
        spans = pairwise(self.clusters)
        return [choice for choice, (start, stop) in zip(chosen, spans, strict=True) for _ in range(start, stop)]

    def cluster_of(self, at: int) -> int:
        """Which grapheme cluster of the paragraph a character belongs to."""
        return bisect_right(self.clusters, at) - 1

    def files(self) -> set[FontFile]:
        """The font files that are used."""
        return {file for file, _ in self._fonts}

    def codes(self) -> set[str]:
        """The scripts that are used."""
        return set(self._scripts) - {""}

    def _hyphen_width(self, stop: int) -> float:
        if not self._is_hyphenated(0, stop):
            return 0.0
        return self._fonts[stop - 1][1].advance(self._hyphen(stop))

    def _is_hyphenated(self, start: int, stop: int) -> bool:
        return start < stop < len(self.text) and self.text[stop - 1] == breaks.SOFT_HYPHEN

    def _hyphen(self, stop: int) -> str:
        setting = self._fonts[stop - 1][1]
        return next((hyphen for hyphen in _HYPHENS if setting.face.covers(hyphen)), breaks.SOFT_HYPHEN)

    def _shape(self, start: int, stop: int) -> Shaped:
        text = self.text
        if self._is_hyphenated(start, stop):
            text = text[: stop - 1] + self._hyphen(stop) + text[stop:]
        glyphs = tuple(self._glyphs(text, start, stop))
        width = glyphs[-1].x + glyphs[-1].advance if glyphs else 0.0
        if glyphs and glyphs[-1].advance:
            width -= self._tracking(self._scripts[glyphs[-1].at])
        said = text[start:stop].replace(breaks.SOFT_HYPHEN, "")
        return Shaped(said, glyphs, width)

    def _glyphs(self, text: str, start: int, stop: int) -> Iterator[Glyph]:
        """From left to right. A glyph's x is where its advance begins, moved by its offset."""
        pen = 0.0
        halved = self._halved(text, range(start, stop))
        for run, level in bidi.visual_runs(text, self._levels, range(start, stop), self.base):
            parts = list(self._parts(run))
            for part in reversed(parts) if level % 2 else parts:
                for glyph in self._run(text, part, level, halved=halved, pen=pen):
                    yield glyph
                    pen += glyph.advance

    def _parts(self, run: range) -> Iterator[range]:
        """Pieces of a run that are of one font and one script."""
        for _, group in groupby(run, key=lambda at: (self._fonts[at][1].font, self._scripts[at])):
            places = list(group)
            yield range(places[0], places[-1] + 1)

    def _run(self, text: str, part: range, level: int, *, halved: Sequence[int], pen: float) -> Iterator[Glyph]:
        """The glyphs of a piece that begins at `pen`."""
        setting, code = self._fonts[part.start][1], self._scripts[part.start]
        buffer = hb.Buffer()
        buffer.add_str(text, part.start, len(part))
        buffer.direction = "rtl" if level % 2 else "ltr"
        buffer.script = code or "Zyyy"
        if self._tag:
            buffer.language = self._tag
        hb.shape(setting.font, buffer, self._features(code, [at for at in halved if at in part]))
        tracking, em = self._tracking(code), setting.em
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        for number, (info, place) in enumerate(zip(infos, positions, strict=True)):
            is_last = number + 1 == len(infos) or infos[number + 1].cluster != info.cluster
            advance = place.x_advance / em
            if is_last and advance:
                advance += tracking
            x, y = pen + place.x_offset / em, place.y_offset / em
            yield Glyph(info.codepoint, setting, x, y, info.cluster, advance)
            pen += advance

    def _tracking(self, code: str) -> float:
        return 0.0 if code in JOINED else self._style.tracking

    def _features(self, code: str, halved: Sequence[int]) -> dict[str, bool | list[tuple[int, int, bool]]]:
        features: dict[str, bool | list[tuple[int, int, bool]]] = {}
        if self._tracking(code):
            features |= _NO_LIGATURES
        if halved and code in HAN:
            features["halt"] = [(at, at + 1, True) for at in halved]
        return features


def _base(text: str, locale: Locale) -> int:
    """The paragraph's direction: the locale's if any of its letters goes that way or none goes any, else its own."""
    own = bidi.first_strong(text)
    if locale.direction is not None and (own is None or bidi.has_direction(text, locale.direction)):
        return locale.direction
    return own or 0
