"""Which fonts there are, and which of them sets a letter: the families asked for, people's own files, then ours.

Nothing here looks at what a machine has; installed.py does, when it is asked to.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from pipeline.errors import InputError
from pipeline.typography import shipped
from pipeline.typography.face import Setting
from pipeline.typography.files import FontFile, found
from pipeline.typography.scripts import CASED
from pipeline.typography.style import TextStyle

__all__ = ["FontFile", "FontSet", "MissingGlyph", "found"]


class MissingGlyph(InputError):
    """A `letter` that no font has; `tried` are the families that were asked."""

    def __init__(self, letter: str, tried: tuple[str, ...]) -> None:
        name = unicodedata.name(letter, "a character without a name")
        super().__init__(
            f"no font has {letter!r} (U+{ord(letter):04X} {name}); tried {', '.join(tried)}; "
            "give a font that has it, or leave it out"
        )
        self.letter = letter
        self.tried = tried


@dataclass(frozen=True, eq=False)
class FontSet:
    """Fonts in the order in which they are asked for a letter. Never changes; `with_files` gives another one."""

    own: tuple[FontFile, ...] = ()
    """People's own files, asked before ours."""
    last: tuple[FontFile, ...] = ()
    """What a machine has besides, asked for what no other font has."""

    @staticmethod
    def shipped() -> FontSet:
        """The fonts that come with Atelier."""
        return _SHIPPED

    def with_files(self, files: Sequence[FontFile]) -> FontSet:
        """These before all others."""
        return replace(self, own=(*files, *self.own))

    def with_fallback(self, files: Sequence[FontFile]) -> FontSet:
        """These after all others."""
        return replace(self, last=(*self.last, *files))

    def families(self) -> list[str]:
        """The names of all families, in order."""
        given, besides = ([file.face.family for file in files] for files in (self.own, self.last))
        return list(dict.fromkeys((*given, *shipped.FAMILIES, *besides)))

    def check_families(self, families: Iterable[str]) -> None:
        """That each is there. Raises: InputError that names the nearest one."""
        for family in families:
            if not self._files(family):
                known = self.families()
                near = get_close_matches(family, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known[:8])} …"
                raise InputError(f"unknown font family {family!r}; {hint}")

    def primary(self, style: TextStyle) -> Setting:
        """The font whose measures place the lines. Raises: InputError for a family that is not there."""
        self.check_families(style.families)
        return _set(_nearest(self._files(next(iter(style.families), shipped.DEFAULT)), style), style)

    def candidates(self, style: TextStyle, script: str, *, emoji: bool = False) -> Iterator[tuple[FontFile, Setting]]:
        """The fonts for a letter of a script, in order; of each family the face nearest to the style."""
        if script and script not in CASED:
            # Only scripts with capitals have italics: a Chinese or an Arabic letter that leans is a distorted one.
            style = replace(style, italic=False)
        own = (file.face.family for file in self.own)
        ours = (*([shipped.EMOJI] if emoji else []), shipped.BY_SCRIPT.get(script, shipped.DEFAULT), shipped.DEFAULT)
        last = (file.face.family for file in self.last)
        for family in dict.fromkeys((*style.families, *own, *ours, *shipped.SYMBOLS, *shipped.FAMILIES, *last)):
            file = _nearest(self._files(family), style)
            yield file, _set(file, style)

    def _files(self, family: str) -> Sequence[FontFile]:
        """A family's files, of the first who has it."""
        name = family.casefold()
        for files in (self._own, _OURS, self._last):
            if name in files:
                found = files[name]
                return shipped.files(found) if isinstance(found, str) else found
        return ()

    @cached_property
    def _own(self) -> dict[str, list[FontFile]]:
        return _by_family(self.own)

    @cached_property
    def _last(self) -> dict[str, list[FontFile]]:
        return _by_family(self.last)


_SHIPPED = FontSet()

_OURS = {family.casefold(): family for family in shipped.FAMILIES}


def _by_family(files: Sequence[FontFile]) -> dict[str, list[FontFile]]:
    found: dict[str, list[FontFile]] = {}
    for file in files:
        found.setdefault(file.face.family.casefold(), []).append(file)
    return found


def _set(file: FontFile, style: TextStyle) -> Setting:
    return file.face.setting(weight=style.weight, stretch=style.stretch, italic=style.italic, size_px=style.size_px)


def _nearest(files: Sequence[FontFile], style: TextStyle) -> FontFile:
    """The family's face that is italic or not as it should be, then nearest in width, then in weight."""

    def distance(file: FontFile) -> tuple[bool, float, float]:
        face = file.face
        leans = face.is_italic or (style.italic and face.can_lean)
        return leans != style.italic, _beyond(style.stretch, face.stretches), _beyond(style.weight, face.weights)

    return min(files, key=distance)


def _beyond(value: float, bounds: tuple[float, float]) -> float:
    """How far a value lies outside."""
    low, high = bounds
    return max(low - value, value - high, 0.0)
