"""Marks, numbers, brackets and neutrals: which way each goes with its neighbours (W1 to W7, N0 to N2, I1, I2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from pipeline.typography.bidi.classes import ISOLATES, NEUTRAL, STRONG
from pipeline.typography.bidi.explicit import Run, direction

_ADJACENT = (
    *(0x28, 0xF3A, 0xF3C, 0x169B, 0x2045, 0x207D, 0x208D, 0x2308, 0x230A, 0x2329),
    *(*range(0x2768, 0x2776, 2), 0x27C5, *range(0x27E6, 0x27F0, 2), *range(0x2983, 0x2999, 2), 0x29D8, 0x29DA, 0x29FC),
    *(*range(0x2E22, 0x2E2A, 2), *range(0x2E55, 0x2E5D, 2), *range(0x3008, 0x3012, 2), *range(0x3014, 0x301C, 2)),
    *(*range(0xFE59, 0xFE5F, 2), 0xFF08, 0xFF5F, 0xFF62),
)
CLOSERS = {opener: opener + 1 for opener in _ADJACENT} | {
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

_OPENERS = frozenset(CLOSERS)
_CLOSING = frozenset(CLOSERS.values())
_MOST_OPEN = 63


def weak(run: Run, resolved: list[str]) -> None:
    """W1 to W7: marks, numbers and what stands between numbers."""
    places = run.places
    _marks(run, resolved)
    _numbers(run, resolved)
    for at in range(1, len(places) - 1):
        before, here, after = (resolved[places[at + step]] for step in (-1, 0, 1))
        if before == after and ((here in ("ES", "CS") and before == "EN") or (here == "CS" and before == "AN")):
            resolved[places[at]] = before
    _terminators(places, resolved)
    strong = run.before
    for place in places:
        if resolved[place] in ("ES", "ET", "CS"):
            resolved[place] = "ON"
        elif resolved[place] in ("L", "R"):
            strong = resolved[place]
        elif resolved[place] == "EN" and strong == "L":
            resolved[place] = "L"


def _marks(run: Run, resolved: list[str]) -> None:
    """W1."""
    before = run.before
    for place in run.places:
        if resolved[place] == "NSM":
            resolved[place] = before
        before = "ON" if resolved[place] in ISOLATES or resolved[place] == "PDI" else resolved[place]


def _numbers(run: Run, resolved: list[str]) -> None:
    """W2 and W3: digits after Arabic letters are Arabic ones."""
    strong = run.before
    for place in run.places:
        if resolved[place] in STRONG:
            strong = resolved[place]
        elif resolved[place] == "EN" and strong == "AL":
            resolved[place] = "AN"
    for place in run.places:
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


def brackets(run: Run, resolved: list[str], text: str) -> None:
    """N0: both brackets of a pair go the way of what is between them, or before."""
    inner = direction(run.level)
    places = run.places
    for opener, closer in _pairs(places, resolved, text):
        within = {_as_strong(resolved[place]) for place in places[opener + 1 : closer]} - {""}
        if inner in within:
            chosen = inner
        elif within:
            earlier = (_as_strong(resolved[place]) for place in reversed(places[:opener]))
            context = next(filter(None, earlier), run.before)
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
            opened.append((_canonical(CLOSERS[code]), at))
        elif code in _CLOSING:
            for depth in range(len(opened) - 1, -1, -1):
                if opened[depth][0] == _canonical(code):
                    found.append((opened[depth][1], at))
                    del opened[depth:]
                    break
    return sorted(found)


def _canonical(code: int) -> int:
    return _CANONICAL.get(code, code)


def neutral(run: Run, resolved: list[str]) -> None:
    """N1 and N2."""
    places = run.places
    at = 0
    before = run.before
    while at < len(places):
        stop = at
        while stop < len(places) and resolved[places[stop]] in NEUTRAL:
            stop += 1
        if stop > at:
            after = _as_strong(resolved[places[stop]]) if stop < len(places) else run.after
            chosen = before if before == after else direction(run.level)
            for place in places[at:stop]:
                resolved[place] = chosen
            at = stop
        else:
            before = _as_strong(resolved[places[at]]) or before
            at += 1


def implicit(run: Run, resolved: Sequence[str], found: list[int]) -> None:
    """I1 and I2."""
    for place in run.places:
        of = resolved[place]
        if run.level % 2:
            found[place] = run.level + (of in ("L", "EN", "AN"))
        else:
            found[place] = run.level + (1 if of == "R" else 2 if of in ("EN", "AN") else 0)
