"""The key `schedule` of every job file: when `atelier campaign add` has it made again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from jobs.campaigns.cron import Cron
from jobs.campaigns.timetable import Timetable, begins, ends
from jobs.campaigns.zones import zone_of
from jobs.kinds.keys import Keys

_YEARS = range(1970, 2200)


def _check_cron(text: str) -> str:
    return Cron(text).text


def _check_zone(name: str) -> str:
    return zone_of(name).key


def _check_moment(value: Any, info: ValidationInfo) -> str | None:
    """`2026-12-01`, or `2026-12-01T08:00:00`, of what YAML makes a date, a time or a text."""
    if value is None:
        return None
    said = _read(value) if isinstance(value, str) else value
    if not isinstance(said, date) or said.year not in _YEARS:
        raise ValueError(f"{info.field_name}: {str(value)[:40]!r} is no day; write 2026-12-01, or 2026-12-01 08:00")
    if isinstance(said, datetime) and said.tzinfo is not None:
        raise ValueError(
            f"{info.field_name}: leave the zone out; it is a time on the clock of `timezone`, as in 2026-12-01 08:00"
        )
    return said.isoformat(timespec="seconds") if isinstance(said, datetime) else said.isoformat()


def _read(text: str) -> date | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text.strip())
        except ValueError:
            continue
    return None


def _check_end(value: str | None, info: ValidationInfo) -> str | None:
    """There is a time between start and end. What is wrong with another key is said there."""
    start, zone, cron = (info.data.get(key) for key in ("start", "timezone", "cron"))
    if value is None or start is None or zone is None:
        return value
    if ends(value, zone_of(zone)) < begins(start, zone_of(zone)):
        raise ValueError(f"end: {value} is before start, {start}; write a later day")
    if cron is not None:
        timetable = Timetable(Cron(cron), zone, start=start, end=value)
        if timetable.first(begins("1970-01-01", timetable.zone)) is None:
            raise ValueError(f"end: {cron!r} never fires from {start} to {value}; write a later end, or another cron")
    return value


Moment = Annotated[str | None, BeforeValidator(_check_moment, json_schema_input_type=str | None)]
"""A day, or a time of a day, on the clock of the schedule's zone."""


class Schedule(Keys):
    """When a campaign fires."""

    cron: Annotated[
        str,
        AfterValidator(_check_cron),
        Field(description="minute, hour, day, month and weekday, as in 0 6 * * mon; or @daily"),
    ]
    timezone: Annotated[
        str, AfterValidator(_check_zone), Field(description="whose clock it is, as Europe/Berlin; default UTC")
    ] = "UTC"
    start: Annotated[Moment, Field(description="first day, or time of it, that it may fire")] = None
    end: Annotated[
        Moment, AfterValidator(_check_end), Field(description="last day, or time of it, that it may fire")
    ] = None
    catch_up: Annotated[
        Literal["skip", "once", "all"],
        Field(description="what is made of times that passed while no scheduler ran: none, the latest, or all"),
    ] = "once"

    @property
    def said(self) -> str:
        """In words: `at 06:00 on Monday, Europe/Berlin`."""
        return f"{Cron(self.cron).said}, {self.timezone}"
