"""The wall of a job: what each of its frames is doing, in one small answer."""

from __future__ import annotations

import gzip
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from jobs.records import Plan
from jobs.web.api.looking import JSON, AMedia, APlan
from jobs.web.entry import Viewer
from jobs.web.farm import Farm
from jobs.web.walls import Wall

router = APIRouter(tags=["frames"])

_GZIPPED_FROM = 4_096
"""Bytes. Letters that repeat shrink to a twentieth."""


class EqualChunks(BaseModel):
    """Chunks of one length each; the last may be shorter."""

    size: int


class WallNow(BaseModel):
    """What each chunk of a job is doing."""

    version: int = Field(description="Grows whenever a letter changes; the events `wall` begin from it.")
    frames: int
    first: int = Field(description="The number that people know the first frame by.")
    numbers: list[tuple[int, int]] = Field(
        description="[frame counted from 0, its number] wherever a row of numbers begins; empty if there is one row."
    )
    noun: str = Field(description="What a number is of: frame or seed.")
    film_begins: int = Field(description="Frames before this one, counted from 0, are pictures for their own sake.")
    chunks: EqualChunks | list[tuple[int, int]] = Field(
        description="Frames counted from 0, half-open: the length of all chunks, or [start, stop] of each."
    )
    states: str = Field(
        description="A letter a chunk: w waits, p is in the queue, r is being rendered, d is done, f failed and is "
        "tried again, R was done again, b is done and has bad frames."
    )
    running: dict[int, int] = Field(description="Chunks that workers render, and how many frames of each are painted.")
    failures: dict[int, int] = Field(description="Chunks that failed, and how often.")
    bad: dict[int, str] = Field(description="Numbers of frames that could not be painted, and why.")
    redone: list[int] = Field(description="Chunks that were ordered again.")


@router.get("/jobs/{job}/wall", operation_id="get_wall", response_model=WallNow)
def wall(plan: APlan, media: AMedia, viewer: Viewer, request: Request) -> Response:
    """What each frame of a job is doing: about 25 kB for 100,000 frames, less where the answer may be packed."""
    body = _described(plan, media.walls.look(plan.job)).model_dump_json().encode()
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if len(body) >= _GZIPPED_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=JSON, headers=headers)


def wall_state(job: str, farm: Farm) -> dict[str, Any]:
    """The data of the event `wall`: what changed on a job's wall. Cheap enough for every second.

    Raises: JobNotFound, StorageUnavailable, QueueUnavailable.
    """
    return farm.media.walls.news(job)


def _described(plan: Plan, now: Wall) -> WallNow:
    return WallNow(
        version=now.version,
        frames=plan.frames,
        first=plan.number(0),
        numbers=list(plan.numbers),
        noun=plan.numbered,
        film_begins=plan.film_begins,
        chunks=_chunks(plan),
        states=now.states,
        running=now.running,
        failures=now.failures,
        bad=now.bad,
        redone=list(now.redone),
    )


def _chunks(plan: Plan) -> EqualChunks | list[tuple[int, int]]:
    size = plan.chunks[0][1] - plan.chunks[0][0] if plan.chunks else 1
    is_equal = [start for start, _ in plan.chunks] == list(range(0, plan.frames, size))
    return EqualChunks(size=size) if is_equal else list(plan.chunks)
