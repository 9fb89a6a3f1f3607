"""Files that people send, for job files to name."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from jobs.web.api.needs import AFarm
from jobs.web.entry import Operator
from jobs.web.receiving import receive
from jobs.web.shape import Shape

router = APIRouter(tags=["submitting"])

_GB = 1e9
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}},
    }
}


class Upload(Shape):
    """A file that is in the store."""

    url: str
    """What job files call it, as a `source` for instance."""
    size: int
    sha256: str


@router.put("/uploads/{name}", operation_id="upload_file", status_code=HTTPStatus.CREATED, openapi_extra=_BODY)
async def upload_file(
    operator: Operator,
    request: Request,
    farm: AFarm,
    name: Annotated[str, Path(max_length=300, description="What the file is called.", examples=["bay.mp4"])],
) -> Upload:
    """Send a file, as the body. It is in the store whole or not at all, under an address that nobody guesses."""
    length = request.headers.get("content-length")
    made = await receive(
        name,
        request.stream(),
        farm.truth.store,
        most=int(farm.config.web_upload_gb * _GB),
        declared=None if length is None else int(length),
    )
    return Upload(url=made.url, size=made.size, sha256=made.sha256)
