"""One frame of a job: what became of it, its picture, and the source's picture beside it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from jobs.explain import explain_frame
from jobs.records import Plan, Receipt
from jobs.status import seconds
from jobs.web import sources, thumbs
from jobs.web.api.looking import (
    AMedia,
    ANumber,
    APlan,
    Version,
    address_of,
    caching,
    frame_of,
    is_known_to,
    unchanged,
    version_of,
)
from jobs.web.api.needs import AFarm
from jobs.web.entry import Viewer
from jobs.web.farm import Farm
from jobs.web.flights import NobodyWaits
from jobs.web.media import Media
from jobs.web.problems import Refusal
from jobs.web.thumbs import Picture
from jobs.web.walls import BAD, DONE, FAILED, PUBLISHED, REDONE, RENDERING, WAITING, Wall

router = APIRouter(tags=["frames"])

STATES = {
    WAITING: "waiting",
    PUBLISHED: "published",
    RENDERING: "rendering",
    DONE: "done",
    FAILED: "failed",
    REDONE: "redone",
    BAD: "bad",
}
"""The wall's letters as words."""

PICTURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}, "image/webp": {}}, "description": "The picture."},
    304: {"description": "It is the one that If-None-Match names."},
}
"""For OpenAPI: what answers with a picture."""

Width = Annotated[
    int | None,
    Query(
        ge=16, le=4096, description=f"Of a thumbnail in px; made at the next of {', '.join(map(str, thumbs.WIDTHS))}."
    ),
]


class FrameFacts(BaseModel):
    """What became of a frame."""

    number: int = Field(description="As people count.")
    index: int = Field(description="Counted from 0.")
    name: str = Field(description="What its delivered picture is called, without an ending.")
    chunk: int
    state: str = Field(description=f"One of {', '.join((*STATES.values(), 'painted'))}.")
    worker: str | None = None
    device: str | None = None
    generation: int | None = Field(default=None, description="That its picture is of.")
    is_outdated: bool = Field(
        default=False, description="Whether it was ordered again, and the picture is the one before."
    )
    seconds: float | None = Field(default=None, description="A frame of its chunk took, on average.")
    finished: float | None = Field(default=None, description="When its chunk was done, in seconds since the epoch.")
    timings: dict[str, float] = Field(default={}, description="Seconds of the whole chunk by stage; stages overlap.")
    bad: str | None = Field(default=None, description="Why it could not be painted.")
    notes: list[str] = Field(default=[], description="What its painter says of it.")
    has_picture: bool
    has_source: bool
    picture: str | None = Field(default=None, description="Where its picture is.")
    sentences: list[str] = Field(description="What became of it, for people.")


@router.get("/jobs/{job}/frames/{number}", operation_id="get_frame")
def frame(plan: APlan, number: ANumber, farm: AFarm, viewer: Viewer) -> FrameFacts:
    """What became of a frame: who painted it, when, and how long it took; or why it is not painted yet."""
    at, media = frame_of(plan, number), farm.media
    told = explain_frame(plan.job, number, media.truth, farm.readable, absence=farm.absence())
    facts = FrameFacts(
        number=number,
        index=at,
        name=plan.frame_name(at),
        chunk=plan.chunk_of(at),
        state=_state(plan, at, media.walls.look(plan.job)),
        has_picture=False,
        has_source=sources.beside(plan, at, None, None) is not None,
        sentences=list(told.sentences),
    )
    receipt = media.truth.newest_receipt(plan.job, facts.chunk)
    return facts if receipt is None else facts.model_copy(update=_rendered(plan, at, receipt, farm))


@router.get(
    "/jobs/{job}/frames/{number}/picture", operation_id="get_picture", response_class=Response, responses=PICTURES
)
async def picture(
    plan: APlan,
    number: ANumber,
    media: AMedia,
    viewer: Viewer,
    request: Request,
    width: Width = None,
    version: Version = None,
) -> Response:
    """A frame's picture: without `width` the file as it is kept, a PNG; with it a small WebP.

    Of a frame that was ordered again it is the one before until the new one is there.
    """
    at = frame_of(plan, number)
    receipt = await run_in_threadpool(media.truth.newest_receipt, plan.job, plan.chunk_of(at))
    if receipt is None or at - receipt.start >= len(receipt.frames):
        raise Refusal(HTTPStatus.NOT_FOUND, f"{plan.noun(at)} {number} of {plan.job} is not painted yet")
    blob, wide, store = receipt.frames[at - receipt.start], thumbs.width_of(width), media.truth.store

    def make() -> Picture:
        return thumbs.kept(store, blob) if wide is None else thumbs.thumbnail(store, blob, wide, media.cache)

    return await _shown(request, media, make, digest=blob.sha256, wide=wide, version=version)


@router.get(
    "/jobs/{job}/frames/{number}/source", operation_id="get_source", response_class=Response, responses=PICTURES
)
async def source(
    plan: APlan,
    number: ANumber,
    media: AMedia,
    viewer: Viewer,
    request: Request,
    width: Width = None,
    version: Version = None,
) -> Response:
    """The picture that a frame was painted after: the film's own frame, the photograph."""
    at = frame_of(plan, number)
    beside = sources.beside(plan, at, media.truth.store, media.config.store_options())
    if beside is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"{plan.noun(at)} {number} of {plan.job} was painted after no picture")
    wide = thumbs.width_of(width)

    def make() -> Picture:
        return thumbs.source_picture(beside, wide, media.cache)

    return await _shown(request, media, make, digest=beside.key, wide=wide, version=version)


async def _shown(
    request: Request, media: Media, make: Any, *, digest: str, wide: int | None, version: str | None
) -> Response:
    """A picture, made once for all who want it at the same time."""
    tag = f"{version_of(digest)}-{wide or 'whole'}"
    headers = caching(tag, version, digest)
    if is_known_to(request, tag):
        return unchanged(headers)
    try:
        found: Picture = await media.pictures.once((digest, wide), make, has_left=request.is_disconnected)
    except NobodyWaits:
        return Response(status_code=499)
    return Response(found.data, media_type=found.media_type, headers=headers)


def _state(plan: Plan, at: int, wall: Wall) -> str:
    chunk = plan.chunk_of(at)
    letter = wall.states[chunk]
    if letter == BAD:
        return STATES[BAD if plan.number(at) in wall.bad else DONE]
    if letter == RENDERING and at - plan.chunks[chunk][0] < wall.running.get(chunk, 0):
        return "painted"
    return STATES[letter]


def _rendered(plan: Plan, at: int, receipt: Receipt, farm: Farm) -> dict[str, Any]:
    """What a receipt tells of a frame."""
    place, wall_s = at - receipt.start, receipt.timings.get("wall_s")
    has_picture = place < len(receipt.frames)
    return {
        "worker": receipt.worker,
        "device": receipt.device,
        "generation": receipt.generation,
        "is_outdated": farm.media.truth.is_outdated(receipt),
        "seconds": wall_s / (receipt.stop - receipt.start) if wall_s else None,
        "finished": seconds(receipt.finished_at) if receipt.finished_at else None,
        "timings": dict(sorted(receipt.timings.items(), key=lambda item: -item[1])),
        "bad": receipt.bad.get(at),
        "notes": list(receipt.remarks.get(at, ())),
        "has_picture": has_picture,
        "picture": address_of(plan.job, plan.number(at), receipt.frames[place].sha256) if has_picture else None,
    }
