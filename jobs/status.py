"""How a job stands, as people and scripts want to know it: from the ledger if it knows the job, else from storage."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from jobs.ledger import Ledger
from jobs.records import Deliverable, Plan, Result
from jobs.snapshot import FINAL, Running, Snapshot
from jobs.truth import Truth

WAITING = "waiting"
"""State of an accepted job that no ledger knows, so that nobody works on it: besides those in ledger.py."""


@dataclass(frozen=True)
class Status:
    """A job at one moment."""

    job: str
    state: str
    """One of ledger.py's states, or `waiting`."""
    known_from: Literal["ledger", "storage"]
    generation: int
    priority: int | None
    chunks: int
    chunks_done: int
    frames: int
    frames_done: int
    compute_s: float | None
    """Worker seconds spent so far; None if it would take reading every receipt."""
    output: str
    submitted: float | None = None
    """Seconds since the epoch, as all times here."""
    finished: float | None = None
    rate: float | None = None
    """Frames a second over the last chunks."""
    eta_s: float | None = None
    error: str = ""
    """Why it failed or was cancelled."""
    running: tuple[Running, ...] = ()
    failures: dict[str, int] = field(default_factory=dict)
    """Chunks that have failed and how often."""
    deliverables: tuple[Deliverable, ...] = ()
    left_out: int = 0
    """Frames that could not be made, of a finished job that goes on without them."""
    notes: tuple[str, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in FINAL

    def cost(self, price_per_hour: float) -> float | None:
        """What it has cost so far; None if that or the price is not known."""
        if self.compute_s is None or not price_per_hour:
            return None
        return self.compute_s / 3600 * price_per_hour

    def as_json(self, price_per_hour: float) -> dict[str, Any]:
        """For scripts."""
        body = asdict(self)
        body["deliverables"] = [row.model_dump() for row in self.deliverables]
        return body | {"cost": self.cost(price_per_hour)}


def status_of(job: str, truth: Truth, ledger: Ledger | None) -> Status:
    """A job's status. Raises: JobNotFound, StorageUnavailable, QueueUnavailable."""
    generation = truth.generation(job)
    result = truth.result(job, generation)
    if result is not None:
        return _finished(result, truth)
    snapshot = ledger.snapshot(job) if ledger is not None else None
    # A redo may be in storage and not yet in the ledger.
    if snapshot is not None and snapshot.generation == generation:
        return from_snapshot(snapshot, submitted=seconds(truth.submitted_at(job)))
    return _from_storage(job, generation, truth)


def from_snapshot(snapshot: Snapshot, *, submitted: float | None = None) -> Status:
    """The ledger's view of a job."""
    shared = {name: getattr(snapshot, name) for name in _SHARED}
    return Status(known_from="ledger", submitted=submitted, **shared)


_SHARED = (
    *("job", "state", "generation", "priority", "chunks", "chunks_done", "frames", "frames_done", "compute_s"),
    *("output", "finished", "rate", "eta_s", "error", "running", "failures"),
)


def _finished(result: Result, truth: Truth) -> Status:
    plan = truth.plan(result.job)
    return Status(
        job=result.job,
        state="done",
        known_from="storage",
        generation=result.generation,
        priority=_priority(plan, truth),
        chunks=len(plan.chunks),
        chunks_done=len(plan.chunks),
        frames=result.frames,
        frames_done=result.frames,
        compute_s=result.compute_s,
        output=plan.output,
        submitted=seconds(result.submitted_at),
        finished=seconds(result.finished_at),
        deliverables=result.deliverables,
        left_out=len(result.bad) if plan.on_error == "skip" else 0,
        notes=result.notes,
    )


def _from_storage(job: str, generation: int, truth: Truth) -> Status:
    plan = truth.plan(job)
    ending = truth.ending(job, generation)
    done = truth.done(job, len(plan.chunks))
    unfinished = "paused" if truth.paused(job) else WAITING
    return Status(
        job=job,
        state=ending.state if ending else unfinished,
        known_from="storage",
        generation=generation,
        priority=_priority(plan, truth),
        chunks=len(plan.chunks),
        chunks_done=sum(done),
        frames=plan.frames,
        frames_done=sum(stop - start for (start, stop), there in zip(plan.chunks, done, strict=True) if there),
        compute_s=None,
        output=plan.output,
        submitted=seconds(truth.submitted_at(job)),
        finished=seconds(ending.at) if ending else None,
        error=ending.reason if ending else "",
        notes=plan.notes,
    )


def _priority(plan: Plan, truth: Truth) -> int:
    changed = truth.priority(plan.job)
    return plan.priority if changed is None else changed


def seconds(moment: str) -> float:
    """Seconds since the epoch of a record's time."""
    return datetime.fromisoformat(moment).timestamp()
