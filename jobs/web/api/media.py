"""What a finished job delivered: to be listed, played and downloaded."""

from __future__ import annotations

import os
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from jobs.records import Deliverable as Row
from jobs.records import Plan, Result
from jobs.web.api.looking import AMedia, APlan, Version, add_file, begin_of, caching, is_known_to, unchanged
from jobs.web.delivered import Delivered, File, is_shown, key_of, media_type, playable
from jobs.web.entry import Viewer
from jobs.web.media import Media
from jobs.web.paging import Cursor, Limit, Page, cursor_of
from jobs.web.problems import Refusal
from jobs.web.ranges import answer, disposition
from pipeline.errors import ObjectNotFound
from pipeline.storage import open_store

router = APIRouter(tags=["deliverables"])

_RANGES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file."},
    206: {"content": {"application/octet-stream": {}}, "description": "The part of it that Range names."},
    304: {"description": "It is the one that If-None-Match names."},
}


class Deliverable(BaseModel):
    """One finished thing."""

    name: str = Field(description="What it was asked for as: h264, png, contact-sheet.")
    url: str = Field(description="Where it lies.")
    files: int
    size: int = Field(description="Bytes of all its files.")
    notes: list[str]
    playable: str | None = Field(description="video, audio, or picture: what browsers can show of it.")
    href: str = Field(description="Where it is served; of a folder, where its files are listed.")
    download: str | None = Field(description="Where it is served to be saved; of a folder none.")
    outdated: bool = Field(
        description="Whether the job was ordered again since, and is not finished: this is the one before."
    )


class DeliveredFile(BaseModel):
    """One file of a folder."""

    name: str
    path: str = Field(description="Below the output.")
    size: int
    sha256: str
    playable: str | None
    href: str
    download: str


@router.get("/jobs/{job}/deliverables", operation_id="list_deliverables")
def deliverables(plan: APlan, media: AMedia, viewer: Viewer) -> Page[Deliverable]:
    """What a finished job delivered; of one that is redone, what it delivered before."""
    found = media.deliveries.of(plan)
    return Page(items=[_listed(row, plan, found) for row in found.result.deliverables] if found else [])


@router.get("/jobs/{job}/deliverables/{name}/files", operation_id="list_deliverable_files")
def files(
    plan: APlan,
    name: Annotated[str, Path(max_length=200, description="A deliverable that is a folder: png.")],
    media: AMedia,
    viewer: Viewer,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DeliveredFile]:
    """The files of a deliverable in the order of their names, a page of them."""
    found = _finished(plan, media)
    row = next((row for row in found.result.deliverables if row.name == name), None)
    if row is None:
        known = ", ".join(row.name for row in found.result.deliverables)
        raise Refusal(HTTPStatus.NOT_FOUND, f"{plan.job} delivered no {name[:80]!r}; it delivered {known}")
    every, begin = found.of(row, plan), begin_of(cursor)
    more = begin + limit
    items = [_file(plan.job, row.name, file) for file in every[begin:more]]
    return Page(items=items, next=cursor_of(more) if more < len(every) else None)


def file(
    plan: APlan,
    path: Annotated[str, Path(max_length=1024, description="A delivered file, below the output.")],
    media: AMedia,
    viewer: Viewer,
    request: Request,
    download: Annotated[bool, Query(description="Whether it is to be saved, and not shown.")] = False,
    version: Version = None,
) -> Response:
    """A delivered file, or a part of it."""
    delivered = _finished(plan, media)
    found = delivered.files.get(path)
    if found is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"{plan.job} delivered no {path[:200]!r}")
    reader = open_store(plan.output, media.config.store_options()).open(found.name)
    size = reader.seek(0, os.SEEK_END)
    if found.size not in (-1, size):
        reader.close()
        raise ObjectNotFound(
            f"{found.name} has {size:,} bytes, and {plan.job} delivered {found.size:,}; `atelier verify {plan.job}`"
        )
    tag = found.sha256 or _tag(delivered.result, size)
    if delivered.is_outdated:
        # The redo may be about to replace it: nobody is to keep these bytes for those that the address names.
        tag, version = f"{tag}-outdated", None
    headers = caching(tag, version if found.sha256 else None, tag)
    if is_known_to(request, tag):
        reader.close()
        return unchanged(headers)
    is_saved = download or not is_shown(found.name)
    headers["Content-Disposition"] = disposition(PurePosixPath(found.name).name, is_download=is_saved)
    return answer(request, reader, size=size, tag=tag, media_type=media_type(found.name), headers=headers)


add_file(router, "/jobs/{job}/files/{path:path}", file, operation_id="get_file", responses=_RANGES)


def _finished(plan: Plan, media: Media) -> Delivered:
    found = media.deliveries.of(plan)
    if found is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"{plan.job} is not finished, so it has delivered nothing yet")
    return found


def _tag(result: Result, size: int) -> str:
    """What stands for the bytes of the certificate or the result: a redo or a new job may write as many others."""
    return f"{result.job}-{result.generation}-{result.finished_at}-{result.certificate[:16]}-{size}"


def _listed(row: Row, plan: Plan, found: Delivered) -> Deliverable:
    key = key_of(row, plan)
    is_folder = key.endswith("/")
    served = f"/api/v1/jobs/{quote(plan.job)}"
    href = (
        f"{served}/deliverables/{quote(row.name, safe='')}/files" if is_folder else _address(plan.job, key, row.sha256)
    )
    return Deliverable(
        name=row.name,
        url=row.url,
        files=row.files,
        size=row.size,
        notes=list(row.notes),
        playable=None if is_folder else playable(row.name, key),
        href=href,
        download=None if is_folder else f"{href}&download=true",
        outdated=found.is_outdated,
    )


def _file(job: str, label: str, file: File) -> DeliveredFile:
    href = _address(job, file.name, file.sha256)
    return DeliveredFile(
        name=PurePosixPath(file.name).name,
        path=file.name,
        size=file.size,
        sha256=file.sha256,
        playable=playable(label, file.name),
        href=href,
        download=f"{href}&download=true",
    )


def _address(job: str, name: str, sha256: str) -> str:
    return f"/api/v1/jobs/{quote(job)}/files/{quote(name)}?v={sha256[:16]}"
