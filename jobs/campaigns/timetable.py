"""When a campaign fires: the times of its cron expression between its start and its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from jobs.campaigns.cron import Cron
from jobs.campaigns.zones import zone_of

_FIRST_LOOK = timedelta(hours=1)


class Timetable:
    """The times of a campaign. Every moment that goes in or comes out is aware; those that come out are in UTC."""

    def __init__(self, cron: Cron, timezone: str, *, start: str | None = None, end: str | None = None) -> None:
        """`start`, `end`: as `begins` and `ends` take them. Raises: ValueError for an unknown zone."""
        self.cron, self.zone = cron, zone_of(timezone)
        self._start = begins(start, self.zone) if start else None
        self._end = ends(end, self.zone) if end else None

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The times after a moment, each after the one before."""
        if self._start is not None:
            # A time at the start itself is within.
            moment = max(moment, self._start - timedelta(microseconds=1))
        for at in self.cron.after(moment, self.zone):
            if self._end is not None and at > self._end:
                return
            yield at

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The times after one moment, up to and with another."""
        for at in self.after(after):
            if at > until:
                return
            yield at

    def first(self, after: datetime) -> datetime | None:
        """The first time after a moment; None if there is none any more."""
        return next(self.after(after), None)

    def latest(self, after: datetime, until: datetime) -> datetime | None:
        """The last time after one moment, up to and with another; None if there is none."""
        # Looks at a short time before the end, then at longer ones: a month without a scheduler may hold many times.
        look = _FIRST_LOOK
        while True:
            begin = max(after, until - look)
            last = deque(self.between(begin, until), maxlen=1)
            if last or begin == after:
                return last[0] if last else None
            look *= 8

    def local(self, moment: datetime) -> datetime:
        """A moment as the campaign's clock shows it."""
        return moment.astimezone(self.zone)


def begins(said: str, zone: ZoneInfo) -> datetime:
    """The first moment of `2026-12-01` or `2026-12-01T08:00:00` in a zone, in UTC."""
    return _moment(said, zone)


def ends(said: str, zone: ZoneInfo) -> datetime:
    """The last moment of `2026-12-01` or `2026-12-01T08:00:00` in a zone, in UTC."""
    if "T" in said:
        return _moment(said, zone)
    after = (date.fromisoformat(said) + timedelta(days=1)).isoformat()
    return _moment(after, zone) - timedelta(microseconds=1)


def _moment(said: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=zone).astimezone(UTC)
