"""Jobs: list, look, why."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from jobs.explain import Explanation
from jobs.kinds import kind_of
from jobs.snapshot import FINAL
from jobs.web.api.needs import AFarm, AJob
from jobs.web.cards import JobCard, State
from jobs.web.entry import Viewer
from jobs.web.farm import Farm
from jobs.web.paging import Cursor, Limit, Page, cursor_of, place_of
from jobs.web.problems import Refusal
from jobs.web.roster import Listed
from jobs.web.shape import Shape
from jobs.web.standing import Job, describe

router = APIRouter(tags=["jobs"])

_LOOKED_S = 2.0
"""A page that takes longer ends with what was found by then."""
_AT_ONCE = 32


class JobFile(Shape):
    """A job file as it was submitted."""

    file: str
    """YAML."""
    values: dict[str, Any]
    """The same with its defaults."""


@router.get("/jobs", operation_id="list_jobs")
def list_jobs(
    farm: AFarm,
    viewer: Viewer,
    state: Annotated[State | Literal["active", ""], Query(description="`active`: what has not ended.")] = "",
    kind: Annotated[str, Query(max_length=50, description="As `film`.")] = "",
    q: Annotated[str, Query(max_length=100, description="Part of a name, style, output or error.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobCard]:
    """The jobs, the last submitted first."""
    place = place_of(cursor, float, str)
    listed = farm.roster.newest_first(fresh=place is None)
    rows = [row for row in _in_state(listed, state, farm) if not kind or kind_of(row.job) == kind]
    if place is not None:
        submitted, name = place
        rows = [row for row in rows if (-row.submitted, row.job) > (-submitted, name)]
    return _page(rows, farm, state=state, q=q.casefold(), limit=limit)


@router.get("/jobs/{job}", operation_id="get_job")
def get_job(job: AJob, farm: AFarm, viewer: Viewer) -> Job:
    """How a job stands, and what it is."""
    return describe(job, farm)


@router.get("/jobs/{job}/file", operation_id="get_job_file")
def get_job_file(job: AJob, farm: AFarm, viewer: Viewer) -> JobFile:
    """The job file, as it was submitted, with its defaults."""
    import yaml

    values = farm.truth.spec(job)
    return JobFile(file=yaml.safe_dump(values, sort_keys=False, allow_unicode=True), values=values)


@router.get("/jobs/{job}/explanation", operation_id="explain_job")
def explain(
    job: AJob,
    farm: AFarm,
    viewer: Viewer,
    frame: Annotated[
        int | None, Query(ge=0, le=9_999_999_999, description="A frame's number, as people know it.")
    ] = None,
) -> Explanation:
    """Why a job waits, failed or was done again; or what became of one of its frames."""
    if frame is not None and farm.plan(job).frame_of(frame) is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"{job} has {farm.plan(job).extent}; {frame} is not among them")
    return farm.atelier.explain(job, frame)


def _in_state(rows: Sequence[Listed], state: str, farm: Farm) -> Sequence[Listed]:
    """Those of the jobs that may be in that state."""
    if not state or state == "damaged":
        return rows
    at_work = set(farm.cards.at_work(farm.readable))
    wants_ended = state in FINAL
    # A job that failed may still be at work: as far as a ledger knows that storage was not told.
    return [row for row in rows if wants_ended or row.job in at_work]


def _page(rows: list[Listed], farm: Farm, *, state: str, q: str, limit: int) -> Page[JobCard]:
    items: list[JobCard] = []
    began, seen = time.monotonic(), 0
    for some in _batches(rows, min(limit, _AT_ONCE)):
        cards = {card.job: card for card in farm.cards.of((row.job for row in some), farm.readable)}
        for row in some:
            seen += 1
            card = cards.get(row.job)
            if card is not None and _fits(card, state, q):
                items.append(card)
            if len(items) == limit:
                break
        if len(items) == limit or time.monotonic() - began > _LOOKED_S:
            break
    last = rows[seen - 1] if 0 < seen < len(rows) else None
    return Page(items=items, next=cursor_of(last.submitted, last.job) if last is not None else None)


def _batches(rows: list[Listed], size: int) -> Iterator[list[Listed]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some


def _fits(card: JobCard, state: str, q: str) -> bool:
    if state == "active":
        if card.state in FINAL:
            return False
    elif state and card.state != state:
        return False
    return not q or any(q in text.casefold() for text in (card.job, card.style, card.output, card.error))
