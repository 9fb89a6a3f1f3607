"""Every error as application/problem+json (RFC 9457): one sentence that says what, where and what would be right."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from jobs.spec import JobSpecProblems
from jobs.web.methods import methods_of
from jobs.web.shape import Shape
from pipeline.errors import (
    AccessDenied,
    AtelierError,
    ConfigError,
    InputError,
    IntegrityError,
    JobNotFound,
    ObjectNotFound,
    StorageFull,
    TransientError,
    Untimely,
)

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[AtelierError], HTTPStatus], ...] = (
    (JobNotFound, HTTPStatus.NOT_FOUND),
    (ObjectNotFound, HTTPStatus.NOT_FOUND),
    # The deployment's fault, not the caller's.
    (AccessDenied, HTTPStatus.INTERNAL_SERVER_ERROR),
    (ConfigError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (IntegrityError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (StorageFull, HTTPStatus.INSUFFICIENT_STORAGE),
    (TransientError, HTTPStatus.SERVICE_UNAVAILABLE),
    (Untimely, HTTPStatus.CONFLICT),
    (JobSpecProblems, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
)
"""The first that fits counts."""

_RETRY_S = 5


class Place(Shape):
    """One of several things that are wrong."""

    message: str
    line: int | None = None
    """Of the job file, counted from 1."""
    field: str = ""
    """Its path in the job file, or in the request."""


class Problem(Shape):
    """What went wrong, as RFC 9457 has it."""

    title: str
    status: int
    detail: str
    errors: Sequence[Place] = ()


class Refusal(Exception):
    """A request that is not served, and why."""

    def __init__(self, status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


def answer(
    status: HTTPStatus, detail: str, *, errors: Sequence[Place] = (), headers: dict[str, str] | None = None
) -> JSONResponse:
    """The response that tells of a problem."""
    body = Problem(title=status.phrase, status=status, detail=detail, errors=errors)
    return JSONResponse(body.model_dump(), status_code=status, headers=headers, media_type="application/problem+json")


def status_of(error: AtelierError) -> HTTPStatus:
    """The status that an error of ours is told with."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def install(app: FastAPI) -> None:
    """Let the application answer with problems, whatever goes wrong."""
    app.add_exception_handler(AtelierError, _ours)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, lambda request, error: bug())


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "The request is at fault.", "content": {"application/problem+json": {}}},
    "5XX": {"model": Problem, "description": "The farm is at fault.", "content": {"application/problem+json": {}}},
}
"""For OpenAPI: what every route may answer besides."""


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AtelierError)
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s %s: %s", request.method, request.url.path, error)
    retry = {"Retry-After": str(_RETRY_S)} if isinstance(error, TransientError) else None
    places = [_place(line) for line in error.problems] if isinstance(error, JobSpecProblems) else []
    return answer(status, str(error), errors=places, headers=retry)


def _place(line: str) -> Place:
    found = re.fullmatch(r"[^\n]*?:(\d+): (.*)", line, re.DOTALL)
    return Place(message=found[2], line=int(found[1])) if found else Place(message=line)


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return answer(error.status, error.detail, headers=error.headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    places = [
        Place(message=str(detail["msg"]), field=".".join(str(part) for part in detail["loc"]))
        for detail in error.errors()
    ]
    first = f"{places[0].field}: {places[0].message}" if places else "the request is not as documented"
    return answer(HTTPStatus.UNPROCESSABLE_ENTITY, first, errors=places)


def _plain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    path, listed = request.url.path, "/api/v1/openapi.json lists what there is"
    details = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {path}; {listed}",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{path} does not take {request.method}; {listed}",
    }
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED and (allowed := methods_of(path, request.app)):
        headers["Allow"] = ", ".join(allowed)
    return answer(status, details.get(status, str(error.detail)), headers=headers)


def _left(request: Request, error: Exception) -> JSONResponse:
    # Nobody reads this.
    return answer(HTTPStatus.BAD_REQUEST, "the client left before it had sent everything")


def bug() -> JSONResponse:
    """The answer where Atelier is at fault. The error is in the log, with its traceback."""
    # The server closes a connection on which the application raised, so who asks is told.
    said = "a bug in Atelier; the dashboard's log has it"
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, said, headers={"Connection": "close"})
