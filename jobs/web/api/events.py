"""What changes, as it changes: server-sent events. One reading a second serves however many viewers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from jobs.snapshot import FINAL
from jobs.web.api.needs import AFarm, AHub, AJob
from jobs.web.api.wall import wall_state
from jobs.web.api.workers import workers
from jobs.web.entry import Viewer
from jobs.web.farm import Farm
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
    hub.check_room(viewer.name)
    return _streamed(hub.stream(topic_of(job), lambda: _of_job(job, farm), holder=viewer.name, has_ended=_has_ended))


@router.get(
    "/events",
    operation_id="follow_all",
    response_class=StreamingResponse,
    responses=_stream("jobs", "workers", "trouble"),
)
async def follow_all(farm: AFarm, hub: AHub, viewer: Viewer) -> StreamingResponse:
    """The jobs that have not ended, or only just, and the workers, as they change: `jobs`, `workers`, `trouble`."""
    hub.check_room(viewer.name)
    return _streamed(hub.stream("all", lambda: _of_all(farm), holder=viewer.name))


def topic_of(job: str) -> str:
    """What a job's topic is called."""
    return f"job {job}"


def _streamed(events: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _has_ended(events: dict[str, Any]) -> bool:
    return "status" in events and events["status"]["state"] in FINAL


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
