"""A job as its own page shows it: how it stands, and what of its plan the page must know."""

from __future__ import annotations

from typing import Any

from jobs.kinds import noun
from jobs.records import Deliverable, Plan
from jobs.status import status_of
from jobs.web.cards import State
from jobs.web.farm import Farm
from jobs.web.shape import Shape
from jobs.web.sources import has_source


class RunningChunk(Shape):
    """A chunk in a worker's hands."""

    chunk: int | str
    """Its number; `stitch` for the making of the deliverables."""
    frames: int
    """How many are painted."""
    worker: str
    note: str


class Standing(Shape):
    """How a job stands at one moment: what changes of it."""

    job: str
    state: State
    known_from: str
    """`ledger`, or `storage` where Redis is away or does not know the job."""
    generation: int
    """How often it was ordered: a redo adds one."""
    priority: int | None
    chunks: int
    chunks_done: int
    frames: int
    frames_done: int
    compute_s: float | None
    """Seconds that workers spent so far; null if that is not known without reading every receipt."""
    output: str
    submitted: float | None
    finished: float | None
    rate: float | None
    """Frames a second, over the last chunks."""
    eta_s: float | None
    error: str
    running: list[RunningChunk]
    failures: dict[str, int]
    """Chunks that have failed, and how often."""
    deliverables: list[Deliverable]
    left_out: int
    """Frames that could not be made, of a finished job that goes on without them."""
    notes: list[str]
    cost: float | None


class Job(Standing):
    """A job."""

    kind: str
    noun: str
    """What one frame of it is called."""
    numbered: str
    """What people's numbers are of: `frame` or `seed`."""
    first: int
    """The number of its first frame, where numbers have no gaps."""
    extent: str
    """All numbers, as people write them."""
    rate_fraction: str | None
    """Frames a second of its film, as `24000/1001`."""
    deliver: list[str]
    stem: str
    """What deliverables are called after."""
    style: str
    has_source: bool
    """Whether a source frame stands beside each frame."""
    has_film: bool
    """Whether its frames, or some of them, are a film's."""
    shots: int
    """How many shots its film was cut into; 0 if nobody looked."""


def standing(job: str, farm: Farm) -> dict[str, Any]:
    """The values of `Standing`. Raises: JobNotFound if the job was swept; StorageUnavailable."""
    farm.roster.check_there(job)
    return status_of(job, farm.known, farm.readable).as_json(farm.config.price_per_hour)


def describe(job: str, farm: Farm) -> Job:
    """A job with its plan. Raises: as `standing`."""
    plan = farm.plan(job)
    return Job.model_validate(standing(job, farm) | _planned(plan))


def _planned(plan: Plan) -> dict[str, Any]:
    shots = plan.inputs.get("shots", ()) if plan.kind == "film" else ()
    return {
        "kind": plan.kind,
        "noun": noun(plan.kind),
        "numbered": plan.numbered,
        "first": plan.first,
        "extent": plan.extent,
        "rate_fraction": plan.rate,
        "deliver": list(plan.deliver),
        "stem": plan.stem,
        "style": plan.style,
        "has_source": has_source(plan),
        "has_film": plan.rate is not None and len(plan.filmed) > 0,
        "shots": len(shots),
    }
