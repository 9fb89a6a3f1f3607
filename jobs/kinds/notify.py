"""The key `notify` of every job file: who is told when the job has ended, or stands still."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from jobs.kinds.keys import Keys
from pipeline.addresses import check_address
from pipeline.errors import InputError

Event = Literal["done", "failed", "stalled", "cancelled"]

TOLD: tuple[Event, ...] = ("done", "failed", "stalled")
"""What is told unless a job file says otherwise."""


def _is_address(value: str) -> str:
    try:
        check_address(value)
    except InputError as error:
        raise ValueError(f"notify: {error}") from error
    return value


def _as_list(value: Any) -> Any:
    """One event is a list of one."""
    return [value] if isinstance(value, str) else value


class Notify(Keys):
    """An address, and what it is told of."""

    url: Annotated[
        str, Field(max_length=2000, description="http(s) address that gets a POST"), AfterValidator(_is_address)
    ]
    on: Annotated[
        tuple[Event, ...],
        BeforeValidator(_as_list, json_schema_input_type=Event | list[Event]),
        Field(min_length=1, description="what it is told of: done, failed, stalled, cancelled"),
    ] = TOLD

    @model_validator(mode="before")
    @classmethod
    def on_is_a_word(cls, values: Any) -> Any:
        """YAML reads the key `on` as a yes."""
        if not isinstance(values, dict):
            return values
        return {"on" if key is True else key: value for key, value in values.items()}


def as_mapping(value: Any) -> Any:
    """An address alone is told of what is usual."""
    return {"url": value} if isinstance(value, str) else value
