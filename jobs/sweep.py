"""Sweeping: what nobody needs any more leaves the store, by policy. What the policy is, docs/storage.md tells.

Safe beside workers, stitchers, submitters, redos and other sweeps, at any moment and wherever it is killed: it

    lists first and reads records afterwards, so that what came in between is not among what it may delete
    leaves alone what is younger than a limit, by the store's own clock
    deletes nothing that a receipt names, nor what a chunk without a receipt may still become
    looks again before it deletes what somebody may just want: expiry.py for whole jobs, unnamed.py for models
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jobs.cache import FOLDER, forget
from jobs.census import Census, Heap, Pending, censuses
from jobs.expiry import GIVEN_UP_S, Removal, leaving_key
from jobs.truth import Truth
from jobs.unnamed import Unnamed
from jobs.uploads import unnamed_uploads
from pipeline.errors import IntegrityError, JobNotFound, ObjectNotFound
from pipeline.storage.base import Entry, Store

log = logging.getLogger(__name__)

KINDS = {
    "attempts": "attempts that lost",
    "states": "states that nobody goes on from",
    "uploads": "unfinished uploads",
    "jobs": "expired jobs",
    "begun": "submissions that broke off",
    "unnamed": "models and files that no job names",
    "sent": "files sent to the dashboard that nothing names",
}
"""What is swept, as people call it."""

_FINISHED_S = 3600.0
"""A finished job's leavings go after this long, if not sooner: whoever still works on it works in vain."""

_GOES_ON = 7
"""A job that stopped short may be submitted again and goes on from its states: they stay so many times as long."""

_UPLOAD_S = 3600.0
"""The least age of an unfinished write: somebody may be at a younger one."""

_DAY_S = 86400.0

_DAMAGE = (IntegrityError, JobNotFound, ObjectNotFound, ValueError, IndexError)
"""What reading records raises that are damaged, missing, or named as none of ours would be."""


@dataclass
class Report:
    """What a sweep removed, or would remove."""

    dry_run: bool
    heaps: dict[str, Heap] = field(default_factory=lambda: {kind: Heap() for kind in KINDS})
    """By kind; see KINDS."""
    expired: list[str] = field(default_factory=list)
    """The jobs that are gone."""
    left: list[str] = field(default_factory=list)
    """What was left alone for another reason than that it is needed, a sentence each."""

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        swept = {kind: {"objects": heap.count, "bytes": heap.size} for kind, heap in self.heaps.items()}
        return {"dry_run": self.dry_run, "swept": swept, "expired": self.expired, "left": self.left}


@dataclass(frozen=True)
class _Facts:
    """What a job's records say, read after its files were listed."""

    generation: int
    is_finished: bool
    is_over: bool
    counting: list[int | None]

    @classmethod
    def read(cls, job: str, truth: Truth) -> _Facts:
        chunks = len(truth.plan(job).chunks)
        generation = truth.current(job).number
        finished = truth.result(job, generation) is not None
        over = finished or truth.ending(job, generation) is not None
        return cls(generation, finished, over, truth.counting(job, chunks))

    def is_done(self, chunk: int) -> bool:
        """Whether the chunk has the receipt that counts."""
        return chunk < len(self.counting) and self.counting[chunk] is not None

    def outdates(self, pending: Pending) -> bool:
        """Whether no attempt will ever go on from it, even if the job is submitted again."""
        return self.is_finished or self.is_done(pending.chunk) or pending.generation < self.generation


class Sweep:
    """One sweep over one store."""

    def __init__(self, truth: Truth, *, older_than_s: float, keep_days: float, dry_run: bool = False) -> None:
        """`older_than_s`: what is younger stays. `keep_days`: for how long ended jobs are kept; 0 is for ever."""
        self._truth, self._store = truth, truth.store
        self._older_than_s, self._keep_s, self._dry_run = older_than_s, keep_days * _DAY_S, dry_run
        self._now = store_time(truth.store)
        self._index = set(truth.jobs())
        self._leaving = {entry.key.partition("/")[2]: entry.modified for entry in truth.store.list(leaving_key(""))}
        self._report = Report(dry_run)

    def run(self) -> Report:
        """Sweep everything. A job with damaged records is left alone, and reported.

        Raises: StorageUnavailable, AccessDenied.
        """
        self._sweep_uploads()
        unnamed = Unnamed(self._truth, before=self._now - self._older_than_s)
        seen: set[str] = set()
        for census in censuses(self._store):
            seen.add(census.job)
            with self._left_alone_if_damaged(census.job):
                self._sweep_job(census)
        for job in self._leaving.keys() - seen:
            self._finish_removal(Census(job))
        self._sweep_cache()
        self._sweep_unnamed(unnamed)
        if self._keep_s:
            self._sweep_sent()
        return self._report

    def _sweep_unnamed(self, unnamed: Unnamed) -> None:
        try:
            self._count("unnamed", unnamed.remove(besides=self._gone_in_theory(), dry_run=self._dry_run))
        except IntegrityError as error:
            self._report.left.append(f"models and files: were all left alone, for a plan cannot be read: {error}")

    def _sweep_sent(self) -> None:
        try:
            found = unnamed_uploads(self._truth, before=self._now - self._keep_s)
        except IntegrityError as error:
            self._report.left.append(f"uploads: were all left alone, for a campaign cannot be read: {error}")
            return
        for entry in found if not self._dry_run else ():
            self._store.delete(entry.key)
        self._count("sent", found)

    def _gone_in_theory(self) -> list[str]:
        return self._report.expired if self._dry_run else []

    def _sweep_cache(self) -> None:
        """Forget, in the frame cache, the jobs that are gone."""
        jobs = {entry.key.split("/")[2] for entry in self._store.list(FOLDER) if entry.key.count("/") == 3}
        dead = sorted(job for job in jobs if job in self._gone_in_theory() or not self._is_indexed_now(job))
        if dead and not self._dry_run:
            forget(self._store, *dead)

    def _sweep_uploads(self) -> None:
        age_s = max(self._older_than_s, _UPLOAD_S)
        # A store compares with this machine's clock, which may be wrong.
        skew_s = time.time() - self._now
        self._count("uploads", self._store.sweep(older_than_s=age_s + skew_s, dry_run=self._dry_run))
        self._remove(".probe/", "uploads", before=self._now - age_s)

    def _sweep_job(self, census: Census) -> None:
        if census.job in self._leaving:
            self._finish_removal(census)
        elif not self._is_indexed(census.job):
            self._sweep_unindexed(census)
        elif census.is_over and self._keep_s and census.ended[census.generation] <= self._now - self._keep_s:
            self._expire(census)
        else:
            self._sweep_leavings(census)

    # Whole jobs

    def _expire(self, census: Census) -> None:
        self._truth.plan(census.job)
        if not self._store.exists(f"active/{census.job}"):
            self._remove_job(census, "jobs")

    def _sweep_unindexed(self, census: Census) -> None:
        if not census.is_only_begun:
            self._report.left.append(
                f"{census.job}: has files, but index/{census.job} is gone; put that back, or delete jobs/{census.job}/"
            )
        elif census.everything.newest <= self._now - self._older_than_s:
            self._remove_job(census, "begun")

    def _finish_removal(self, census: Census) -> None:
        if self._leaving[census.job] > self._now - GIVEN_UP_S:
            self._report.left.append(f"{census.job}: another sweep is removing it")
        else:
            self._remove_job(census, "jobs")

    def _remove_job(self, census: Census, kind: str) -> None:
        if self._dry_run or Removal.of(census.job, self._truth).remove():
            self._report.heaps[kind].merge(census.everything)
            if kind == "jobs":
                self._report.expired.append(census.job)

    # What a job leaves behind

    def _sweep_leavings(self, census: Census) -> None:
        age_s = min(self._older_than_s, _FINISHED_S) if census.is_finished else self._older_than_s
        before = self._now - age_s
        losers = census.crowded(before=before)
        pending = {prefix: found for prefix, found in census.pending.items() if found.heap.newest <= before}
        if not losers and not pending:
            return
        facts = _Facts.read(census.job, self._truth)
        for chunk, token in losers:
            if (facts.is_over or facts.is_done(chunk)) and token not in self._named(census.job, chunk):
                self._remove(f"{Truth.attempt(census.job, chunk, int(token))}/", "attempts", before=before)
        for prefix, found in pending.items():
            if facts.outdates(found):
                self._remove(prefix, "states", before=before)
            elif facts.is_over and not self._store.exists(f"active/{census.job}"):
                self._remove(prefix, "states", before=self._now - _GOES_ON * self._older_than_s)

    def _named(self, job: str, chunk: int) -> set[str]:
        """The tokens of the attempts whose files some receipt of the chunk names, of whatever generation."""
        named: set[str] = set()
        for entry in self._store.list(f"jobs/{job}/receipts/{chunk:06d}-"):
            generation = int(entry.key.rpartition("-")[2].removesuffix(".json"))
            receipt = self._truth.receipt(job, chunk, generation)
            if receipt is not None:
                folder = f"jobs/{job}/attempts/{chunk:06d}/"
                named |= {str(receipt.token)}
                named |= {blob.key.removeprefix(folder).partition("/")[0] for blob in receipt.blobs()}
        return named

    # Removing

    def _remove(self, prefix: str, kind: str, *, before: float) -> None:
        """Remove everything below the prefix, unless one of it is younger: then somebody is at work there."""
        found = list(self._store.list(prefix))
        if any(entry.modified > before for entry in found):
            return
        self._count(kind, found)
        # What a state's parts belong to goes first: parts alone are no state.
        for entry in sorted(found, key=lambda entry: not entry.key.endswith("/main")) if not self._dry_run else ():
            self._store.delete(entry.key)

    def _count(self, kind: str, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._report.heaps[kind].add(entry)

    def _is_indexed(self, job: str) -> bool:
        return job in self._index or self._is_indexed_now(job)

    def _is_indexed_now(self, job: str) -> bool:
        return self._store.exists(f"index/{job}")

    @contextmanager
    def _left_alone_if_damaged(self, job: str) -> Iterator[None]:
        try:
            yield
        except _DAMAGE as error:
            if self._is_indexed_now(job):
                log.warning("%s: left alone: %s", job, error)
                self._report.left.append(f"{job}: its records cannot be used, so it was left alone: {error}")


def store_time(store: Store) -> float:
    """Now, by the clock that dates the store's objects: seconds since the epoch.

    Of a store whose listings come late it is this machine's.
    """
    key = f".probe/{uuid.uuid4().hex}"
    store.put(key, b"")
    try:
        return next((entry.modified for entry in store.list(key)), time.time())
    finally:
        store.delete(key)
