"""Times in a film as people write them: seconds, or minutes and seconds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{1,2}(?:\.[0-9]{1,6})?)")

LONGEST_S = 86_400.0


def clock(value: object) -> float | None:
    """Seconds of `1:02.5` or `1:00:02.5`; None if a value is no such text."""
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    return None if match is None else int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3])


def _seconds(value: object) -> object:
    if isinstance(value, str) and (read := clock(value)) is not None:
        return read
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{str(value)[:40]!r} is no time; write seconds, as 2.5, or '1:02.5'")
    return value


Seconds = Annotated[
    float, BeforeValidator(_seconds, json_schema_input_type=float | str), Field(ge=0, le=LONGEST_S, allow_inf_nan=False)
]
"""A time from a film's beginning, or a length of time, in seconds."""
