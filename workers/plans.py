"""The plans that a worker has read. When many jobs share the farm, each chunk is of another job than the one before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from jobs.records import Plan

MOST_CHUNKS = 400_000
"""Chunks of all plans that are kept, about 100 bytes each; the last one is kept however long it is."""


class Plans:
    """Keeps the plans that were used last. A plan never changes."""

    def __init__(self, most_chunks: int = MOST_CHUNKS) -> None:
        self._most = most_chunks
        self._kept: OrderedDict[str, Plan] = OrderedDict()
        self._chunks = 0

    def get(self, job: str, read: Callable[[str], Plan]) -> Plan:
        """The job's plan, read if it is not kept. Raises: what `read` raises."""
        plan = self._kept.get(job)
        if plan is None:
            plan = self._kept[job] = read(job)
            self._chunks += len(plan.chunks)
            self._forget()
        self._kept.move_to_end(job)
        return plan

    def _forget(self) -> None:
        while self._chunks > self._most and len(self._kept) > 1:
            _, plan = self._kept.popitem(last=False)
            self._chunks -= len(plan.chunks)
