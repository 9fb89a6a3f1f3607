"""Windowed dispatch: a few chunks a worker are in the queue, the rest wait in the ledger.

So pause, cancel, priority and fair share act at once, and a job of any length costs Redis kilobytes. Whoever changes
what could be published calls `dispatch`: the submitter, each worker after a chunk, the reconciler.
"""

from __future__ import annotations

from jobs.ledger import QUEUES, Ledger, WorkerInfo
from jobs.queue import Queue
from jobs.snapshot import STITCH

_AT_ONCE = 64
"""Chunks reserved in one step: as many as a crash between reserving and sending may leave to the reconciler."""


def dispatch(ledger: Ledger, queue: Queue, *, ahead: int) -> int:
    """Publish chunks until each queue holds `ahead` a worker. How many were published.

    Raises: QueueUnavailable. A chunk reserved but not sent is found by the reconciler.
    """
    workers = ledger.workers()
    return sum(_fill(ledger, queue, name, window=_window(workers, name, ahead)) for name in QUEUES)


def _window(workers: list[WorkerInfo], queue: str, ahead: int) -> int:
    # Without a worker a little is published all the same, so that the first one to come finds work.
    return ahead * max(1, sum(queue in worker.queues for worker in workers))


def _fill(ledger: Ledger, queue: Queue, name: str, *, window: int) -> int:
    sent = 0
    while True:
        reserved = ledger.reserve(name, window=window, limit=_AT_ONCE)
        for chunk in reserved:
            queue.render(chunk.job, chunk.chunk, chunk.generation, queue=name)
        sent += len(reserved)
        if len(reserved) < _AT_ONCE:
            return sent


def send_stitch(ledger: Ledger, queue: Queue, job: str, generation: int) -> bool:
    """Publish a job's stitch, once. False if it is on its way already."""
    if not ledger.announce_stitch(job):
        return False
    queue.stitch(job, generation)
    ledger.record(job, "every chunk is there; the stitch is queued", chunk=STITCH)
    return True
