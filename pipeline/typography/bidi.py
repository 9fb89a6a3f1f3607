"""The order in which letters of both directions stand in a line: the Unicode Bidirectional Algorithm, whole.

`levels` is of a paragraph, before its lines are broken; `visual_runs` then orders one line. Mirroring of brackets is
left to HarfBuzz, which does it while it shapes from right to left.

Source: Unicode Standard Annex #9, revision 50; the names of its rules stand at the steps.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_DEEPEST = 125

_ISOLATES = frozenset({"LRI", "RLI", "FSI"})
_EMBEDDINGS = {"LRE": 0, "LRO": 0, "RLE": 1, "RLO": 1}
_OVERRIDES = {"LRO": "L", "RLO": "R"}
_REMOVED = frozenset({"LRE", "LRO", "RLE", "RLO", "PDF", "BN"})
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"})
_STRONG = {"L": 0, "R": 1, "AL": 1}

_ADJACENT = (
    *(0x28, 0xF3A, 0xF3C, 0x169B, 0x2045, 0x207D, 0x208D, 0x2308, 0x230A, 0x2329),
    *(*range(0x2768, 0x2776, 2), 0x27C5, *range(0x27E6, 0x27F0, 2), *range(0x2983, 0x2999, 2), 0x29D8, 0x29DA, 0x29FC),
    *(*range(0x2E22, 0x2E2A, 2), *range(0x2E55, 0x2E5D, 2), *range(0x3008, 0x3012, 2), *range(0x3014, 0x301C, 2)),
    *(*range(0xFE59, 0xFE5F, 2), 0xFF08, 0xFF5F, 0xFF62),
)
_CLOSERS = {opener: opener + 1 for opener in _ADJACENT} | {
    0x5B: 0x5D,
    0x7B: 0x7D,
    0xFF3B: 0xFF3D,
    0xFF5B: 0xFF5D,
    # Two pairs of square brackets with ticks are interleaved.
    0x298D: 0x2990,
    0x298F: 0x298E,
}
_CANONICAL = {0x2329: 0x3008, 0x232A: 0x3009}
"""Brackets that are another one, written differently."""

_OPENERS = frozenset(_CLOSERS)
_CLOSING = frozenset(_CLOSERS.values())
_MOST_OPEN = 63


def first_strong(text: str) -> int | None:
    """0 if the paragraph's first strong letter is of a script from left to right, 1 of one from right to left (P2)."""
    classes = _classes(text)
    return _first_strong(classes, range(len(classes)), _partners(classes))


def has_direction(text: str, level: int) -> bool:
    """Whether any letter has this direction: 0 from left to right, 1 from right to left."""
    return any(_STRONG.get(_class(letter)) == level for letter in text)


def levels(text: str, base: int) -> list[int]:
    """The embedding level of each character of a paragraph whose base level is 0 or 1. Even ones go right, odd left."""
    if base == 0 and text.isascii():
        return [0] * len(text)
    classes = _classes(text)
    partners = _partners(classes)
    found, resolved = _explicit(classes, partners, base)
    # All of them first: each looks at the explicit levels beside it, which the last step overwrites.
    for sequence in list(_sequences(classes, partners, found, base)):
        _weak(sequence, resolved)
        _brackets(sequence, resolved, text)
        _neutral(sequence, resolved)
        _implicit(sequence, resolved, found)
    return _with_removed(classes, found, base)


def visual_runs(text: str, found: Sequence[int], line: range, base: int) -> list[tuple[range, int]]:
    """A line's runs of one level from left to right, each with its level (L1, L2); `found` is `levels(text)`."""
    if base == 0 and line and not any(found[line.start : line.stop]):
        return [(line, 0)]
    of_line = _reset_whitespace(text, found, line, base)
    runs: list[tuple[range, int]] = []
    for place, level in zip(line, of_line, strict=True):
        if runs and runs[-1][1] == level:
            runs[-1] = (range(runs[-1][0].start, place + 1), level)
        else:
            runs.append((range(place, place + 1), level))
    odd = [level for _, level in runs if level % 2]
    for level in range(max((level for _, level in runs), default=0), min(odd, default=1) - 1, -1):
        _reverse(runs, level)
    return runs


def _reverse(runs: list[tuple[range, int]], level: int) -> None:
    """L2: turns each row of runs that are at least this deep."""
    at = 0
    while at < len(runs):
        stop = at
        while stop < len(runs) and runs[stop][1] >= level:
            stop += 1
        runs[at:stop] = reversed(runs[at:stop])
        at = max(stop, at + 1)


def _reset_whitespace(text: str, found: Sequence[int], line: range, base: int) -> list[int]:
    """L1: separators, and white space before them and at the end of the line, go with the paragraph."""
    of_line = list(found[line.start : line.stop])
    trailing = True
    for at in range(len(of_line) - 1, -1, -1):
        of = _class(text[line.start + at])
        if of in ("S", "B"):
            trailing = True
        elif of != "WS" and of not in _ISOLATES and of != "PDI" and of not in _REMOVED:
            trailing = False
        if trailing:
            of_line[at] = base
    return of_line


@lru_cache(maxsize=8192)
def _class(letter: str) -> str:
    return unicodedata.bidirectional(letter) or "L"


def _classes(text: str) -> list[str]:
    return [_class(letter) for letter in text]


def _partners(classes: Sequence[str]) -> dict[int, int]:
    """BD9: the place of each isolate's end by that of its beginning."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for at, of in enumerate(classes):
        if of in _ISOLATES:
            opened.append(at)
        elif of == "PDI" and opened:
            partners[opened.pop()] = at
    return partners


def _first_strong(classes: Sequence[str], where: range, partners: dict[int, int]) -> int | None:
    at = where.start
    while at < where.stop:
        if classes[at] in _STRONG:
            return _STRONG[classes[at]]
        at = partners.get(at, len(classes)) + 1 if classes[at] in _ISOLATES else at + 1
    return None


@dataclass(frozen=True)
class _Embedding:
    level: int
    override: str = ""
    isolate: bool = False


class _Stack:
    """The open embeddings, and how many more were opened than there is room for (X1 to X7)."""

    def __init__(self, base: int) -> None:
        self.open = [_Embedding(base)]
        self.too_many_isolates = self.too_many_embeddings = self.isolates = 0

    @property
    def top(self) -> _Embedding:
        return self.open[-1]

    def embed(self, parity: int, override: str) -> None:
        """X2 to X5."""
        level = _deeper(self.top.level, parity)
        if level <= _DEEPEST and not self.too_many_isolates and not self.too_many_embeddings:
            self.open.append(_Embedding(level, override))
        elif not self.too_many_isolates:
            self.too_many_embeddings += 1

    def isolate(self, parity: int) -> None:
        """X5a to X5c."""
        level = _deeper(self.top.level, parity)
        if level <= _DEEPEST and not self.too_many_isolates and not self.too_many_embeddings:
            self.isolates += 1
            self.open.append(_Embedding(level, isolate=True))
        else:
            self.too_many_isolates += 1

    def end_isolate(self) -> None:
        """X6a."""
        if self.too_many_isolates:
            self.too_many_isolates -= 1
        elif self.isolates:
            self.too_many_embeddings = 0
            while not self.top.isolate:
                self.open.pop()
            self.open.pop()
            self.isolates -= 1

    def end_embedding(self) -> None:
        """X7."""
        if self.too_many_isolates:
            return
        if self.too_many_embeddings:
            self.too_many_embeddings -= 1
        elif not self.top.isolate and len(self.open) > 1:
            self.open.pop()


def _deeper(level: int, parity: int) -> int:
    """The next level whose parity is this one."""
    return level + 1 if (level + 1) % 2 == parity else level + 2


def _explicit(classes: Sequence[str], partners: dict[int, int], base: int) -> tuple[list[int], list[str]]:
    """X1 to X8: levels by embeddings and isolates, and the classes under overrides."""
    stack = _Stack(base)
    found, resolved = [base] * len(classes), list(classes)
    for at, of in enumerate(classes):
        if of == "PDI":
            stack.end_isolate()
        found[at] = stack.top.level
        if of in _EMBEDDINGS:
            stack.embed(_EMBEDDINGS[of], _OVERRIDES.get(of, ""))
        elif of == "PDF":
            stack.end_embedding()
        elif of == "B":
            found[at] = base
        elif of != "BN":
            resolved[at] = stack.top.override or of
        if of in _ISOLATES:
            parity = 1 if of == "RLI" else 0
            if of == "FSI":
                parity = _first_strong(classes, range(at + 1, partners.get(at, len(classes))), partners) or 0
            stack.isolate(parity)
    return found, resolved


@dataclass(frozen=True)
class _Sequence:
    """BD13: runs that are neighbours once the isolates between them are passed over."""

    places: list[int]
    level: int
    before: str
    after: str


def _sequences(
    classes: Sequence[str], partners: dict[int, int], found: Sequence[int], base: int
) -> Iterator[_Sequence]:
    """X10. What X9 removes is in none."""
    kept = [at for at, of in enumerate(classes) if of not in _REMOVED]
    runs: list[list[int]] = []
    for at in kept:
        if runs and found[runs[-1][-1]] == found[at]:
            runs[-1].append(at)
        else:
            runs.append([at])
    by_start = {run[0]: run for run in runs}
    ends = set(partners.values())
    order = {at: number for number, at in enumerate(kept)}
    for run in runs:
        if run[0] in ends:
            continue
        places = list(run)
        while partners.get(places[-1]) in by_start:
            places += by_start[partners[places[-1]]]
        yield _sequence(places, classes, kept, order, found, base)


def _sequence(
    places: list[int],
    classes: Sequence[str],
    kept: Sequence[int],
    order: dict[int, int],
    found: Sequence[int],
    base: int,
) -> _Sequence:
    level = found[places[0]]
    first, last = order[places[0]], order[places[-1]]
    earlier = found[kept[first - 1]] if first else base
    is_last = last + 1 == len(kept) or classes[places[-1]] in _ISOLATES
    later = base if is_last else found[kept[last + 1]]
    return _Sequence(places, level, _direction(max(level, earlier)), _direction(max(level, later)))


def _direction(level: int) -> str:
    return "R" if level % 2 else "L"


def _weak(sequence: _Sequence, resolved: list[str]) -> None:
    """W1 to W7: marks, numbers and what stands between numbers."""
    places = sequence.places
    _marks(sequence, resolved)
    _numbers(sequence, resolved)
    for at in range(1, len(places) - 1):
        before, here, after = (resolved[places[at + step]] for step in (-1, 0, 1))
        if before == after and ((here in ("ES", "CS") and before == "EN") or (here == "CS" and before == "AN")):
            resolved[places[at]] = before
    _terminators(places, resolved)
    strong = sequence.before
    for place in places:
        if resolved[place] in ("ES", "ET", "CS"):
            resolved[place] = "ON"
        elif resolved[place] in ("L", "R"):
            strong = resolved[place]
        elif resolved[place] == "EN" and strong == "L":
            resolved[place] = "L"


def _marks(sequence: _Sequence, resolved: list[str]) -> None:
    """W1."""
    before = sequence.before
    for place in sequence.places:
        if resolved[place] == "NSM":
            resolved[place] = before
        before = "ON" if resolved[place] in _ISOLATES or resolved[place] == "PDI" else resolved[place]


def _numbers(sequence: _Sequence, resolved: list[str]) -> None:
    """W2 and W3: digits after Arabic letters are Arabic ones."""
    strong = sequence.before
    for place in sequence.places:
        if resolved[place] in _STRONG:
            strong = resolved[place]
        elif resolved[place] == "EN" and strong == "AL":
            resolved[place] = "AN"
    for place in sequence.places:
        if resolved[place] == "AL":
            resolved[place] = "R"


def _terminators(places: Sequence[int], resolved: list[str]) -> None:
    """W5: per cent and currency signs go with the number that they touch."""
    at = 0
    while at < len(places):
        stop = at
        while stop < len(places) and resolved[places[stop]] == "ET":
            stop += 1
        touches = (at > 0 and resolved[places[at - 1]] == "EN") or (
            stop < len(places) and resolved[places[stop]] == "EN"
        )
        if stop > at and touches:
            for place in places[at:stop]:
                resolved[place] = "EN"
        at = max(stop, at + 1)


def _as_strong(of: str) -> str:
    """Numbers count as from right to left for what is neutral beside them."""
    return "R" if of in ("EN", "AN") else of if of in ("L", "R") else ""


def _brackets(sequence: _Sequence, resolved: list[str], text: str) -> None:
    """N0: both brackets of a pair go the way of what is between them, or before."""
    inner = _direction(sequence.level)
    places = sequence.places
    for opener, closer in _pairs(places, resolved, text):
        within = {_as_strong(resolved[place]) for place in places[opener + 1 : closer]} - {""}
        if inner in within:
            chosen = inner
        elif within:
            earlier = (_as_strong(resolved[place]) for place in reversed(places[:opener]))
            context = next(filter(None, earlier), sequence.before)
            chosen = context if context != inner else inner
        else:
            continue
        for at in (opener, closer):
            resolved[places[at]] = chosen
            for place in places[at + 1 :]:
                if unicodedata.bidirectional(text[place]) != "NSM":
                    break
                resolved[place] = chosen


def _pairs(places: Sequence[int], resolved: Sequence[str], text: str) -> list[tuple[int, int]]:
    """BD16, in the order of the opening ones, as indices into `places`."""
    found: list[tuple[int, int]] = []
    opened: list[tuple[int, int]] = []
    for at, place in enumerate(places):
        code = ord(text[place])
        if resolved[place] != "ON":
            continue
        if code in _OPENERS:
            if len(opened) == _MOST_OPEN:
                return []
            opened.append((_canonical(_CLOSERS[code]), at))
        elif code in _CLOSING:
            for depth in range(len(opened) - 1, -1, -1):
                if opened[depth][0] == _canonical(code):
                    found.append((opened[depth][1], at))
                    del opened[depth:]
                    break
    return sorted(found)


def _canonical(code: int) -> int:
    return _CANONICAL.get(code, code)


def _neutral(sequence: _Sequence, resolved: list[str]) -> None:
    """N1 and N2."""
    places = sequence.places
    at = 0
    before = sequence.before
    while at < len(places):
        stop = at
        while stop < len(places) and resolved[places[stop]] in _NEUTRAL:
            stop += 1
        if stop > at:
            after = _as_strong(resolved[places[stop]]) if stop < len(places) else sequence.after
            chosen = before if before == after else _direction(sequence.level)
            for place in places[at:stop]:
                resolved[place] = chosen
            at = stop
        else:
            before = _as_strong(resolved[places[at]]) or before
            at += 1


def _implicit(sequence: _Sequence, resolved: Sequence[str], found: list[int]) -> None:
    """I1 and I2."""
    for place in sequence.places:
        of = resolved[place]
        if sequence.level % 2:
            found[place] = sequence.level + (of in ("L", "EN", "AN"))
        else:
            found[place] = sequence.level + (1 if of == "R" else 2 if of in ("EN", "AN") else 0)


def _with_removed(classes: Sequence[str], found: list[int], base: int) -> list[int]:
    """What X9 removes goes with the character before it, so that it splits no run."""
    before = base
    for at, of in enumerate(classes):
        if of in _REMOVED:
            found[at] = before
        before = found[at]
    return found
