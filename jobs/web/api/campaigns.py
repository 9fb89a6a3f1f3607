"""Campaigns: job files that are made again and again, on schedule."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from jobs.campaigns.book import Book
from jobs.campaigns.enlist import enlist
from jobs.campaigns.order import order
from jobs.campaigns.records import Campaign as Record
from jobs.campaigns.standing import outcome
from jobs.web.api.needs import AFarm
from jobs.web.api.submit import LONGEST
from jobs.web.borders import held, sent
from jobs.web.entry import Operator, Viewer
from jobs.web.farm import Farm
from jobs.web.paging import Cursor, Limit, Page, cursor_of, place_of
from jobs.web.planning import PLANNING
from jobs.web.problems import Refusal
from jobs.web.shape import Shape
from pipeline.errors import InputError

router = APIRouter(tags=["campaigns"])

_NEXT = 5
_LAST = 5
_HISTORY = 50


class Firing(Shape):
    """A run of a campaign."""

    at: float
    """When it was for, in seconds since the epoch, as all times here."""
    ordered: bool
    """Whether people ordered it, beside the schedule."""
    job: str
    """Empty if it has none."""
    state: str
    """Its job's; of a run without one, `being planned`, `put off` or `failed`."""
    why: str
    """Why it failed, or is put off."""


class Campaign(Shape):
    """A campaign."""

    name: str
    kind: str
    state: Literal["on", "paused", "over"]
    """`over`: no time of it is to come."""
    schedule: str
    """In words."""
    cron: str
    zone: str
    """The time zone that its times are of."""
    next: list[float]
    """When it fires next."""
    last: list[Firing]
    """Its last runs, the last one first."""


class WholeCampaign(Campaign):
    """A campaign with what it is made of, and more of its history."""

    file: str
    """The job file."""


class NewCampaign(Shape):
    """A campaign to begin."""

    file: Annotated[str, Field(max_length=LONGEST)]
    """The job file, YAML with a `schedule`."""
    name: Annotated[str, Field(max_length=63, pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$", examples=["autumn-sale"])]


class Enlisted(Campaign):
    """A campaign that was just begun."""

    notes: list[str]
    """What its user should know."""


class Fired(Shape):
    """The job of a run that was ordered."""

    job: str


def _found(farm: AFarm, name: Annotated[str, Path(max_length=100)]) -> Record:
    book = Book(farm.truth)
    try:
        return book.campaign(name)
    except InputError as error:
        raise Refusal(HTTPStatus.NOT_FOUND, str(error)) from error


ACampaign = Annotated[Record, Depends(_found)]
"""The campaign in the path. A name that is none is answered with 404."""


@router.get("/campaigns", operation_id="list_campaigns")
def list_campaigns(farm: AFarm, viewer: Viewer, limit: Limit = 50, cursor: Cursor = None) -> Page[Campaign]:
    """The campaigns, by name: when they fire next, and what became of their last runs."""
    place = place_of(cursor, str)
    rows = [campaign for campaign in Book(farm.truth).campaigns() if place is None or campaign.name > place[0]]
    items = [Campaign.model_validate(_told(campaign, farm, _LAST)) for campaign in rows[:limit]]
    return Page(items=items, next=cursor_of(rows[limit - 1].name) if len(rows) > limit else None)


@router.post("/campaigns", operation_id="add_campaign", status_code=HTTPStatus.CREATED)
def add_campaign(operator: Operator, wanted: NewCampaign, farm: AFarm, response: Response) -> Enlisted:
    """Begin a campaign: from now on, the job file is made at the times of its `schedule`."""
    with PLANNING.turn(), held(farm.config, farm.truth.store.url):
        made = enlist(sent(wanted.file, farm.config), wanted.name, Book(farm.truth), farm.config, _now())
    response.headers["Location"] = f"/api/v1/campaigns/{made.campaign.name}"
    return Enlisted.model_validate(_told(made.campaign, farm, _LAST) | {"notes": list(made.notes)})


@router.get("/campaigns/{name}", operation_id="get_campaign")
def get_campaign(campaign: ACampaign, farm: AFarm, viewer: Viewer) -> WholeCampaign:
    """A campaign, its job file, and its last fifty runs."""
    return WholeCampaign.model_validate(_told(campaign, farm, _HISTORY) | {"file": campaign.text})


@router.delete("/campaigns/{name}", operation_id="remove_campaign", status_code=HTTPStatus.NO_CONTENT)
def remove_campaign(operator: Operator, campaign: ACampaign, farm: AFarm) -> None:
    """End a campaign. The jobs that it made stay, and go on."""
    Book(farm.truth).remove(campaign.name)


@router.post("/campaigns/{name}/pause", operation_id="pause_campaign")
def pause_campaign(operator: Operator, campaign: ACampaign, farm: AFarm) -> Campaign:
    """Fire nothing of a campaign until it is resumed. What is missed meanwhile is not caught up."""
    return Campaign.model_validate(_told(Book(farm.truth).pause(campaign.name), farm, _LAST))


@router.post("/campaigns/{name}/resume", operation_id="resume_campaign")
def resume_campaign(operator: Operator, campaign: ACampaign, farm: AFarm) -> Campaign:
    """Let a paused campaign go on, from now."""
    return Campaign.model_validate(_told(Book(farm.truth).resume(campaign.name, _now()), farm, _LAST))


@router.post("/campaigns/{name}/run-now", operation_id="run_campaign", status_code=HTTPStatus.CREATED)
def run_campaign(operator: Operator, campaign: ACampaign, farm: AFarm) -> Fired:
    """Fire a campaign at once, beside its schedule."""
    with PLANNING.turn():
        return Fired(job=order(campaign.name, farm.session, _now()))


def _told(campaign: Record, farm: Farm, runs: int) -> dict[str, object]:
    now, timing, book = _now(), campaign.timing, Book(farm.truth)
    coming = [] if campaign.is_paused else list(islice(timing.timetable.after(now), _NEXT))
    return {
        "name": campaign.name,
        "kind": campaign.kind,
        "state": "paused" if campaign.is_paused else "on" if coming else "over",
        "schedule": timing.timetable.cron.said,
        "cron": timing.cron,
        "zone": timing.timezone,
        "next": [time.timestamp() for time in coming],
        "last": [
            {**last.__dict__, "at": last.at.timestamp()}
            for run in islice(book.latest(campaign, now), runs)
            for last in [outcome(run, campaign, book, farm.truth, farm.readable)]
        ],
    }


def _now() -> datetime:
    return datetime.now(UTC)
