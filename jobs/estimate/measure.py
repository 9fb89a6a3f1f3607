"""Rendering some frames of a planned job to see what they take: as a small job of its own, removed in the end.

It is rendered as the job would be, by whoever would render it, with the lowest priority. Its plan says that it is a
canary, so that workers neither find its frames among those painted before nor keep them for others.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from jobs.control import cancel
from jobs.estimate.choose import Span
from jobs.expiry import Removal
from jobs.kinds.base import JobSpec
from jobs.ledger import WorkerInfo
from jobs.records import Plan, Receipt, Rehearsal
from jobs.session import Session
from jobs.spec import canonical
from jobs.status import seconds
from jobs.submit import submit_planned
from pipeline.errors import AtelierError, InputError, JobNotFound, TransientError

_LOOK_EVERY_S = 0.1
_HEARD_S = 3.5
"""After so long, each worker has said what it is at."""
_LEAVING_S = 30.0
"""How long the end of an interrupted canary waits for workers to let go of it: they look between two frames."""


@dataclass(frozen=True)
class Measured:
    """What some frames took."""

    receipts: tuple[Receipt, ...]
    """One a span, in order."""
    rehearsal: Rehearsal
    first_s: float
    """From submission to the first of them, but for what it took itself: a process that is new imports and loads."""


def measure(
    spans: Sequence[Span],
    spec: JobSpec,
    plan: Plan,
    session: Session,
    *,
    report: Callable[[int], None],
    check: Callable[[list[WorkerInfo]], object],
) -> Measured:
    """Render these frames of a planned job, and rehearse its stitch. Nothing of it is left, however this ends.

    `report(frames)` hears how many are rendered. `check(workers)` looks at the workers alive, and raises if nothing can
    come of it.
    Raises: AtelierError if the frames cannot be rendered; as submission does; StorageUnavailable, QueueUnavailable.
    """
    job = f"{plan.kind}-{uuid.uuid4().hex[:10]}"
    store = session.config.store.rstrip("/")
    canary = plan.model_copy(
        update={
            "job": job,
            "priority": 1,
            "chunks": tuple(spans),
            # Within the job's own folder, so that it goes with it.
            "output": f"{store}/jobs/{job}/output/",
            "notify": None,
            "canary": True,
        }
    )
    with _removed(job, session):
        submit_planned(canonical(spec), canary, session.truth, session.ledger, session.queue, session.config)
        _wait(job, session, report, check)
        rehearsal = session.truth.rehearsal(job)
        submitted = seconds(session.truth.submitted_at(job))
        receipts = tuple(receipt for receipt in session.truth.receipts(canary) if receipt is not None)
    if rehearsal is None or len(receipts) != len(spans):
        raise AtelierError(f"{job}, which the estimate was to be taken from, was cancelled by somebody else")
    began = min(seconds(receipt.finished_at) - receipt.timings["wall_s"] for receipt in receipts)
    return Measured(receipts, rehearsal, max(0.0, began - submitted))


def _wait(
    job: str, session: Session, report: Callable[[int], None], check: Callable[[list[WorkerInfo]], object]
) -> None:
    while True:
        snapshot = session.ledger.snapshot(job)
        if snapshot is not None and snapshot.state == "failed":
            raise AtelierError(f"the frames for the estimate could not be rendered: {snapshot.error}")
        if snapshot is not None and snapshot.is_final:
            return
        if snapshot is not None:
            report(snapshot.frames_done)
        check(session.ledger.workers())
        time.sleep(_LOOK_EVERY_S)


@contextmanager
def _removed(job: str, session: Session) -> Iterator[None]:
    """Take the job out of the store when the block ends, and out of workers' hands before."""
    try:
        yield
    finally:
        # Where storage or Redis is away, its error ended the block; what is left there ends by itself.
        with suppress(TransientError):
            _remove(job, session)


def _remove(job: str, session: Session) -> None:
    with suppress(InputError, JobNotFound):
        cancel(job, session.truth, session.ledger, reason="its estimate was interrupted")
        _wait_for_workers(job, session)
    with suppress(JobNotFound):
        Removal.of(job, session.truth).remove()
    # The output was opened as a store of its own, and a folder that is one stays when it is empty.
    session.truth.store.delete(f"jobs/{job}/output/none")


def _wait_for_workers(job: str, session: Session) -> None:
    """What a worker still writes would be written behind the removal's back."""
    begun = time.monotonic()
    while (workers := session.ledger.workers()) and time.monotonic() - begun < _LEAVING_S:
        is_held = any(worker.doing.startswith(f"{job} ") for worker in workers)
        if not is_held and time.monotonic() - begun > _HEARD_S:
            return
        time.sleep(_LOOK_EVERY_S)
