"""The growing film of a job: what is painted so far."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from jobs.web.api.looking import AMedia, APlan, add_file, is_known_to, unchanged
from jobs.web.entry import Viewer
from jobs.web.preview import Made, Outline
from jobs.web.problems import Refusal
from jobs.web.ranges import answer, disposition

router = APIRouter(tags=["frames"])

_WAITS_S = 50.0
"""For a film of which there is no older one."""
_PATIENCE_S = 2.0
"""For a newer one than there is."""

_FILM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"video/mp4": {}}, "description": "The film."},
    206: {"content": {"video/mp4": {}}, "description": "The part of it that Range names."},
    304: {"description": "It is the one that If-None-Match names."},
}


class Preview(BaseModel):
    """What a job's film shows now."""

    version: int = Field(description="The wall's that it is of.")
    href: str | None = Field(description="Where it is; null while nothing is painted.")
    frames: int = Field(description="How many it shows.")
    of: int = Field(description="How many it will show when all are painted.")
    step: int = Field(description="It shows one frame in so many; 1 shows all.")
    rate: float = Field(description="Frames a second.")
    seconds: float = Field(description="How long it is.")
    is_whole: bool = Field(description="Whether all is painted.")


@router.get("/jobs/{job}/preview", operation_id="get_preview")
def preview(plan: APlan, media: AMedia, viewer: Viewer) -> Preview:
    """What the film of a job's frames shows now: at most 20 seconds, of long films every nth frame."""
    outline = media.previews.outline(plan)
    address = f"/api/v1/jobs/{quote(plan.job)}/preview.mp4?version={outline.version}"
    return Preview(
        version=outline.version,
        href=address if outline.painted else None,
        frames=len(outline.painted),
        of=len(outline.grid),
        step=outline.step,
        rate=float(outline.rate),
        seconds=outline.seconds,
        is_whole=len(outline.painted) == len(outline.grid),
    )


async def film(
    plan: APlan,
    media: AMedia,
    viewer: Viewer,
    request: Request,
    version: Annotated[str, Query(max_length=64, description="Browsers take another one for another film.")] = "",
) -> Response:
    """What is painted so far as a small silent film, H.264, in order and without gaps.

    It may be some seconds older than the wall. The headers `Atelier-Frames`, `Atelier-Of` and `Atelier-Step` say how
    many frames it shows, of how many, and one in how many those are.
    """
    older = await run_in_threadpool(media.previews.newest, plan)
    made = await media.films.within(
        _WAITS_S if older is None else _PATIENCE_S, plan.job, lambda: media.previews.make(plan, media.cache)
    )
    found: Made | None = made or older
    if found is None:
        raise Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"the film of {plan.job} is being made; ask again in a moment",
            {"Retry-After": "5"},
        )
    headers = _told(found.outline) | {"ETag": f'"{found.tag}"', "Cache-Control": "private, no-cache"}
    if is_known_to(request, found.tag):
        return unchanged(headers)
    headers["Content-Disposition"] = disposition(f"{plan.stem}-preview.mp4", is_download=False)
    reader = await run_in_threadpool(found.path.open, "rb")
    size = found.path.stat().st_size
    return answer(request, reader, size=size, tag=found.tag, media_type="video/mp4", headers=headers)


add_file(router, "/jobs/{job}/preview.mp4", film, operation_id="get_preview_film", responses=_FILM)


def _told(outline: Outline) -> dict[str, str]:
    return {
        "Atelier-Frames": str(len(outline.painted)),
        "Atelier-Of": str(len(outline.grid)),
        "Atelier-Step": str(outline.step),
    }
