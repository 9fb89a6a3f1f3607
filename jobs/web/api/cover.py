"""The picture that stands for a job in lists: the middle one of what is painted."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from jobs.records import Plan
from jobs.web.api.looking import AMedia, APlan, address_of
from jobs.web.entry import Viewer
from jobs.web.media import Media
from jobs.web.problems import Refusal
from jobs.web.walls import BAD, DONE, REDONE

router = APIRouter(tags=["frames"])

_WIDTH_PX = 160


@router.get(
    "/jobs/{job}/cover",
    operation_id="get_cover",
    status_code=HTTPStatus.TEMPORARY_REDIRECT,
    response_class=Response,
    responses={307: {"description": "Where a small WebP of it is, which a browser may keep."}},
)
def cover(plan: APlan, media: AMedia, viewer: Viewer) -> Response:
    """Leads to a picture that shows what a job is about. It changes while more is painted."""
    address = _address(plan, media)
    if address is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"nothing of {plan.job} is painted yet")
    return RedirectResponse(address, HTTPStatus.TEMPORARY_REDIRECT, {"Cache-Control": "private, no-cache"})


def _address(plan: Plan, media: Media) -> str | None:
    states = media.walls.look(plan.job).states
    painted = [chunk for chunk, letter in enumerate(states) if letter in (DONE, REDONE, BAD)]
    receipt = media.truth.newest_receipt(plan.job, painted[len(painted) // 2]) if painted else None
    if receipt is None or not receipt.frames:
        return None
    # A film's first frame is black more often than not.
    place = len(receipt.frames) // 2
    number = plan.number(receipt.start + place)
    return address_of(plan.job, number, receipt.frames[place].sha256, width=_WIDTH_PX)
