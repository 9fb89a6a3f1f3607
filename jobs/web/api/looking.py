"""What the routes share that show a job's frames: which job and frame is meant, and how bytes are answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from jobs.records import Plan
from jobs.web.api.needs import AFarm, AJob
from jobs.web.media import Media
from jobs.web.paging import place_of
from jobs.web.problems import Refusal

_LONGEST_NUMBER = 2**53 - 1
"""Beyond, JavaScript cannot count."""

_SHOWN_OF_DIGEST = 16
"""Characters of a digest in an address: enough to tell one picture from the next."""

ANumber = Annotated[int, Path(ge=0, le=_LONGEST_NUMBER, description="A frame's number, as people count.")]

Version = Annotated[
    str | None,
    Query(alias="v", max_length=64, description="What an answer named: browsers then keep these very bytes."),
]

JSON = "application/json"


def _media(farm: AFarm) -> Media:
    return farm.media


AMedia = Annotated[Media, Depends(_media)]
"""What walls, pictures and films are made with."""


def _plan(farm: AFarm, job: AJob) -> Plan:
    return farm.plan(job)


APlan = Annotated[Plan, Depends(_plan)]
"""The plan of the job in the path. A name that is none is answered with 404."""


def frame_of(plan: Plan, number: int) -> int:
    """The frame, counted from 0, that people know by a number. Raises: Refusal."""
    frame = plan.frame_of(number)
    if frame is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"{plan.job} has {plan.extent}; {number} is not among them")
    return frame


def begin_of(cursor: str | None) -> int:
    """Which row of a list that is counted from 0 a page begins with. Raises: Refusal."""
    place = place_of(cursor, int)
    return max(0, place[0]) if place else 0


def version_of(digest: str) -> str:
    """What stands for a picture's digest in its address."""
    return digest[:_SHOWN_OF_DIGEST]


def address_of(job: str, number: int, digest: str, *, width: int | None = None) -> str:
    """Where a frame's picture is. Another picture has another address, so browsers keep it."""
    size = f"width={width}&" if width else ""
    return f"/api/v1/jobs/{quote(job)}/frames/{number}/picture?{size}v={version_of(digest)}"


def caching(tag: str, version: str | None, digest: str) -> dict[str, str]:
    """The headers that say how long an answer counts: for ever if its address names the bytes, else ask again."""
    is_named = version is not None and version == version_of(digest)
    lasting = "max-age=31536000, immutable" if is_named else "no-cache"
    return {"ETag": f'"{tag}"', "Cache-Control": f"private, {lasting}"}


def is_known_to(request: Request, tag: str) -> bool:
    """Whether who asks has these bytes already (RFC 9110, 13.1.2)."""
    held = request.headers.get("if-none-match", "")
    return held.strip() == "*" or f'"{tag}"' in re.findall(r'"[^"]*"', held)


def add_file(
    router: APIRouter,
    path: str,
    endpoint: Callable[..., Any],
    *,
    operation_id: str,
    responses: dict[int | str, dict[str, Any]],
) -> None:
    """Let an endpoint answer GET and HEAD, as files do. They are one operation, which OpenAPI tells once."""
    router.add_api_route(
        path, endpoint, methods=["GET"], operation_id=operation_id, response_class=Response, responses=responses
    )
    router.add_api_route(path, endpoint, methods=["HEAD"], response_class=Response, include_in_schema=False)


def unchanged(headers: dict[str, str]) -> Response:
    """304."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
