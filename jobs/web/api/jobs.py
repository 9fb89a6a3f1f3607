"""Jobs: list, look, follow."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from jobs.status import status_of
from jobs.web.api.needs import AFarm, AHub, AJob
from jobs.web.entry import Viewer
from jobs.web.farm import Farm

router = APIRouter(tags=["jobs"])


@router.get("/jobs/{job}")
def job(job: AJob, farm: AFarm, viewer: Viewer) -> dict[str, Any]:
    """How a job stands."""
    return _standing(job, farm)


@router.get("/jobs/{job}/events", response_class=StreamingResponse)
async def events(job: AJob, farm: AFarm, hub: AHub, viewer: Viewer) -> StreamingResponse:
    """How a job stands, again whenever that changes, as server-sent events: `status`, `trouble`, `gone`."""
    hub.check_room()
    stream = hub.stream(f"job {job}", lambda: {"status": _standing(job, farm)})
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _standing(job: str, farm: Farm) -> dict[str, Any]:
    return status_of(job, farm.truth, farm.readable).as_json(farm.config.price_per_hour)
