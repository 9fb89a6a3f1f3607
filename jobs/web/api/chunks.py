"""The chunks of a job, their receipts and what happened to them; and the shots of a film."""

from __future__ import annotations

from http import HTTPStatus
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field, ValidationError

from jobs.ledger import Ledger
from jobs.logs.line import LogLine as Line
from jobs.records import Plan, Receipt
from jobs.status import seconds
from jobs.web.api.frames import STATES
from jobs.web.api.looking import JSON, AMedia, APlan, begin_of
from jobs.web.api.needs import AFarm
from jobs.web.entry import Viewer
from jobs.web.media import Media
from jobs.web.paging import Cursor, Limit, Page, cursor_of
from jobs.web.problems import Refusal
from jobs.web.walls import Wall
from pipeline.film.brief import FilmBrief
from pipeline.stream import spread

router = APIRouter(tags=["frames"])

_THREADS = 8
_MOST_CHUNKS = 10_000_000
_MOST_LINES = 2000

AChunk = Annotated[int, Path(ge=0, le=_MOST_CHUNKS, description="Counted from 0.")]


class Chunk(BaseModel):
    """A chunk of a job."""

    chunk: int
    start: int = Field(description="The number of its first frame, as people count.")
    stop: int = Field(description="The number of its last frame.")
    frames: int
    state: str = Field(description=f"One of {', '.join(STATES.values())}.")
    worker: str | None = None
    device: str | None = None
    generation: int | None = Field(default=None, description="That it was rendered in.")
    painted: int | None = Field(default=None, description="Frames that are painted so far, while a worker renders it.")
    failures: int = Field(default=0, description="How often it failed or killed its worker since it was done last.")
    attempts: int = Field(default=1, description="What its history tells, and the one that counts.")
    wall_s: float | None = Field(default=None, description="Seconds that it took.")
    frames_per_s: float | None = None
    finished_at: float | None = Field(default=None, description="Seconds since the epoch.")
    recalled: int = Field(default=0, description="Frames that were found and not painted.")
    history: list[str] = Field(default=[], description="What happened to earlier attempts.")


class LogLine(BaseModel):
    """Something that happened to a job."""

    at: float = Field(description="Seconds since the epoch.")
    level: str = Field(description="info, warning or error.")
    chunk: int | str | None = Field(description="`stitch` while deliverables are made; null: of the job as a whole.")
    worker: str
    message: str


class Shot(BaseModel):
    """A shot of a film."""

    shot: int = Field(description="Counted from 1.")
    start: int = Field(description="The number of its first frame.")
    stop: int = Field(description="The number of its last frame.")
    style: str
    thumb: str = Field(description="Where a small picture of its first frame is, once that is painted.")


@router.get("/jobs/{job}/chunks", operation_id="list_chunks")
def chunks(
    plan: APlan,
    farm: AFarm,
    media: AMedia,
    viewer: Viewer,
    state: Annotated[str | None, Query(description=f"One of {', '.join(STATES.values())}.")] = None,
    first: Annotated[int, Query(ge=0, le=_MOST_CHUNKS, description="Only from this chunk on.")] = 0,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Chunk]:
    """The chunks of a job in order, a page of them: who rendered each, when, and how long it took."""
    if state is not None and state not in STATES.values():
        known = ", ".join(STATES.values())
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"state: {state[:40]!r} is none; a chunk is one of {known}")
    wall = media.walls.look(plan.job)
    begin = max(first, begin_of(cursor))
    wanted = [n for n in range(begin, len(plan.chunks)) if state is None or STATES[wall.states[n]] == state]
    some, more = wanted[:limit], wanted[limit:]
    receipts = spread(lambda n: media.truth.newest_receipt(plan.job, n), some, threads=_THREADS, name="receipts")
    workers = _workers(farm.readable, plan.job)
    items = [_chunk(plan, n, wall, receipt, workers, media) for n, receipt in zip(some, receipts, strict=True)]
    return Page(items=items, next=cursor_of(more[0]) if more else None)


@router.get(
    "/jobs/{job}/chunks/{chunk}/receipt",
    operation_id="get_receipt",
    responses={200: {"content": {JSON: {}}}},
    response_class=Response,
)
def receipt(plan: APlan, chunk: AChunk, media: AMedia, viewer: Viewer) -> Response:
    """The receipt that counts of a chunk, or the one from before it was ordered again."""
    found = media.truth.newest_receipt(plan.job, chunk) if chunk < len(plan.chunks) else None
    if found is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"chunk {chunk} of {plan.job}, which has {_count(plan)}, has no receipt")
    return Response(found.model_dump_json(), media_type=JSON)


@router.get("/jobs/{job}/log", operation_id="list_log")
def log(
    plan: APlan,
    farm: AFarm,
    viewer: Viewer,
    chunk: Annotated[int | None, Query(ge=0, le=_MOST_CHUNKS, description="Only what happened to this chunk.")] = None,
    after: Annotated[float, Query(ge=0, le=1e12, description="Only what happened later: seconds since the epoch.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST_LINES, description="Most lines that are wanted: the newest.")] = 500,
) -> Page[LogLine]:
    """What happened to a job and its chunks, and what workers said of it, oldest first. Redis remembers a day of it."""
    ledger = farm.readable
    if ledger is None:
        return Page(items=[])
    lines = [*map(_happened, ledger.events(plan.job)), *map(_said, ledger.log_lines(plan.job))]
    wanted = (line for line in lines if line.at > after and (chunk is None or line.chunk == chunk))
    return Page(items=sorted(wanted, key=lambda line: line.at)[-limit:])


@router.get("/jobs/{job}/shots", operation_id="list_shots")
def shots(plan: APlan, viewer: Viewer) -> Page[Shot]:
    """The shots of a film with their styles, if something depends on them; of other jobs none."""
    if plan.kind != "film":
        return Page(items=[])
    try:
        brief = FilmBrief.model_validate(plan.inputs)
    except ValidationError:
        # Another version of Atelier planned it.
        return Page(items=[])
    edges = pairwise([*brief.shots, plan.frames])
    return Page(items=[_shot(plan, brief, n, start, stop) for n, (start, stop) in enumerate(edges, start=1)])


def _chunk(plan: Plan, chunk: int, wall: Wall, receipt: Receipt | None, workers: dict[int, str], media: Media) -> Chunk:
    start, stop = plan.chunks[chunk]
    row = Chunk(
        chunk=chunk,
        start=plan.number(start),
        stop=plan.number(stop - 1),
        frames=stop - start,
        state=STATES[wall.states[chunk]],
        failures=wall.failures.get(chunk, 0),
        attempts=1 + wall.failures.get(chunk, 0),
        painted=wall.running.get(chunk),
    )
    if chunk in workers:
        return row.model_copy(update={"worker": workers[chunk]})
    if receipt is None or media.truth.is_outdated(receipt):
        return row
    wall_s = receipt.timings.get("wall_s")
    return row.model_copy(
        update={
            "worker": receipt.worker,
            "device": receipt.device,
            "generation": receipt.generation,
            "attempts": 1 + len(receipt.history),
            "wall_s": wall_s,
            "frames_per_s": (stop - start) / wall_s if wall_s else None,
            "finished_at": seconds(receipt.finished_at) if receipt.finished_at else None,
            "recalled": receipt.recalled,
            "history": list(receipt.history),
        }
    )


def _workers(ledger: Ledger | None, job: str) -> dict[int, str]:
    """Who renders which chunk now."""
    snapshot = ledger.snapshot(job) if ledger is not None else None
    running = snapshot.running if snapshot is not None else ()
    return {item.chunk: item.worker for item in running if isinstance(item.chunk, int)}


def _happened(event: dict[str, Any]) -> LogLine:
    what = str(event["what"])
    return LogLine(at=event["at"], level=_level(what), chunk=event["chunk"], worker=str(event["worker"]), message=what)


def _said(line: Line) -> LogLine:
    return LogLine(at=line.at, level=line.level.lower(), chunk=line.chunk, worker=line.worker, message=line.text)


def _level(what: str) -> str:
    if any(word in what for word in ("failed", "died", "damaged", "withdr")):
        return "error"
    return "warning" if any(word in what for word in ("lost", "given back", "paused", "hung", "again")) else "info"


def _shot(plan: Plan, brief: FilmBrief, shot: int, start: int, stop: int) -> Shot:
    span = brief.span_of(start)
    return Shot(
        shot=shot,
        start=plan.number(start),
        stop=plan.number(stop - 1),
        style=brief.looks[span.look].name,
        thumb=f"/api/v1/jobs/{plan.job}/frames/{plan.number(start)}/picture?width=320",
    )


def _count(plan: Plan) -> str:
    return f"{len(plan.chunks):,} chunks, counted from 0" if len(plan.chunks) != 1 else "one chunk, 0"
