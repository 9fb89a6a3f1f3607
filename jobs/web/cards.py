"""A job as the list of jobs shows it, cheap enough for a thousand of them.

A finished job's card changes by a redo only, and one that stopped short also by being submitted again: a card that is
kept counts for as long as the newest generation, and its ending, are those that it was made of.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from jobs.client import Atelier
from jobs.kinds import kind_of, noun
from jobs.ledger import Ledger
from jobs.status import Status, from_snapshot, seconds, status_of
from jobs.truth import Truth
from jobs.web.roster import Roster
from jobs.web.shape import Shape
from pipeline.errors import AtelierError, IntegrityError, JobNotFound
from pipeline.stream import spread

State = Literal["waiting", "running", "paused", "stitching", "done", "failed", "cancelled", "damaged"]
"""`waiting`: accepted, and no ledger knows it. `damaged`: its records cannot be read."""

_THREADS = 16
_KEPT = 20_000
_TRUSTED_S = 30.0
"""A card of a job without work to do is not looked at again for so long: it would have had to be ordered anew, and to
end, within that time, while nobody looked."""
_RECENT_S = 600.0
"""For how long a job that ended is news."""


class JobCard(Shape):
    """A job in a list."""

    job: str
    kind: str
    noun: str
    """What its frames are called, one of them: frame, portrait, poster …"""
    state: State
    priority: int | None
    frames: int
    frames_done: int
    chunks: int
    chunks_done: int
    rate: float | None
    """Frames a second, over the last chunks."""
    eta_s: float | None
    cost: float | None
    """So far, in the currency of the setting `price_per_hour`."""
    submitted: float | None
    """Seconds since the epoch, as all times here."""
    finished: float | None
    output: str
    error: str
    """Why it failed, was cancelled, or cannot be read."""
    style: str
    workers: int
    """How many of its chunks are in workers' hands."""


@dataclass(frozen=True)
class _Fixed:
    """What of a job's card never changes."""

    submitted: float
    style: str


@dataclass(frozen=True)
class _Kept:
    """A card of a job that ended."""

    card: JobCard
    generation: int
    ended_at: str
    """Of a job that stopped short; empty of one that is finished."""
    seen: float
    """When that was looked at last, by the monotonic clock."""


class Cards:
    """Makes cards, and keeps those that will not change. Safe among threads."""

    def __init__(self, truth: Truth, roster: Roster, price_per_hour: float) -> None:
        self._truth, self._roster, self._price = truth, roster, price_per_hour
        self._lock = threading.Lock()
        self._fixed: OrderedDict[str, _Fixed] = OrderedDict()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._at_work: set[str] = set()
        self._ended: dict[str, float] = {}
        """Jobs that ended lately, and when that was noticed."""

    def of(self, jobs: Iterable[str], ledger: Ledger | None) -> Iterator[JobCard]:
        """A card of each job that is still there, in order."""
        at_work = set(self._truth.active())
        for card in spread(lambda job: self._card(job, ledger, at_work), jobs, threads=_THREADS, name="cards"):
            if card is not None:
                yield card

    def news(self, atelier: Atelier) -> list[JobCard]:
        """Cards of the jobs with work to do, and of those that ended in the last ten minutes, the newest first."""
        now, at_work = time.monotonic(), set(self.at_work(atelier.ledger, fresh=True))
        with self._lock:
            self._ended |= dict.fromkeys(self._at_work - at_work, now)
            self._ended = {
                job: since for job, since in self._ended.items() if now - since < _RECENT_S and job not in at_work
            }
            self._at_work = at_work
            shown = sorted({*at_work, *self._ended})
        return sorted(self.of(shown, atelier.ledger), key=lambda card: (-(card.submitted or 0.0), card.job))

    def at_work(self, ledger: Ledger | None, *, fresh: bool = False) -> list[str]:
        """The jobs that have not ended; `fresh`: also those submitted in the last second."""
        found = {*self._truth.active(), *(ledger.jobs() if ledger is not None else ())}
        return [row.job for row in self._roster.newest_first(fresh=fresh) if row.job in found]

    def _card(self, job: str, ledger: Ledger | None, at_work: set[str]) -> JobCard | None:
        try:
            return self._known(job, at_work) or self._made(job, ledger)
        except JobNotFound:
            # Swept since it was listed.
            return None
        except IntegrityError as error:
            return _damaged(job, error)

    def _known(self, job: str, at_work: set[str]) -> JobCard | None:
        """The card of a job that ended, if it was made before and is still true."""
        kept = self._kept.get(job)
        if kept is None or job in at_work:
            return None
        if time.monotonic() - kept.seen > _TRUSTED_S:
            if not self._is_true(kept):
                return None
            with self._lock:
                _put(self._kept, job, replace(kept, seen=time.monotonic()))
        return kept.card

    def _is_true(self, kept: _Kept) -> bool:
        job = kept.card.job
        if self._truth.generation(job) != kept.generation:
            return False
        ending = self._truth.ending(job, kept.generation) if kept.ended_at else None
        return (ending.at if ending is not None else "") == kept.ended_at

    def _made(self, job: str, ledger: Ledger | None) -> JobCard:
        fixed = self._fixed.get(job) or self._read_fixed(job)
        snapshot = ledger.snapshot(job) if ledger is not None else None
        if snapshot is not None and not snapshot.is_final:
            # Of a job at work the ledger knows best. Where it is wrong, a reconciler sets it right within the minute.
            return self._drawn(from_snapshot(snapshot, submitted=fixed.submitted), fixed)
        status = status_of(job, self._truth, ledger)
        card = self._drawn(status, fixed)
        if status.is_final:
            self._keep(card, status)
        return card

    def _read_fixed(self, job: str) -> _Fixed:
        fixed = _Fixed(seconds(self._truth.submitted_at(job)), self._truth.plan(job).style)
        with self._lock:
            _put(self._fixed, job, fixed)
        return fixed

    def _keep(self, card: JobCard, status: Status) -> None:
        ending = None if status.state == "done" else self._truth.ending(card.job, status.generation)
        if ending is None and status.state != "done":
            # Only the ledger has it so; storage is told in a moment, or the reconciler sets it right.
            return
        kept = _Kept(card, status.generation, "" if ending is None else ending.at, time.monotonic())
        with self._lock:
            _put(self._kept, card.job, kept)

    def _drawn(self, status: Status, fixed: _Fixed) -> JobCard:
        kind = kind_of(status.job)
        return JobCard(
            job=status.job,
            kind=kind,
            noun=noun(kind),
            state=status.state,  # type: ignore[arg-type]
            priority=status.priority,
            frames=status.frames,
            frames_done=status.frames_done,
            chunks=status.chunks,
            chunks_done=status.chunks_done,
            rate=status.rate,
            eta_s=status.eta_s,
            cost=status.cost(self._price),
            submitted=status.submitted or fixed.submitted,
            finished=status.finished,
            output=status.output,
            error=status.error,
            style=fixed.style,
            workers=len(status.running),
        )


def _damaged(job: str, error: AtelierError) -> JobCard:
    kind = kind_of(job)
    told = {"job": job, "kind": kind, "noun": noun(kind), "state": "damaged", "error": str(error)}
    unknown = dict.fromkeys(("priority", "rate", "eta_s", "cost", "submitted", "finished"))
    counts = dict.fromkeys(("frames", "frames_done", "chunks", "chunks_done", "workers"), 0)
    return JobCard.model_validate(told | unknown | counts | {"output": "", "style": ""})


def _put(kept: OrderedDict, job: str, value: object) -> None:
    kept[job] = value
    kept.move_to_end(job)
    while len(kept) > _KEPT:
        kept.popitem(last=False)
