"""Levels by embeddings, overrides and isolates (X1 to X8), and the runs in which all else is decided (X10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.typography.bidi.classes import EMBEDDINGS, ISOLATES, OVERRIDES, REMOVED, first_strong_of

_DEEPEST = 125


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


def explicit(classes: Sequence[str], partners: dict[int, int], base: int) -> tuple[list[int], list[str]]:
    """X1 to X8: levels by embeddings and isolates, and the classes under overrides."""
    stack = _Stack(base)
    found, resolved = [base] * len(classes), list(classes)
    for at, of in enumerate(classes):
        if of == "PDI":
            stack.end_isolate()
        found[at] = stack.top.level
        if of in EMBEDDINGS:
            stack.embed(EMBEDDINGS[of], OVERRIDES.get(of, ""))
        elif of == "PDF":
            stack.end_embedding()
        elif of == "B":
            found[at] = base
        elif of != "BN":
            resolved[at] = stack.top.override or of
        if of in ISOLATES:
            parity = 1 if of == "RLI" else 0
            if of == "FSI":
                parity = first_strong_of(classes, range(at + 1, partners.get(at, len(classes))), partners) or 0
            stack.isolate(parity)
    return found, resolved


@dataclass(frozen=True)
class Run:
    """BD13: runs that are neighbours once the isolates between them are passed over."""

    places: list[int]
    level: int
    before: str
    after: str


def runs_of(classes: Sequence[str], partners: dict[int, int], found: Sequence[int], base: int) -> Iterator[Run]:
    """X10. What X9 removes is in none."""
    kept = [at for at, of in enumerate(classes) if of not in REMOVED]
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
        yield _run(places, classes, kept, order, found, base)


def _run(
    places: list[int],
    classes: Sequence[str],
    kept: Sequence[int],
    order: dict[int, int],
    found: Sequence[int],
    base: int,
) -> Run:
    level = found[places[0]]
    first, last = order[places[0]], order[places[-1]]
    earlier = found[kept[first - 1]] if first else base
    is_last = last + 1 == len(kept) or classes[places[-1]] in ISOLATES
    later = base if is_last else found[kept[last + 1]]
    return Run(places, level, direction(max(level, earlier)), direction(max(level, later)))


def direction(level: int) -> str:
    return "R" if level % 2 else "L"
