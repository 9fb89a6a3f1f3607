"""Lists by the page. A cursor says where the next page begins; what it holds is the list's own matter."""

from __future__ import annotations

import base64
import binascii
import json
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import ConfigDict, Field

from jobs.web.problems import Refusal
from jobs.web.shape import Shape

Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=500, description="Most rows that are wanted.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before; none: the first page.")]


class Page(Shape, Generic[Row]):
    """Some rows of a list. A page may have fewer than were asked for, and still not be the last."""

    # Else pydantic looks for the docstrings of each row's page anew, among all that is imported: half of the
    # dashboard's start.
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[Row]
    next: str | None = Field(default=None, description="Cursor of the next page; null: this is the last.")


def cursor_of(*place: str | float) -> str:
    """The cursor of a page that begins after this place."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """What the cursor was made of; None if there is none. `kinds`: what its parts are. Raises: Refusal if it is odd."""
    if not cursor:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != list(kinds):
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "cursor: this list gave none such; take `next` of a page before")
    return tuple(place)
