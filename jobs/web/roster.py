"""Which jobs there are, and what of them does not change: read once for however many ask.

A job's plan is fixed for as long as its name is listed with the same time; swept and submitted again, it has another.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from jobs.find import find_among
from jobs.records import Plan
from jobs.truth import Truth
from pipeline.errors import JobNotFound

_LISTED_EVERY_S = 1.0
_PLANS = 64
"""Plans that are kept: those of long films have megabytes."""


@dataclass(frozen=True)
class Listed:
    """A job in the store's listing."""

    job: str
    submitted: float
    """Seconds since the epoch, by the store's clock."""


class Roster:
    """The jobs of one store, as the requests of one process see them. Safe among threads."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._listing = threading.Lock()
        self._listed_at = -_LISTED_EVERY_S
        self._jobs: dict[str, Listed] = {}
        self._newest_first: tuple[Listed, ...] = ()
        self._lock = threading.Lock()
        self._plans: OrderedDict[Listed, Plan] = OrderedDict()

    def newest_first(self, *, fresh: bool = False) -> tuple[Listed, ...]:
        """Every job, the last submitted first; as they were a second ago, unless the list must be fresh."""
        self._list(0.0 if fresh else _LISTED_EVERY_S)
        return self._newest_first

    def find(self, name: str) -> str:
        """The job of that id, or the only one whose id begins so. Raises: as `find_job`."""
        return self.listed(name).job

    def listed(self, name: str) -> Listed:
        """The same, with when it was submitted."""
        self._list(_LISTED_EVERY_S)
        if name not in self._jobs:
            # It may be a second old, or somebody else's who was told of it at once.
            self._list(0.0)
        jobs = self._jobs
        return jobs.get(name) or jobs[find_among(name, list(jobs), self._truth.store.url)]

    def plan(self, job: str) -> Plan:
        """A job's plan. Raises: JobNotFound, IntegrityError, StorageUnavailable."""
        row = self.listed(job)
        with self._lock:
            if row in self._plans:
                self._plans.move_to_end(row)
                return self._plans[row]
        plan = self._truth.plan(row.job)
        with self._lock:
            self._plans[row] = plan
            while len(self._plans) > _PLANS:
                self._plans.popitem(last=False)
        return plan

    def check_there(self, job: str) -> None:
        """Raises: JobNotFound if the job was swept."""
        self._list(_LISTED_EVERY_S)
        if job not in self._jobs:
            raise JobNotFound(f"{job} is gone: it was swept from {self._truth.store.url}; what it delivered stays")

    def _list(self, older_than_s: float) -> None:
        asked = time.monotonic()
        if self._listed_at > asked - older_than_s:
            return
        with self._listing:
            # Who waited here meanwhile is served by what another has listed.
            if self._listed_at > asked - older_than_s:
                return
            entries = self._truth.store.list("index/")
            began = time.monotonic()
            rows = [Listed(entry.key.removeprefix("index/"), entry.modified) for entry in entries]
            self._jobs = {row.job: row for row in rows}
            self._newest_first = tuple(sorted(rows, key=lambda row: (-row.submitted, row.job)))
            self._listed_at = began
