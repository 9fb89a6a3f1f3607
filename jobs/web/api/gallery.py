"""The gallery, and how more is made of what is liked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from jobs.web.api.looking import AMedia, ANumber, APlan, address_of, frame_of
from jobs.web.entry import Viewer
from jobs.web.facts import KINDS, exhibited
from jobs.web.gallery import Hung, Wanted
from jobs.web.more import more
from jobs.web.paging import Cursor, Limit, Page, cursor_of, place_of
from jobs.web.problems import Refusal

router = APIRouter(tags=["gallery"])

_THUMB_PX = 320

Kind = Literal["portraits", "diffusion", "interiors", "posters", "artwork", "projection"]


class GalleryPicture(BaseModel):
    """A picture that was made for its own sake."""

    job: str
    number: int = Field(description="Its number in the job, as people count.")
    kind: str
    title: str
    facts: dict[str, str] = Field(description="What it is made of: model, seed, template, language …")
    thumb: str = Field(description="Where a small WebP of it is.")
    picture: str = Field(description="Where the whole of it is.")
    width: int | None = Field(description="Pixels, where they are known before it is opened.")
    height: int | None
    at: float | None = Field(description="When it was made, in seconds since the epoch.")


class MoreLikeIt(BaseModel):
    """A job file to be changed and submitted."""

    file: str = Field(description="YAML.")


@router.get("/gallery", operation_id="list_gallery")
def gallery(
    media: AMedia,
    viewer: Viewer,
    kind: Annotated[Kind | None, Query(description="Only pictures of such jobs.")] = None,
    q: Annotated[
        str, Query(max_length=200, description="Words that must all be told of it: a seed, an audience, a language.")
    ] = "",
    model: Annotated[str, Query(max_length=200, description="Part of its model's, style's or template's name.")] = "",
    limit: Limit = 60,
    cursor: Cursor = None,
) -> Page[GalleryPicture]:
    """Portraits, rooms, posters and artworks, those of the newest jobs first. A page may have few: `next` goes on."""
    place = place_of(cursor, float, str, int)
    wanted = Wanted(kind or "", tuple(q.casefold().split()), model.casefold().strip())
    room = media.gallery.room(wanted, limit=limit, place=None if place is None else (place[0], place[1], place[2]))
    return Page(items=[_shown(hung) for hung in room.pictures], next=cursor_of(*room.next) if room.next else None)


@router.get("/gallery/{job}/{number}/more", operation_id="get_more_like")
def more_like(plan: APlan, number: ANumber, media: AMedia, viewer: Viewer) -> MoreLikeIt:
    """A job file that makes more like a picture of the gallery. Nothing is submitted."""
    frame = frame_of(plan, number)
    if plan.kind not in KINDS or frame not in exhibited(plan):
        raise Refusal(HTTPStatus.NOT_FOUND, f"{plan.noun(frame)} {number} of {plan.job} is no picture of the gallery")
    hung = media.gallery.picture(plan, frame)
    if hung is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"{plan.noun(frame)} {number} of {plan.job} is not painted")
    return MoreLikeIt(file=more(hung, media.truth, media.config))


def _shown(hung: Hung) -> GalleryPicture:
    plan, number = hung.plan, hung.plan.number(hung.frame)
    return GalleryPicture(
        job=plan.job,
        number=number,
        kind=plan.kind,
        title=hung.told.title,
        facts=hung.told.facts,
        thumb=address_of(plan.job, number, hung.blob.sha256, width=_THUMB_PX),
        picture=address_of(plan.job, number, hung.blob.sha256),
        width=hung.told.width,
        height=hung.told.height,
        at=hung.made,
    )
