"""Cron expressions: which are right, and which times they name, above all when clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from jobs.campaigns.cron import ALIASES, Cron
from jobs.campaigns.timetable import Timetable, ends
from jobs.campaigns.zones import zone_of

MINUTE = timedelta(minutes=1)

SPRING, AUTUMN = datetime(2027, 3, 28, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
"""Days of which Berlin's have 23 and 25 hours."""


def fires(cron: str, zone: str, day: datetime) -> list[str]:
    """The times within the day, and some hours before it, as the zone's clock shows them; `+` for a second showing."""
    local = ZoneInfo(zone)
    begin = day.replace(tzinfo=local).astimezone(UTC)
    times = Timetable(Cron(cron), zone).between(begin - MINUTE, begin + timedelta(hours=26))
    shown = (time.astimezone(local) for time in times)
    return [f"{at:%H:%M}{'+' if at.fold else ''}" for at in shown if at.date() == day.date()]


@pytest.mark.parametrize(
    ("cron", "times"),
    [
        ("30 2 * * *", ["03:00"]),
        ("0,30 2 * * *", ["03:00"]),
        ("*/15 2 * * *", ["03:00"]),
        ("30 2,3 * * *", ["03:00", "03:30"]),
        ("0 2,3 * * *", ["03:00"]),
        ("0 */6 * * *", ["00:00", "06:00", "12:00", "18:00"]),
        ("30 1,4 * * *", ["01:30", "04:30"]),
    ],
)
def test_time_that_does_not_exist_fires_once_right_after_the_gap(cron: str, times: list[str]) -> None:
    assert fires(cron, "Europe/Berlin", SPRING) == times


@pytest.mark.parametrize(
    ("cron", "times"),
    [
        ("30 2 * * *", ["02:30"]),
        ("*/30 2 * * *", ["02:00", "02:30"]),
        ("0 2-4 * * *", ["02:00", "03:00", "04:00"]),
        ("0 */2 * * *", [f"{hour:02d}:00" for hour in range(0, 24, 2)]),
    ],
)
def test_time_that_exists_twice_fires_once(cron: str, times: list[str]) -> None:
    assert fires(cron, "Europe/Berlin", AUTUMN) == times


@pytest.mark.parametrize("hours", ["*", "*/1", "0-23"])
def test_job_of_every_hour_goes_on_through_both(hours: str) -> None:
    both = fires(f"*/5 {hours} * * *", "Europe/Berlin", AUTUMN)
    assert len(both) == 25 * 12
    assert both[24:49] == [
        *(f"02:{m:02d}" for m in range(0, 60, 5)),
        *(f"02:{m:02d}+" for m in range(0, 60, 5)),
        "03:00",
    ]
    assert len(fires(f"*/5 {hours} * * *", "Europe/Berlin", SPRING)) == 23 * 12


def test_resumed_in_the_second_showing_nothing_of_the_first_comes_back() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    second = datetime(2026, 10, 25, 2, 10, tzinfo=berlin, fold=1)
    first = next(Cron("30 2 * * *").after(second, berlin))
    assert first.astimezone(berlin).isoformat() == "2026-10-26T02:30:00+01:00"


@pytest.mark.parametrize(
    ("zone", "day", "cron", "times"),
    [
        ("Australia/Lord_Howe", datetime(2026, 10, 4, tzinfo=UTC), "15 2 * * *", ["02:30"]),
        ("Asia/Beirut", datetime(2027, 3, 28, tzinfo=UTC), "@daily", ["01:00"]),
        ("Africa/Cairo", datetime(2026, 10, 29, tzinfo=UTC), "30 23 * * *", ["23:30"]),
        ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC), "30 1 * * *", ["01:30"]),
        ("Pacific/Apia", datetime(2011, 12, 31, tzinfo=UTC), "0 9 * * *", ["00:00", "09:00"]),
        ("Asia/Kathmandu", datetime(2026, 7, 1, tzinfo=UTC), "0 6 * * *", ["06:00"]),
    ],
)
def test_odd_zones(zone: str, day: datetime, cron: str, times: list[str]) -> None:
    assert fires(cron, zone, day) == times


def by_hand(minutes: set[int], hours: set[int], zone: ZoneInfo, begin: datetime, count: int) -> list[datetime]:
    """The rule once more, minute by minute: what the clock shows first, and what it left out."""
    found = []
    for number in range(count):
        now, before = begin + number * MINUTE, begin + (number - 1) * MINUTE
        shown, shown_before = (at.astimezone(zone).replace(tzinfo=None) for at in (now, before))
        left_out: list[datetime] = []
        while shown_before + (len(left_out) + 1) * MINUTE < shown:
            left_out.append(shown_before + (len(left_out) + 1) * MINUTE)
        matches = any(at.minute in minutes and at.hour in hours for at in [shown, *left_out])
        if len(hours) == 24:
            matches = shown.minute in minutes
        elif now.astimezone(zone).fold:
            matches = False
        if matches:
            found.append(now)
    return found


@hypothesis(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sets(st.sampled_from([0, 5, 15, 30, 45, 59]), min_size=1),
    st.one_of(st.just(set(range(24))), st.sets(st.integers(0, 4), min_size=1)),
    st.sampled_from(
        [
            ("Europe/Berlin", datetime(2027, 3, 27, 22, tzinfo=UTC)),
            ("Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC)),
            ("Australia/Lord_Howe", datetime(2026, 10, 3, 13, tzinfo=UTC)),
            ("Australia/Lord_Howe", datetime(2027, 4, 3, 13, tzinfo=UTC)),
            ("Asia/Beirut", datetime(2027, 3, 27, 20, tzinfo=UTC)),
            ("America/New_York", datetime(2026, 11, 1, 3, tzinfo=UTC)),
        ]
    ),
    st.integers(0, 300),
)
def test_times_are_those_that_a_clock_shows_first_or_leaves_out(
    minutes: set[int], hours: set[int], where: tuple[str, datetime], offset: int
) -> None:
    zone, begin = ZoneInfo(where[0]), where[1] + offset * MINUTE
    told = Cron(f"{','.join(map(str, minutes))} {','.join(map(str, hours))} * * *").after(begin - MINUTE, zone)
    expected = by_hand(minutes, hours, zone, begin, 480)
    until = begin + 480 * MINUTE
    assert [at for at in islice(told, len(expected) + 1) if at < until] == expected


@hypothesis(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from(["*/7 * * * *", "30 2 * * *", "0 9 * * mon", "0 0 1 * *", "0 0 29 2 *"]),
    st.integers(0, 20_000),
    st.integers(0, 3_000),
)
def test_latest_is_the_last_of_those_between(cron: str, before: int, after: int) -> None:
    table = Timetable(Cron(cron), "Europe/Berlin")
    now = datetime(2026, 10, 25, 3, tzinfo=UTC)
    begin, until = now - before * MINUTE, now + after * MINUTE
    assert table.latest(begin, until) == next(reversed(list(table.between(begin, until))), None)


def test_latest_of_a_long_time_is_found_at_once() -> None:
    table = Timetable(Cron("* * * * *"), "Europe/Berlin")
    now = datetime(2026, 10, 25, 3, 0, 30, tzinfo=UTC)
    assert table.latest(now - timedelta(days=3650), now) == now.replace(second=0)


def test_days_and_weekdays_are_those_of_debians_cron() -> None:
    utc, begin = ZoneInfo("UTC"), datetime(2026, 12, 1, tzinfo=UTC)

    def days(cron: str) -> list[int]:
        return [at.day for at in islice(Cron(cron).after(begin, utc), 4)]

    assert days("0 6 * * mon-wed") == [1, 2, 7, 8]
    assert days("0 6 13 * fri") == [4, 11, 13, 18]
    assert days("0 6 L * *")[:1] == [31]
    assert days("0 6 */10 dec sun")[:2] == [31, 1]


@pytest.mark.parametrize("alias", ALIASES)
def test_short_words_stand_for_their_fields(alias: str) -> None:
    begin, zone = datetime(2026, 12, 1, 9, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    short, long = (islice(Cron(cron).after(begin, zone), 3) for cron in (alias.upper(), ALIASES[alias]))
    assert list(short) == list(long)


@pytest.mark.parametrize(
    ("cron", "problem"),
    [
        ("0 6 * *", "'0 6 * *' has 4 fields; write five, minute hour day month weekday, as in 0 6 * * mon"),
        ("", "'' has 0 fields; write five"),
        ("0 0 6 * * mon", "has 6 fields; write five"),
        ("60 6 * * *", "minute '60' is not right; write 0-59, a range as 1-5, a list as 1,3, a step as */2, or *"),
        ("0 24 * * *", "hour '24' is not right; write 0-23"),
        ("0 6 0 * *", "day of the month '0' is not right; write 1-31"),
        ("0 6 * 13 *", "month '13' is not right; write 1-12 or jan-dec"),
        ("0 6 * * 8", "day of the week '8' is not right; write 0-6 or sun-sat"),
        ("0 6 * * mom", "day of the week 'mom' is not right; did you mean 'mon'?"),
        ("0 6 * * monday", "did you mean 'mon'?"),
        ("0 6 * febr *", "did you mean 'feb'?"),
        ("0 6 * * fri-mon", "ranges rise, so write fri-sat,sun-mon"),
        ("0 22-4 * * *", "ranges rise, so write 22-23,0-4"),
        ("*/0 * * * *", "minute '*/0' is not right"),
        ("0 6 * * ?", "day of the week '?' is not right"),
        ("0 ٣ * * *", "hour '٣' is not right"),
        ("1" * 5000, "is 5,000 characters long"),
        ("@dayly", "'@dayly' is no word for a time; did you mean @daily?"),
        ("@reboot", "'@reboot' is no word for a time"),
        ("0 0 31 2 *", "'0 0 31 2 *' never fires: there is no such day; write one that comes"),
        ("0 0 30,31 feb *", "never fires"),
        ("0 0 31 4,6,9,11 *", "never fires"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(cron: str, problem: str) -> None:
    with pytest.raises(ValueError, match="cron: ") as caught:
        Cron(cron)
    assert problem in str(caught.value)


def test_rare_days_do_fire() -> None:
    utc = ZoneInfo("UTC")
    assert next(Cron("0 0 29 2 *").after(datetime(2026, 1, 1, tzinfo=UTC), utc)).year == 2028
    assert next(Cron("0 0 * 2 mon#5").after(datetime(2026, 1, 1, tzinfo=UTC), utc)).year == 2044


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 6 * * mon", "at 06:00 on Monday"),
        ("*/5 * * * *", "every fifth minute of every hour"),
        ("0 0 31 * *", "at 00:00 on the 31st day of every month"),
        ("0 0 22 * *", "at 00:00 on the 22nd day of every month"),
    ],
)
def test_expressions_are_said_in_words(cron: str, said: str) -> None:
    assert Cron(cron).said == said


def test_seconds_are_taken_only_when_asked_for() -> None:
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    every = Cron("*/20 * * * * *", seconds=True).after(begin, ZoneInfo("Europe/Berlin"))
    assert [at.second for at in islice(every, 3)] == [20, 40, 0]


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("europe/berlin", "did you mean 'Europe/Berlin'?"),
        ("berlin", "did you mean 'Europe/Berlin'?"),
        ("New York", "did you mean 'America/New_York'?"),
        ("CEST", "write a name as Europe/Berlin, or UTC"),
        ("../../etc/passwd", "is no time zone"),
        ("", "is no time zone"),
    ],
)
def test_unknown_zone_is_told_the_nearest(name: str, guess: str) -> None:
    with pytest.raises(ValueError, match="is no time zone") as caught:
        zone_of(name)
    assert guess in str(caught.value)


def test_zones_come_as_a_package_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    import zoneinfo

    zoneinfo.reset_tzpath([])
    try:
        assert ZoneInfo.no_cache("Europe/Berlin").utcoffset(datetime(2026, 7, 1)) == timedelta(hours=2)
    finally:
        zoneinfo.reset_tzpath()


def within(start: str | None, end: str | None) -> Iterator[datetime]:
    return Timetable(Cron("0 6 * * *"), "Europe/Berlin", start=start, end=end).after(datetime(2026, 1, 1, tzinfo=UTC))


def test_start_and_end_are_within() -> None:
    found = [at.isoformat() for at in within("2026-12-01", "2026-12-03")]
    assert found == ["2026-12-01T05:00:00+00:00", "2026-12-02T05:00:00+00:00", "2026-12-03T05:00:00+00:00"]
    at_the_minute = list(within("2026-12-01T06:00:00", "2026-12-02T06:00:00"))
    assert [at.day for at in at_the_minute] == [1, 2]
    assert list(within("2026-12-01T06:00:01", "2026-12-02T05:59:59")) == []


def test_day_ends_when_its_clock_says() -> None:
    # The day after Berlin's summer time has begun, and the last of a year.
    assert ends("2027-03-28", ZoneInfo("Europe/Berlin")) == datetime(2027, 3, 28, 22, tzinfo=UTC) - timedelta.resolution
    assert (
        ends("2026-12-31", ZoneInfo("Europe/Berlin")) == datetime(2026, 12, 31, 23, tzinfo=UTC) - timedelta.resolution
    )
