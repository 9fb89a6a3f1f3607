"""What is written down of campaigns and their runs. Pure data; where each of them lies is in book.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

from jobs.campaigns.cron import Cron
from jobs.campaigns.timetable import Timetable
from jobs.records import Plan, Record
from pipeline.errors import IntegrityError

_KEY = "%Y%m%dT%H%M%SZ"

_ORDERED = "-now"


class Timing(Record):
    """When a campaign fires, as its job file's `schedule` says it."""

    cron: str
    timezone: str
    start: str | None
    end: str | None
    catch_up: Literal["skip", "once", "all"]

    @cached_property
    def timetable(self) -> Timetable:
        """The times. Seconds are taken here, though job files may not name them: tests have no minutes to wait.

        Raises: IntegrityError if this machine cannot make sense of it, whoever wrote it could.
        """
        try:
            return Timetable(Cron(self.cron, seconds=True), self.timezone, start=self.start, end=self.end)
        except ValueError as error:
            raise IntegrityError(f"the schedule cannot be read on this machine: {error}") from error

    def check(self) -> None:
        """Raises: IntegrityError, as `timetable` does."""
        _ = self.timetable


class Campaign(Record):
    """A campaign from one change on, until the next. The newest version counts."""

    name: str
    number: int
    """Of this version, from 1."""
    life: int
    """Number of the version that added it. Removed and added again, it is another campaign of the same name."""
    change: Literal["added", "paused", "resumed", "removed"]
    at: str
    """When this version was written."""
    since: datetime
    """Times up to this moment are none of its runs."""
    timing: Timing
    kind: str
    file: str
    """The job file's path, as its messages name it."""
    folder: str
    """What relative paths in it are relative to."""
    text: str
    """What it says."""
    within: tuple[str, ...] | None = None
    """The folders that it may name (confine.py); None: anything, for it was added on the command line."""

    @property
    def is_paused(self) -> bool:
        """Whether nothing of it is fired for now."""
        return self.change == "paused"

    @property
    def is_idle(self) -> bool:
        """Whether no time of it is due."""
        return self.is_paused or self.is_removed

    @property
    def is_removed(self) -> bool:
        """Whether it is no more."""
        return self.change == "removed"


@dataclass(frozen=True, order=True)
class Run:
    """One firing of a campaign: by its name, and the time that it is for."""

    campaign: str
    at: datetime
    """UTC, whole seconds."""
    ordered: bool = False
    """Whether people ordered it, beside the schedule."""

    @property
    def key(self) -> str:
        """Its name among the campaign's runs; these sort by time."""
        return self.at.astimezone(UTC).strftime(_KEY) + (_ORDERED if self.ordered else "")

    @property
    def token(self) -> str:
        """What makes its job another one than those of the other runs."""
        return f"{self.campaign} {self.key}"

    @classmethod
    def of(cls, campaign: str, key: str) -> Run:
        """The run of that key. Raises: ValueError if it is none."""
        at = datetime.strptime(key.removesuffix(_ORDERED), _KEY).replace(tzinfo=UTC)
        return cls(campaign, at, key.endswith(_ORDERED))


class Claim(Record):
    """Who fires a run. Written create-only: the first one does."""

    version: int
    """Of the campaign, as it was then."""
    by: str
    at: datetime


class Attempt(Record):
    """How far a run has come that has not ended: at it is whoever wrote this last, if they still live."""

    version: int
    by: str
    at: datetime
    """Written anew from time to time: who is silent for long is dead."""
    number: int = 0
    """Attempts that were begun."""
    deaths: int = 0
    """Schedulers that died at it."""
    error: str = ""
    """Why the last attempt has to be repeated."""
    retry_s: float = 0.0
    """After how long."""


class Intent(Record):
    """The job that a run is, before it is submitted. Written create-only: no other job is ever submitted for it."""

    spec: dict[str, Any]
    plan: Plan


class Ended(Record):
    """What became of a run: its job, or why it has none."""

    job: str = ""
    error: str = ""
    at: datetime
