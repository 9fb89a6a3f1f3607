"""Steering a job: pause, resume, cancel, redo, priority. Each answers with how the job stands then."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from jobs.web.api.events import topic_of
from jobs.web.api.needs import AFarm, AHub, AJob
from jobs.web.entry import Operator
from jobs.web.farm import Farm
from jobs.web.hub import Hub
from jobs.web.shape import Shape
from jobs.web.standing import Job, describe

router = APIRouter(tags=["steering"])

_RANGES = r"^ *[0-9]{1,10}( *- *[0-9]{1,10})? *(, *[0-9]{1,10}( *- *[0-9]{1,10})? *)*$"


class Redo(Shape):
    """Which frames are to be made again."""

    frames: Annotated[str, Field(max_length=10_000, pattern=_RANGES, examples=["120-140,155"])]
    """Their numbers, as people know them. Whole chunks are made again."""


class Priority(Shape):
    """A job's priority."""

    priority: Annotated[int, Field(ge=1, le=9, examples=[7])]
    """Each step doubles the job's share of the workers; 5 is what jobs have unless their file says otherwise."""


@router.post("/jobs/{job}/pause", operation_id="pause_job")
def pause(job: AJob, farm: AFarm, hub: AHub, operator: Operator) -> Job:
    """Hold a job. Its workers stop at the next batch of frames."""
    farm.atelier.pause(job)
    return _told(job, farm, hub)


@router.post("/jobs/{job}/resume", operation_id="resume_job")
def resume(job: AJob, farm: AFarm, hub: AHub, operator: Operator) -> Job:
    """Let a paused job go on."""
    farm.atelier.resume(job)
    return _told(job, farm, hub)


@router.post("/jobs/{job}/cancel", operation_id="cancel_job")
def cancel(job: AJob, farm: AFarm, hub: AHub, operator: Operator) -> Job:
    """Stop a job for good. The chunks that it has stay: submitted again, it goes on with them."""
    farm.atelier.cancel(job)
    return _told(job, farm, hub)


@router.post("/jobs/{job}/redo", operation_id="redo_job")
def redo(job: AJob, wanted: Redo, farm: AFarm, hub: AHub, operator: Operator) -> Job:
    """Make some frames of an ended job again, and deliver anew."""
    farm.atelier.redo(job, wanted.frames)
    return _told(job, farm, hub)


@router.put("/jobs/{job}/priority", operation_id="prioritise_job")
def prioritise(job: AJob, wanted: Priority, farm: AFarm, hub: AHub, operator: Operator) -> Job:
    """Give a job another priority, from its next chunk on."""
    farm.atelier.prioritise(job, wanted.priority)
    return _told(job, farm, hub)


def _told(job: str, farm: Farm, hub: Hub) -> Job:
    """How it stands now. Whoever follows the job sees it at once, too."""
    hub.hurry(topic_of(job))
    return describe(job, farm)
