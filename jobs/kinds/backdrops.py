"""What `background` may say of a motion: what it may say of a poster, a colour or two, or that there is none.

background: "#20242c"
background: ["#8fb4d8", "#e8dcc8"]      upper and lower edge
background: transparent
background: harbour.jpg                 and so on: see background_keys.py
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from jobs.kinds.background_keys import Background, from_any_form
from jobs.kinds.values import shown

TRANSPARENT = "transparent"

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _check_colours(value: tuple[str, ...]) -> tuple[str, ...]:
    for colour in value:
        if not _COLOUR.fullmatch(colour):
            raise ValueError(f"background: {shown(colour)} is no colour; write six digits, as in '#20242c'")
    if len(value) > 2:
        raise ValueError(f"background: has {len(value)} colours; write one, or those of the upper and the lower edge")
    return value


class Backdrop(Background):
    """What is behind the figures."""

    switches: ClassVar[frozenset[str]] = frozenset({TRANSPARENT})

    colours: Annotated[
        tuple[str, ...],
        AfterValidator(_check_colours),
        Field(description="one as '#20242c', or those of the upper and the lower edge"),
    ] = ()
    transparent: Annotated[bool, Field(description="whether there is none, so that pictures have alpha")] = False

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """As a poster's, and as `transparent` and colours are written."""
        schema = super().__get_pydantic_json_schema__(core, handler)
        return {**schema, "description": "transparent, a colour as '#20242c', two of them, or what posters take"}

    @model_validator(mode="before")
    @classmethod
    def _from_any_form(cls, value: Any) -> Any:
        """A word, a colour or two, or any form that a poster's background has."""
        if value == TRANSPARENT:
            return {TRANSPARENT: True}
        if isinstance(value, str) and value.startswith("#"):
            return {"colours": [value]}
        if isinstance(value, list) and value and all(isinstance(each, str) and each[:1] == "#" for each in value):
            return {"colours": value}
        if isinstance(value, Mapping) and (value.get("colours") or value.get(TRANSPARENT)):
            return value
        return from_any_form(value)
