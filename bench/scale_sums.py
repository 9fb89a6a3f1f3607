"""What bench/scale.py makes of its notes: shares, waiting, lost and doubled chunks. Arithmetic only."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bench.sleeping_worker import Note

MOMENTS = 10
"""Looks at the shares while every job competes."""

Diaries = Mapping[str, Sequence[Note]]
"""Each process's notes, in order."""


@dataclass(frozen=True)
class Share:
    """How far jobs of one priority had come at one moment."""

    at_s: float
    """Since the first chunk was completed."""
    priority: int
    jobs: int
    chunks: float
    """Completed, a job on average."""
    mean: float
    """Worker seconds that a job had on average: shares are of time, and chunks last as long as they like."""
    least: float
    most: float

    @property
    def off(self) -> float:
        """How far the job furthest from the mean is away from it, as a part of the mean."""
        return max(self.most - self.mean, self.mean - self.least) / self.mean if self.mean else 0.0


def shares(diaries: Diaries, priorities: Mapping[int, int], chunks: int, moments: int = MOMENTS) -> list[Share]:
    """How chunks are shared at moments of equal distance, until a first job has completed all of its chunks.

    `priorities`: of each job by its number.
    """
    done: dict[int, list[Note]] = defaultdict(list)
    for note in sorted(every(diaries), key=lambda note: note.completed):
        done[note.job].append(note)
    spent = {job: [0.0, *accumulate(note.painting_s for note in ours)] for job, ours in done.items()}
    times = {job: [note.completed for note in ours] for job, ours in done.items()}
    begun = min(ours[0] for ours in times.values())
    until = min((ours[chunks - 1] for ours in times.values() if len(ours) >= chunks), default=math.inf)
    until = min(until, max(ours[-1] for ours in times.values()))
    found = []
    for number in range(1, moments + 1):
        at = begun + (until - begun) * number / moments
        for priority in sorted(set(priorities.values())):
            ours = [job for job, its in priorities.items() if its == priority]
            # Some may have none yet.
            counts = [bisect_right(times.get(job, []), at) for job in ours]
            had = [spent.get(job, [0.0])[count] for job, count in zip(ours, counts, strict=True)]
            mean = statistics.fmean(had)
            found.append(Share(at - begun, priority, len(ours), statistics.fmean(counts), mean, min(had), max(had)))
    return found


def worst_share(seen: Iterable[Share], *, least: float = 20.0) -> float:
    """The largest `off` of those moments at which one chunk is about a twentieth of what a job has, or less."""
    return max((share.off for share in seen if share.chunks >= least), default=0.0)


def steps(seen: Sequence[Share]) -> list[float]:
    """At the last moment, how many times a job of each priority has what one of the next lower has."""
    last = [share for share in seen if share.at_s == seen[-1].at_s]
    return [upper.mean / lower.mean for lower, upper in pairwise(last) if lower.mean]


@dataclass(frozen=True)
class Window:
    """A time in which every worker was at work."""

    begin: float
    end: float
    """By time.monotonic(), as in the notes."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.begin

    def holds(self, note: Note) -> bool:
        """Whether the chunk was completed in it."""
        return self.begin <= note.completed < self.end


@dataclass(frozen=True)
class Pace:
    """How fast chunks went through."""

    chunks: int
    per_second: float
    painting: float
    """Share of the workers' time in which the model was at work."""
    wait_ms: float
    """Median time from a chunk's completion to the lease of the same worker's next one."""
    wait_p95_ms: float
    asking_ms: float
    """Median time that the ledger takes to lease a chunk, as the worker sees it."""
    storing_ms: float
    """Median time from the model's last frame to the chunk's completion."""


def pace(diaries: Diaries, window: Window, workers: int) -> Pace:
    """The pace of so many workers within the window. Without a chunk in it everything is 0."""
    inside = [note for note in every(diaries) if window.holds(note)]
    waits = sorted(
        later.leased - earlier.completed
        for notes in diaries.values()
        for earlier, later in pairwise(notes)
        if window.holds(earlier) and window.holds(later)
    )
    painting = sum(note.painting_s for note in inside)
    return Pace(
        chunks=len(inside),
        per_second=len(inside) / window.seconds,
        painting=painting / (workers * window.seconds),
        wait_ms=1000 * quantile(waits, 0.5),
        wait_p95_ms=1000 * quantile(waits, 0.95),
        asking_ms=1000 * quantile(sorted(note.leased - note.asked for note in inside), 0.5),
        storing_ms=1000 * quantile(sorted(note.completed - note.painted for note in inside), 0.5),
    )


@dataclass(frozen=True)
class Tally:
    """What became of every chunk."""

    chunks: int
    receipts: int
    lost: int
    """Chunks without a receipt."""
    doubled: int
    """Chunks that the ledger counted more than once, and receipts of chunks that are in no plan."""
    begun: int
    """Times that a worker began to paint a chunk."""
    repeated: int
    """Of those, beyond one for each chunk."""


def tally(receipts: Counter[tuple[int, int]], diaries: Diaries, jobs: int, chunks: int) -> Tally:
    """What became of the chunks of so many jobs; `receipts` counts them by job and chunk."""
    wanted = {(job, chunk) for job in range(jobs) for chunk in range(chunks)}
    begun = sum(notes[-1].begun for notes in diaries.values() if notes)
    counted = Counter((note.job, note.chunk) for note in every(diaries) if note.counted)
    return Tally(
        chunks=len(wanted),
        receipts=receipts.total(),
        lost=len(wanted - receipts.keys()),
        doubled=sum(count > 1 for count in counted.values()) + len(receipts.keys() - wanted),
        begun=begun,
        repeated=begun - len(wanted),
    )


def every(diaries: Diaries) -> Iterable[Note]:
    """All notes of all processes."""
    return (note for notes in diaries.values() for note in notes)


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which that part of the ordered values lies; 0 of none."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
