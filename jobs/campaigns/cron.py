"""Cron expressions: whether they are right, what they say in words, and which times they name.

Daylight saving, where an expression names hours of the day: a time that the clock leaves out fires once, right after
the gap; a time that it shows twice fires once, the first time. Where it names every hour, nothing is left out or kept
back: every five minutes stay every five minutes.

cronsim reads the expressions, and finds the days and times that they name. What clocks do to these is reckoned here: it
has Debian's rule, by which `*/15 2 * * *` vanishes on one day and fires eight times on another, and misses half past on
Lord Howe Island, whose clocks change by half an hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_MAX_CHARACTERS = 200

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""What short words stand for."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

_HOURS = 24

_A_SECOND = timedelta(seconds=1)

_ANY_DAY = datetime(2000, 1, 1)


@dataclass(frozen=True)
class _Field:
    """One of an expression's fields."""

    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()
    """Words for the numbers, from the lowest."""

    def number(self, word: str) -> int | None:
        """What a number or a name stands for."""
        if word in self.names:
            return self.lowest + self.names.index(word)
        return int(word) if re.fullmatch(r"[0-9]{1,2}", word) else None

    @property
    def right(self) -> str:
        """What may stand there."""
        words = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"{self.lowest}-{self.highest}{words}, a range as 1-5, a list as 1,3, a step as */2, or *"


_SECOND = _Field("second", 0, 59)
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


class Cron:
    """A cron expression."""

    def __init__(self, text: str, *, seconds: bool = False) -> None:
        """`seconds`: whether six fields are taken, too, the first being seconds.

        Raises: ValueError that says which field is wrong, or that it never fires.
        """
        self.text = " ".join(text.split())
        self._fields = " ".join(_parts(self.text, seconds=seconds))
        try:
            read = CronSim(self._fields, _ANY_DAY)
            next(read)
        except (CronSimError, StopIteration) as error:
            raise ValueError(f"cron: {text!r} never fires: there is no such day; write one that comes") from error
        self._is_hourly = len(read.hours) == _HOURS
        self.said: str = _in_a_sentence(read.explain())
        """What it says, in English: `at 06:00 on Monday`."""

    def after(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """The times after a moment, in UTC and rising, as a clock in that zone shows them.

        Ends where none comes for 50 years.
        """
        last = moment.astimezone(UTC)
        for at in (self._elapsing if self._is_hourly else self._shown)(last, zone):
            # Begun in an hour that is shown twice, times of its first showing come up again; and times that a clock
            # leaves out all fire at the end of the gap.
            if at > last:
                yield (last := at)

    def _shown(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Each time that a clock ought to show: when it first does, or when it has just left it out."""
        for shown in CronSim(self._fields, moment.astimezone(zone).replace(tzinfo=None)):
            first, again = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
            # What is left out reads as a moment after the gap by the clock before it, and the other way round.
            yield first if again >= first else _change(again, first, zone)

    def _elapsing(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Each time, whenever a clock shows it: from one change of the clock to the next, as if there were none."""
        offset = _offset(moment, zone)
        begin = moment + offset
        while True:
            for shown in CronSim(self._fields, begin.replace(tzinfo=None)):
                at = shown.replace(tzinfo=UTC) - offset
                if _offset(at, zone) != offset:
                    moment = _change(moment, at, zone)
                    offset = _offset(moment, zone)
                    # The change itself may be such a time.
                    begin = moment + offset - _A_SECOND
                    break
                yield (moment := at)
            else:
                return


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None, "a zone has one at any time"
    return offset


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """When the clock changes between two moments, to the second."""
    low, high = int(before.timestamp()), int(after.timestamp())
    offset = _offset(before, zone)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, UTC), zone) == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def _parts(text: str, *, seconds: bool) -> list[str]:
    """The fields, aliases written out, each of them right by itself."""
    if len(text) > _MAX_CHARACTERS:
        raise ValueError(f"cron: is {len(text):,} characters long; five short fields say when")
    fields = _resolved(text).split()
    names = (_SECOND, *_FIELDS) if seconds and len(fields) == 6 else _FIELDS
    if len(fields) != len(names):
        raise ValueError(
            f"cron: {text!r} has {len(fields)} field{'s' if len(fields) != 1 else ''}; write five, "
            "minute hour day month weekday, as in 0 6 * * mon"
        )
    for number, (field, said) in enumerate(zip(names, fields, strict=True)):
        alone = ["*"] * len(fields)
        alone[number] = said
        try:
            # A day that no month has is right by itself, and found when all fields are together.
            CronSim(" ".join(alone), _ANY_DAY)
        except (CronSimError, ValueError) as error:
            raise ValueError(f"cron: {field.name} {said!r} is not right; {_right(field, said)}") from error
    return fields


def _resolved(text: str) -> str:
    """What an alias stands for; anything else as it is."""
    if not text.startswith("@"):
        return text
    if text.lower() not in ALIASES:
        near = get_close_matches(text.lower(), ALIASES, n=1)
        right = f"did you mean {near[0]}?" if near else f"there are {', '.join(ALIASES)}"
        raise ValueError(f"cron: {text!r} is no word for a time; {right}")
    return ALIASES[text.lower()]


def _right(field: _Field, said: str) -> str:
    """What to write in the place of what was said."""
    for word in re.findall(r"[a-z]+", said.lower()):
        if field.names and word not in field.names and (near := get_close_matches(word, field.names, n=1, cutoff=0.4)):
            return f"did you mean {near[0]!r}?"
    first, _, last = said.lower().partition("-")
    begin, end = field.number(first), field.number(last)
    if begin is not None and end is not None and end < begin <= field.highest:
        top, bottom = (field.names[-1], field.names[0]) if first in field.names else (field.highest, field.lowest)
        return f"ranges rise, so write {first}-{top},{bottom}-{last}"
    return f"write {field.right}"


def _in_a_sentence(words: str) -> str:
    """cronsim begins in capitals, and writes 31th."""
    endings = {"1": "st", "2": "nd", "3": "rd"}
    right = re.sub(r"\b([23])([123])th\b", lambda found: f"{found[1]}{found[2]}{endings[found[2]]}", words)
    return right[:1].lower() + right[1:]
