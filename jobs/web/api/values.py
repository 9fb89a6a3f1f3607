"""A job file's values as they stand in it, for forms to show: nothing is filled in, and nothing is checked."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from jobs import plain_yaml
from jobs.web.api.submit import File
from jobs.web.entry import Viewer
from jobs.web.planning import PLANNING
from jobs.web.problems import Refusal

router = APIRouter(tags=["submitting"])


class Values(BaseModel):
    """What a job file says."""

    values: dict[str, Any]


@router.post("/values", operation_id="read_file")
def read_values(viewer: Viewer, wanted: File) -> Values:
    """The values that a job file holds, right or wrong; `/checks` says which they are."""
    try:
        with PLANNING.turn():
            found = plain_yaml.load(wanted.file, "job file")
    except plain_yaml.DAMAGE as error:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"this is no YAML: {plain_yaml.said(error)}") from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "a job file is a list of `key: value`")
    return Values(values=_plain(found))


def _plain(value: Any) -> Any:
    """What YAML knows and JSON does not, such as dates, as text."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    is_json = value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_json else str(value)
