"""Parts of files over HTTP: which part is asked for (RFC 9110, 14), and an answer that holds little of it at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from jobs.web.problems import Refusal

_PIECE = 1 << 20
"""Bytes that are read at a time."""


def part_of(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """The part `[start, stop)` that is asked for; None for all of it. Of several parts all is given.

    Raises: Refusal if the file has no such part.
    """
    asked = request.headers.get("range", "")
    condition = request.headers.get("if-range")
    match = re.fullmatch(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", asked)
    if match is None or not (match[1] or match[2]) or (condition is not None and condition != f'"{tag}"'):
        return None
    if match[1]:
        start, stop = int(match[1]), min(int(match[2]) + 1 if match[2] else size, size)
    else:
        start, stop = max(0, size - int(match[2])), size
    if start >= stop:
        raise Refusal(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            f"the file has {size:,} bytes, and {asked!r} is none of them",
            {"Content-Range": f"bytes */{size}"},
        )
    return start, stop


def answer(
    request: Request, reader: BinaryIO, *, size: int, tag: str, media_type: str, headers: dict[str, str]
) -> Response:
    """The file in `reader`, which is closed, or the part of it that is asked for. Raises: Refusal."""
    try:
        part = part_of(request, size, tag)
        start, stop = part or (0, size)
        if request.method != "HEAD":
            reader.seek(start)
    except BaseException:
        reader.close()
        raise
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    told = {**headers, "Accept-Ranges": "bytes", "Content-Length": str(stop - start)}
    if part is not None:
        told["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    if request.method == "HEAD":
        reader.close()
        return Response(status_code=status, headers=told, media_type=media_type)
    return StreamingResponse(_pieces(reader, stop - start), status_code=status, headers=told, media_type=media_type)


def disposition(name: str, *, is_download: bool) -> str:
    """Whether a browser shows or saves it, and under which name (RFC 6266, with its name as RFC 8187 has it)."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    kind = "attachment" if is_download else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(reader: BinaryIO, left: int) -> Iterator[bytes]:
    with reader:
        while left > 0 and (piece := reader.read(min(_PIECE, left))):
            left -= len(piece)
            yield piece
