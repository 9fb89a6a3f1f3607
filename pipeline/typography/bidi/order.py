"""A paragraph's levels, and a line's runs from left to right."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.typography.bidi.classes import (
    ISOLATES,
    REMOVED,
    STRONG,
    class_of,
    classes_of,
    first_strong_of,
    partners_of,
)
from pipeline.typography.bidi.explicit import explicit, runs_of
from pipeline.typography.bidi.resolve import brackets, implicit, neutral, weak


def first_strong(text: str) -> int | None:
    """0 if the paragraph's first strong letter is of a script from left to right, 1 of one from right to left (P2)."""
    classes = classes_of(text)
    return first_strong_of(classes, range(len(classes)), partners_of(classes))


def has_direction(text: str, level: int) -> bool:
    """Whether any letter has this direction: 0 from left to right, 1 from right to left."""
    return any(STRONG.get(class_of(letter)) == level for letter in text)


def levels(text: str, base: int) -> list[int]:
    """The embedding level of each character of a paragraph whose base level is 0 or 1. Even ones go right, odd left."""
    if base == 0 and text.isascii():
        return [0] * len(text)
    classes = classes_of(text)
    partners = partners_of(classes)
    found, resolved = explicit(classes, partners, base)
    # All of them first: each looks at the explicit levels beside it, which the last step overwrites.
    for run in list(runs_of(classes, partners, found, base)):
        weak(run, resolved)
        brackets(run, resolved, text)
        neutral(run, resolved)
        implicit(run, resolved, found)
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
        of = class_of(text[line.start + at])
        if of in ("S", "B"):
            trailing = True
        elif of != "WS" and of not in ISOLATES and of != "PDI" and of not in REMOVED:
            trailing = False
        if trailing:
            of_line[at] = base
    return of_line


def _with_removed(classes: Sequence[str], found: list[int], base: int) -> list[int]:
    """What X9 removes goes with the character before it, so that it splits no run."""
    before = base
    for at, of in enumerate(classes):
        if of in REMOVED:
            found[at] = before
        before = found[at]
    return found
