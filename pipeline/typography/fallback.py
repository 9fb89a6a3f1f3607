"""Which font sets each letter of a text, so that no letter is ever set as an empty box.

Letters take the first font that has them. Spaces and punctuation take that of the letters they belong to: a quotation
mark in a Chinese text is a Chinese one, and a bracket looks like its partner.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from pipeline.typography.face import Setting
from pipeline.typography.files import FontFile
from pipeline.typography.fonts import FontSet, MissingGlyph
from pipeline.typography.scripts import script
from pipeline.typography.shipped import EMOJI
from pipeline.typography.style import TextStyle

_EMOJI_SELECTOR = "\N{VARIATION SELECTOR-16}"
_FIRST_EMOJI = 0x1F000

Choice = tuple[FontFile, Setting]


class Chooser:
    """The fonts for the letters of one style."""

    def __init__(self, fonts: FontSet, style: TextStyle) -> None:
        self._fonts = fonts
        self._style = style
        self._candidates: dict[tuple[str, bool], tuple[list[Choice], Iterator[Choice]]] = {}
        self._found: dict[tuple[str, str], Choice] = {}

    def choose(self, text: str, clusters: Sequence[int], scripts: Sequence[str]) -> list[Choice]:
        """A font for each grapheme cluster of a text; `clusters` are where they begin, and the text's end.

        Raises: MissingGlyph for a character that no font has.
        """
        parts = [(text[at:stop], scripts[at]) for at, stop in pairwise(clusters)]
        chosen: list[Choice | None] = [None if _is_between(part) else self._font(part, code) for part, code in parts]
        self._forwards(parts, chosen)
        for at in range(len(parts) - 1, -1, -1):
            if chosen[at] is None:
                chosen[at] = self._as(chosen[at + 1] if at + 1 < len(parts) else None, *parts[at])
        return [choice for choice in chosen if choice is not None]

    def _forwards(self, parts: Sequence[tuple[str, str]], chosen: list[Choice | None]) -> None:
        """What is between letters goes with those before it, if it does not open what comes after."""
        for at in range(1, len(parts)):
            before = chosen[at - 1]
            if chosen[at] is None and before is not None and not _is_opening(parts[at][0]):
                chosen[at] = self._as(before, *parts[at])

    def _as(self, neighbour: Choice | None, part: str, code: str) -> Choice:
        # A space beside an emoji is a letter's: that font's own is as wide as its pictures.
        is_text = neighbour is not None and neighbour[0].face.family != EMOJI
        if neighbour is not None and is_text and _covers(neighbour[1], part):
            return neighbour
        return self._font(part, code)

    def _font(self, part: str, code: str) -> Choice:
        if (part, code) not in self._found:
            self._found[part, code] = self._first(part, code)
        return self._found[part, code]

    def _first(self, part: str, code: str) -> Choice:
        emoji = _is_emoji(part)
        tried = []
        for file, setting in self._order(code, emoji):
            if _covers(setting, part):
                return file, setting
            tried.append(file.face.family)
        raise self._missing(part, tried)

    def _order(self, code: str, emoji: bool) -> Iterator[Choice]:
        """The fonts for a script. None is opened before it is needed."""
        if (code, emoji) not in self._candidates:
            self._candidates[code, emoji] = [], self._fonts.candidates(self._style, code, emoji=emoji)
        known, others = self._candidates[code, emoji]
        yield from known
        for choice in others:
            known.append(choice)
            yield choice

    def _missing(self, part: str, tried: Sequence[str]) -> MissingGlyph:
        """Of the first character that no font has, or that none has which has those before it."""
        known = [setting for settings, _ in self._candidates.values() for _, setting in settings]
        letter = part[0]
        for letter in part:
            known = [setting for setting in known if _covers(setting, letter)]
            if not known:
                break
        return MissingGlyph(letter, tuple(dict.fromkeys(tried)))


@lru_cache(maxsize=8192)
def _is_between(part: str) -> bool:
    """Whether a cluster is a space or punctuation, which letters share."""
    return not script(part[0]) and unicodedata.category(part[0])[0] in "ZPC" and _EMOJI_SELECTOR not in part


def _is_emoji(part: str) -> bool:
    return _EMOJI_SELECTOR in part or (ord(part[0]) >= _FIRST_EMOJI and not script(part[0]))


def _is_opening(part: str) -> bool:
    return unicodedata.category(part[0]) in ("Ps", "Pi")


def _covers(setting: Setting, part: str) -> bool:
    """Whether a font has a cluster, as it is, composed or taken apart. HarfBuzz tries the same."""
    needed = _needed(part)
    if setting.face.covers(needed):
        return True
    return any(setting.face.covers(unicodedata.normalize(form, needed)) for form in ("NFC", "NFD"))


@lru_cache(maxsize=8192)
def _needed(part: str) -> str:
    """The characters of a cluster that leave ink or take room."""
    return "".join(letter for letter in part if not _is_ignorable(letter))


def _is_ignorable(letter: str) -> bool:
    """What HarfBuzz sets as nothing if the font lacks it: joiners, marks of direction, variation selectors."""
    return unicodedata.category(letter) == "Cf" or letter == "\n" or "\ufe00" <= letter <= "\ufe0f" or letter in _OTHERS


_OTHERS = frozenset(
    ("\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180c", "\u180d", "\u180f", "\u3164")
) | {chr(code) for code in range(0xE0100, 0xE01F0)}
"""The combining grapheme joiner, fillers and Mongolian and ideographic variation selectors."""
