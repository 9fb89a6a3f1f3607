"""Watching a job until it ends. Only reads: leaving never stops the job."""

from __future__ import annotations

import time
from collections.abc import Callable

from jobs.cli.views import ProgressView
from jobs.ledger import Ledger, WorkerInfo
from jobs.records import Plan
from jobs.snapshot import Snapshot
from jobs.status import Status, status_of
from jobs.truth import Truth
from pipeline.errors import QueueUnavailable, StorageUnavailable

EVERY_S = 0.25
_STORAGE_EVERY_S = 2.0
"""Storage has the last word on an ended job, but is asked only when the ledger gives reason to."""

Check = Callable[[list[WorkerInfo]], str]
"""Looks at the workers alive; gives a remark, or raises if nothing can come of it."""


def follow(plan: Plan, truth: Truth, ledger: Ledger, view: ProgressView, *, check: Check | None = None) -> Status:
    """Show a job's progress until it ends. How it ended.

    Redis and storage may be away for a while; the view says so and the watching goes on.

    Raises: JobNotFound, AccessDenied, and what `check` raises.
    """
    check = check or (lambda workers: no_workers(plan.queue, workers))
    workers: list[WorkerInfo] = []
    snapshot: Snapshot | None = None
    asked = -_STORAGE_EVERY_S
    while True:
        try:
            snapshot, workers = ledger.snapshot(plan.job), ledger.workers()
            remark = check(workers)
        except QueueUnavailable as error:
            remark = f"{error}; asking again"
        is_over = snapshot is not None and snapshot.is_final
        if is_over or ((snapshot is None or remark) and time.monotonic() - asked >= _STORAGE_EVERY_S):
            asked = time.monotonic()
            ended, trouble = _ending(plan.job, truth)
            if ended is not None:
                return ended
            remark = trouble or remark
        view.show(snapshot, workers=sum(plan.queue in worker.queues for worker in workers), remark=remark)
        time.sleep(EVERY_S)


def _ending(job: str, truth: Truth) -> tuple[Status | None, str]:
    """How the job ended, if storage says it did; and a remark if storage does not answer."""
    try:
        status = status_of(job, truth, None)
    except StorageUnavailable as error:
        return None, f"{error}; asking again"
    return (status, "") if status.is_final else (None, "")


def no_workers(queue: str, workers: list[WorkerInfo]) -> str:
    """A remark if nobody serves the queue."""
    if any(queue in worker.queues for worker in workers):
        return ""
    return f"no worker is alive for the queue {queue!r}; start one with `atelier worker`"
