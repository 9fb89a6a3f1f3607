"""What a job has in the store, counted from the names of its objects: nothing is read, and no list of keys is held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from pipeline.storage.base import Entry, Store

_ATTEMPT = re.compile(r"attempts/(\d{6,})/(\d+)/")
_PENDING = re.compile(r"(?:states|quarantine)/(\d{6,})-(\d{4,})[/.]")
_RECEIPT = re.compile(r"receipts/(\d{6,})-\d{4,}\.json$")
_GENERATION = re.compile(r"generations/(\d{4,})\.json$")
_END = re.compile(r"(result|ended)-(\d{4,})\.json$")


@dataclass
class Heap:
    """Some objects together."""

    count: int = 0
    size: int = 0
    """Bytes."""
    newest: float = 0.0
    """When the last of them was written, in seconds since the epoch."""

    def add(self, entry: Entry) -> None:
        """One more."""
        self.count += 1
        self.size += entry.size
        self.newest = max(self.newest, entry.modified)

    def merge(self, other: Heap) -> None:
        """The other's objects, too."""
        self.count += other.count
        self.size += other.size
        self.newest = max(self.newest, other.newest)


@dataclass
class Pending:
    """What an attempt at a chunk would go on from."""

    chunk: int
    generation: int
    heap: Heap = field(default_factory=Heap)


@dataclass
class Census:
    """One job's objects, by what they are. What has no known name is in `everything` alone."""

    job: str
    everything: Heap = field(default_factory=Heap)
    attempts: dict[tuple[int, str], Heap] = field(default_factory=dict)
    """By chunk and token."""
    pending: dict[str, Pending] = field(default_factory=dict)
    """States and quarantines, by the beginning of their keys."""
    receipts: dict[int, int] = field(default_factory=dict)
    """How many each chunk has."""
    generation: int = 0
    """The newest; 0 if there is none."""
    ended: dict[int, float] = field(default_factory=dict)
    """By generation, when its result or ending was written."""
    finished: set[int] = field(default_factory=set)
    """The generations that have a result."""

    def add(self, entry: Entry) -> None:
        """One more object of the job."""
        self.everything.add(entry)
        name = entry.key.removeprefix(f"jobs/{self.job}/")
        if found := _ATTEMPT.match(name):
            self.attempts.setdefault((int(found[1]), found[2]), Heap()).add(entry)
        elif found := _PENDING.match(name):
            pending = Pending(chunk=int(found[1]), generation=int(found[2]))
            self.pending.setdefault(entry.key[: -len(name)] + found[0], pending).heap.add(entry)
        elif found := _RECEIPT.match(name):
            self.receipts[int(found[1])] = self.receipts.get(int(found[1]), 0) + 1
        elif found := _GENERATION.match(name):
            self.generation = max(self.generation, int(found[1]))
        elif found := _END.match(name):
            self.ended[int(found[2])] = entry.modified
            if found[1] == "result":
                self.finished.add(int(found[2]))

    @property
    def is_over(self) -> bool:
        """Whether its newest generation is finished or stopped short."""
        return self.generation in self.ended

    @property
    def is_finished(self) -> bool:
        """Whether its newest generation has a result."""
        return self.generation in self.finished

    @property
    def is_only_begun(self) -> bool:
        """Whether it was written down and never worked on: what a submitter leaves who died on the way."""
        return not (self.attempts or self.pending or self.receipts or self.ended)

    def crowded(self, *, before: float) -> list[tuple[int, str]]:
        """Attempts last written before that time, of chunks that have more attempts than receipts."""
        per_chunk: dict[int, int] = {}
        for chunk, _ in self.attempts:
            per_chunk[chunk] = per_chunk.get(chunk, 0) + 1
        return [
            (chunk, token)
            for (chunk, token), heap in self.attempts.items()
            if heap.newest <= before and per_chunk[chunk] > self.receipts.get(chunk, 0)
        ]


def censuses(store: Store) -> Iterator[Census]:
    """Every job that has objects, in one pass over the listing."""
    for job, entries in groupby(store.list("jobs/"), key=_job_of):
        yield _count(job, entries)


def _count(job: str, entries: Iterable[Entry]) -> Census:
    census = Census(job)
    for entry in entries:
        census.add(entry)
    return census


def _job_of(entry: Entry) -> str:
    return entry.key.split("/")[1]
