"""What changes, as it changes: server-sent events. One reading a second serves however many viewers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from jobs.web.api.needs import AFarm, AHub, AJob
from jobs.web.api.wall import wall_state
from jobs.web.api.workers import workers
from jobs.web.entry import Viewer
from jobs.web.farm import Farm
from jobs.web.hub import Hub, Read
from jobs.web.standing import standing
from pipeline.errors import QueueUnavailable

router = APIRouter(tags=["events"])


def _stream(*events: str) -> dict[int | str, dict[str, Any]]:
    """How a stream of these events is told of in OpenAPI."""
    event = {
        "type": "object",
        "properties": {
            "event": {"enum": list(events)},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
        "required": ["event", "data"],
    }
    said = "Server-sent events, each with JSON as its data, until the client leaves."
    return {200: {"description": said, "content": {"text/event-stream": {"schema": event}}}}


@router.get(
    "/jobs/{job}/events",
    operation_id="follow_job",
    response_class=StreamingResponse,
    responses=_stream("status", "wall", "trouble", "gone"),
)
async def follow_job(job: AJob, farm: AFarm, hub: AHub, viewer: Viewer) -> StreamingResponse:
    """A job, whenever something of it changes: `status`, `wall`, `trouble`, `gone`."""
    return _streamed(hub, f"job {job}", lambda: _of_job(job, farm))


@router.get(
    "/events",
    operation_id="follow_all",
    response_class=StreamingResponse,
    responses=_stream("jobs", "workers", "trouble"),
)
async def follow_all(farm: AFarm, hub: AHub, viewer: Viewer) -> StreamingResponse:
    """The jobs that have not ended, or only just, and the workers, as they change: `jobs`, `workers`, `trouble`."""
    return _streamed(hub, "all", lambda: _of_all(farm))


def _streamed(hub: Hub, name: str, read: Read) -> StreamingResponse:
    hub.check_room()
    return StreamingResponse(
        hub.stream(name, read), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


def _of_job(job: str, farm: Farm) -> dict[str, Any]:
    return {"status": standing(job, farm), "wall": wall_state(job, farm)} | _trouble(farm)


def _of_all(farm: Farm) -> dict[str, Any]:
    found: dict[str, Any] = {"jobs": [card.model_dump() for card in farm.cards.news(farm.atelier)]} | _trouble(farm)
    try:
        found["workers"] = workers(farm).model_dump()
    except QueueUnavailable as error:
        found["trouble"] = str(error)
    return found


def _trouble(farm: Farm) -> dict[str, str]:
    """What viewers must know: without Redis they see what storage knows, which lags behind."""
    absence = farm.absence()
    return {"trouble": absence} if absence else {}
