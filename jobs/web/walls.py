"""The wall of a job: what each of its chunks is doing, a letter each, cheap enough to be looked at every second.

A job that runs is read from the ledger alone. One that has ended is read from its receipts, once a generation.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jobs.ledger import ChunksNow, Ledger
from jobs.records import Generation, Plan
from jobs.snapshot import FINAL
from jobs.web.records import KnownTruth
from pipeline.stream import spread

WAITING, PUBLISHED, RENDERING, DONE, FAILED, REDONE, BAD = "wprdfRb"
"""What a chunk may be doing. FAILED: it did, and waits to be tried again. REDONE: done, in a later generation than the
first. BAD: done, but some of its frames could not be painted."""

_REMEMBERED_S = 5.0
"""Changes are told again for so long, to viewers who missed some."""
_MOST_TOLD = 1500
"""Changes beyond which the whole wall is shorter."""
_WALLS = 64
_ENDED_S = 5.0
"""A job that no ledger knows is looked at so often: it may be ordered again."""
_BAD_AT_ONCE = 32
"""Receipts that one look reads for frames that could not be painted."""
_THREADS = 8


@dataclass(frozen=True)
class Wall:
    """A job's chunks at one moment."""

    version: int
    """When it last changed, in milliseconds since the epoch by Redis' clock: the same for every server."""
    states: str
    """A letter a chunk."""
    running: dict[int, int] = field(default_factory=dict)
    """Chunks in workers' hands, and how many of their frames are painted."""
    failures: dict[int, int] = field(default_factory=dict)
    """Chunks that have failed, and how often."""
    bad: dict[int, str] = field(default_factory=dict)
    """Frames that could not be painted, as people number them, and why."""
    redone: tuple[int, ...] = ()
    """Chunks that were ordered again."""


class Walls:
    """The walls that are looked at. Any threads may use it."""

    def __init__(self, truth: KnownTruth, ledger: Callable[[], Ledger | None]) -> None:
        """`ledger`: gives it, or None while Redis does not answer."""
        self._truth, self._ledger = truth, ledger
        self._watched: OrderedDict[str, _Watched] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, job: str) -> Wall:
        """The job's wall now. Raises: JobNotFound, StorageUnavailable, QueueUnavailable."""
        return self._of(job).look()

    def news(self, job: str) -> dict[str, Any]:
        """What changed, as viewers are told: `changed` has every change after the version `since`.

        Whoever knows a version that is older than `since` must look at the whole wall. Raises: as `look`.
        """
        return self._of(job).news()

    def _of(self, job: str) -> _Watched:
        with self._lock:
            found = self._watched.get(job)
        if found is None:
            found = _Watched(self._truth.plan(job), self._truth, self._ledger)
        with self._lock:
            found = self._watched.setdefault(job, found)
            self._watched.move_to_end(job)
            while len(self._watched) > _WALLS:
                self._watched.popitem(last=False)
            return found


class _Watched:
    """One job's wall, and its changes of the last seconds."""

    def __init__(self, plan: Plan, truth: KnownTruth, ledger: Callable[[], Ledger | None]) -> None:
        self._plan, self._truth, self._ledger = plan, truth, ledger
        self._lock = threading.Lock()
        self._letters = np.zeros(0, np.uint8)
        self._wall = Wall(0, "")
        self._since = 0
        self._changes: list[tuple[int, np.ndarray]] = []
        """(version, chunks that changed with it)."""
        self._bad: dict[int, str] = {}
        self._examined: set[tuple[int, int]] = set()
        self._looked = -_ENDED_S
        self._ordered: tuple[int, np.ndarray] = (0, np.zeros(0, bool))

    def look(self) -> Wall:
        with self._lock:
            ledger = self._ledger()
            now = ledger.chunks_now(self._plan.job) if ledger is not None else None
            if now is not None and now.state not in FINAL:
                self._looked = -_ENDED_S
                self._see(self._of_ledger(now), round(now.at * 1000), running=now.running, failures=now.failures)
            elif time.monotonic() - self._looked >= _ENDED_S:
                self._looked = time.monotonic()
                self._see(self._of_storage(), round(time.time() * 1000))
            return self._wall

    def news(self) -> dict[str, Any]:
        wall = self.look()
        with self._lock:
            chunks = sorted({int(chunk) for _, some in self._changes for chunk in some})
            since = self._since
        if len(chunks) > _MOST_TOLD:
            chunks, since = [], wall.version
        return {
            "version": wall.version,
            "since": since,
            "changed": {chunk: wall.states[chunk] for chunk in chunks},
            "running": wall.running,
            "failures": wall.failures,
            "bad": wall.bad if len(wall.bad) <= _MOST_TOLD else None,
        }

    def _of_ledger(self, now: ChunksNow) -> np.ndarray:
        count = len(self._plan.chunks)
        letters = np.full(count, ord(WAITING), np.uint8)
        _mark(letters, now.published, PUBLISHED)
        _mark(letters, now.failures.keys() - now.published, FAILED)
        _mark(letters, now.running, RENDERING)
        done = np.unpackbits(np.frombuffer(now.done, np.uint8), count=count).astype(bool)
        self._mark_done(letters, done, now.generation, lambda: self._truth.counting(self._plan.job, count))
        return letters

    def _of_storage(self) -> np.ndarray:
        count = len(self._plan.chunks)
        counting = self._truth.counting(self._plan.job, count)
        letters = np.full(count, ord(WAITING), np.uint8)
        done = np.array([generation is not None for generation in counting], bool)
        self._mark_done(letters, done, self._truth.current(self._plan.job).number, lambda: counting)
        return letters

    def _mark_done(
        self, letters: np.ndarray, done: np.ndarray, generation: int, counting: Callable[[], list[int | None]]
    ) -> None:
        letters[done] = ord(DONE)
        letters[done & self._ordered_again(generation)] = ord(REDONE)
        if self._plan.on_error != "fail":
            self._look_for_bad(done, counting)
            _mark(letters, {self._plan.chunk_of(frame) for frame in self._bad if done[self._plan.chunk_of(frame)]}, BAD)

    def _ordered_again(self, generation: int) -> np.ndarray:
        """For each chunk, whether a later generation than the first renders it."""
        if self._ordered[0] != generation:
            again = np.zeros(len(self._plan.chunks), bool)
            known = self._truth.generations(self._plan.job)
            for each in _redos(known, generation):
                again[slice(None) if each.chunks is None else list(each.chunks)] = True
            # The ledger may know of one that was ordered within the last second, and these records not yet.
            self._ordered = max(each.number for each in known), again
        return self._ordered[1]

    def _look_for_bad(self, done: np.ndarray, counting: Callable[[], list[int | None]]) -> None:
        """Read some of the receipts that nobody has looked at: of a job whose frames may be bad."""
        if int(done.sum()) == len(self._examined) and all(done[chunk] for chunk, _ in self._examined):
            return
        job, counts = self._plan.job, counting()
        wanted = {(chunk, counts[chunk] or 0) for chunk in np.flatnonzero(done).tolist() if counts[chunk] is not None}
        for chunk, _ in self._examined - wanted:
            start, stop = self._plan.chunks[chunk]
            self._bad = {frame: why for frame, why in self._bad.items() if not start <= frame < stop}
        self._examined &= wanted
        fresh = sorted(wanted - self._examined)[:_BAD_AT_ONCE]
        read = spread(lambda which: self._truth.receipt(job, *which), fresh, threads=_THREADS, name="receipts")
        for which, receipt in zip(fresh, read, strict=True):
            self._examined.add(which)
            self._bad |= receipt.bad if receipt is not None else {}

    def _see(
        self,
        letters: np.ndarray,
        version: int,
        *,
        running: dict[int, int] | None = None,
        failures: dict[int, int] | None = None,
    ) -> None:
        """Take in what was read at `version`."""
        version = max(version, self._wall.version)
        if not self._wall.version:
            self._since, changed = version, np.zeros(0, int)
        else:
            changed = np.flatnonzero(letters != self._letters)
            version = max(version, self._wall.version + 1) if changed.size else self._wall.version
            if changed.size:
                self._changes.append((version, changed))
        while self._changes and version - self._changes[0][0] > _REMEMBERED_S * 1000:
            self._since = self._changes.pop(0)[0]
        is_same = not changed.size and bool(self._wall.version)
        self._letters = letters
        self._wall = Wall(
            version=version,
            states=self._wall.states if is_same else letters.tobytes().decode("ascii"),
            running=dict(sorted((running or {}).items())),
            failures=dict(sorted((failures or {}).items())),
            bad={self._plan.number(frame): why for frame, why in sorted(self._bad.items())},
            redone=tuple(np.flatnonzero(self._ordered[1]).tolist()),
        )


def _mark(letters: np.ndarray, chunks: Iterable[int], letter: str) -> None:
    letters[[chunk for chunk in chunks if chunk < len(letters)]] = ord(letter)


def _redos(generations: Iterable[Generation], newest: int) -> list[Generation]:
    return [each for each in generations if 1 < each.number <= newest]
