"""Job files: checked, and made into jobs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError

from jobs.client import Atelier
from jobs.draft import Draft
from jobs.kinds import noun
from jobs.records import Plan
from jobs.web.api.events import topic_of
from jobs.web.api.needs import AFarm, AHub
from jobs.web.borders import held, sent
from jobs.web.entry import Operator
from jobs.web.farm import Farm
from jobs.web.planning import PLANNING
from jobs.web.problems import Refusal
from jobs.web.shape import Shape
from pipeline.errors import AccessDenied, ConfigError

router = APIRouter(tags=["submitting"])

_YAML = ("application/yaml", "application/x-yaml", "text/yaml")
LONGEST = 256_000
"""Characters of a job file that came over HTTP: each costs time that others wait for."""

_EXAMPLE = "kind: film\nsource: s3://films/bay.mp4\nstyle: great-wave\noutput: s3://films/painted/\n"


class File(Shape):
    """A job file to check."""

    file: Annotated[str, Field(max_length=LONGEST, examples=[_EXAMPLE])]
    """YAML; long tables are uploaded."""


class Order(File):
    """A job file to make."""

    token: Annotated[str, Field(max_length=200)] = ""
    """Makes another job of the same file: a retry keeps its token."""
    again: bool = False
    """Make another job of the same file, each time."""


class Accepted(Shape):
    """The job that became of a job file."""

    job: str
    created: bool
    """False if the same file was submitted before: this is that job."""


class Check(Shape):
    """What a job file would make."""

    job: str
    """The job that it would be."""
    kind: str
    noun: str
    frames: int
    extent: str
    """Their numbers, as people write them."""
    chunks: int
    rate: str | None
    """Frames a second of its film."""
    priority: int
    deliver: list[str]
    output: str
    style: str
    models: list[str]
    notes: list[str]
    """What its user should know."""


async def _order(request: Request) -> Order:
    """The order in the body: JSON, or the job file itself."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _YAML:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is no job file: it is not text in UTF-8") from None
        return _made(lambda: Order(file=text))
    if kind != "application/json":
        right = f"send application/json, or the job file itself as {_YAML[0]}"
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body is {kind or 'of no type'}; {right}")
    return _made(lambda: Order.model_validate_json(body))


def _made(make: Callable[[], Order]) -> Order:
    try:
        return make()
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error


def _accepts(shape: type[BaseModel]) -> dict[str, Any]:
    """How the body is told of in OpenAPI."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": shape.model_json_schema()},
                _YAML[0]: {"schema": {"type": "string"}, "example": _EXAMPLE},
            },
        }
    }


AnOrder = Annotated[Order, Depends(_order)]


@router.post(
    "/jobs",
    operation_id="submit_job",
    status_code=HTTPStatus.CREATED,
    responses={200: {"model": Accepted, "description": "It was submitted before"}},
    openapi_extra=_accepts(Order),
)
def submit_job(operator: Operator, order: AnOrder, farm: AFarm, hub: AHub, response: Response) -> Accepted:
    """Have a job file made. The same file with the same token is the same job."""
    atelier = farm.atelier
    with PLANNING.turn(), held(farm.config, farm.truth.store.url):
        begun = _checked(atelier, order, farm, token=uuid.uuid4().hex if order.again else order.token)
        made = atelier.submit(atelier.completed(begun))
    # It may be one that ended, and is followed.
    hub.hurry(topic_of(made.plan.job))
    if not made.created:
        response.status_code = HTTPStatus.OK
    response.headers["Location"] = f"/api/v1/jobs/{made.plan.job}"
    return Accepted(job=made.plan.job, created=made.created)


@router.post("/checks", operation_id="check_file")
def check_file(operator: Operator, wanted: File, farm: AFarm) -> Check:
    """Check a job file and say what it would make, or everything that is wrong with it. Nothing is written.

    It opens what the file names, so it takes an operator.
    """
    with PLANNING.turn(), held(farm.config, farm.truth.store.url):
        return _told(_checked(farm.atelier, wanted, farm).plan)


def _checked(atelier: Atelier, wanted: File, farm: Farm, *, token: str = "") -> Draft:
    try:
        return atelier.check(sent(wanted.file, farm.config), token=token)
    except (AccessDenied, ConfigError) as error:
        # To what the job file names: its sender can mend that.
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error


def _told(plan: Plan) -> Check:
    return Check(
        job=plan.job,
        kind=plan.kind,
        noun=noun(plan.kind),
        frames=plan.frames,
        extent=plan.extent,
        chunks=len(plan.chunks),
        rate=plan.rate,
        priority=plan.priority,
        deliver=[*plan.deliver, *(["board"] if plan.board is not None else [])],
        output=plan.output,
        style=plan.style,
        models=[re.sub(r".*/", "", model.name) for model in plan.models],
        notes=list(plan.notes),
    )
