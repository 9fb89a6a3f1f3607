"""The key `schedule` and the placeholders of `output`: what they say, and that they make no other job of a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jobs.campaigns.occasion import Occasion
from jobs.config import Settings
from jobs.kinds import KINDS, kind
from jobs.kinds.base import JobSpec
from jobs.records import Plan
from jobs.spec import JobSpecProblems, canonical, parse
from jobs.submit import plan_job
from tests.jobs.files import job_text, write_checkpoint, write_sequence

WEEKLY = '{cron: "0 6 * * mon", timezone: Europe/Berlin}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sequence and a style."""
    write_sequence(tmp_path / "shots", 8)
    write_checkpoint(tmp_path / "my.safetensors")
    return tmp_path


def spec_of(folder: Path, *, occasion: Occasion | None = None, path: str = "autumn.yaml", **changes: object) -> JobSpec:
    return parse(job_text(**changes), path=path, folder=folder, occasion=occasion)[0]


def planned(folder: Path, **changes: object) -> Plan:
    return plan_job(*parse(job_text(**changes), path="autumn.yaml", folder=folder), Settings())


def problem(folder: Path, **changes: object) -> str:
    with pytest.raises(JobSpecProblems) as caught:
        spec_of(folder, **changes)
    [only] = caught.value.problems
    return only


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_takes_a_schedule(name: str) -> None:
    assert "schedule" in kind(name).spec.model_fields


def test_a_schedule_makes_no_other_job_and_plan(folder: Path) -> None:
    assert planned(folder, schedule=WEEKLY) == planned(folder)
    assert "schedule" not in canonical(spec_of(folder, schedule=WEEKLY))


def test_what_is_not_said_has_its_default(folder: Path) -> None:
    schedule = spec_of(folder, schedule='{cron: "@daily"}').schedule
    assert schedule is not None
    assert schedule.model_dump() == {
        "cron": "@daily",
        "timezone": "UTC",
        "start": None,
        "end": None,
        "catch_up": "once",
    }


@pytest.mark.parametrize(
    "written", ["2026-12-01 08:00", "2026-12-01T08:00", '"2026-12-01 08:00:00"', "2026-12-01 08:00:00"]
)
def test_days_may_have_a_time(folder: Path, written: str) -> None:
    schedule = spec_of(folder, schedule=f"{{cron: '@daily', start: {written}, end: 2027-01-31}}").schedule
    assert schedule is not None
    assert (schedule.start, schedule.end) == ("2026-12-01T08:00:00", "2027-01-31")


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ('{cron: "0 6 * * mom"}', "cron: day of the week 'mom' is not right; did you mean 'mon'?"),
        ('{cron: "0 0 31 2 *"}', "cron: '0 0 31 2 *' never fires: there is no such day; write one that comes"),
        (
            '{cron: "@daily", timezone: Europe/Berln}',
            "timezone: 'Europe/Berln' is no time zone; did you mean 'Europe/Berlin'?",
        ),
        (
            '{cron: "@daily", start: 2026-12-01, end: 2026-11-01}',
            "end: 2026-11-01 is before start, 2026-12-01; write a later day",
        ),
        (
            '{cron: "0 6 1 1 *", start: 2026-12-02, end: 2026-12-11}',
            "end: '0 6 1 1 *' never fires from 2026-12-02 to 2026-12-11; write a later end, or another cron",
        ),
        ('{cron: "@daily", start: soon}', "start: 'soon' is no day; write 2026-12-01, or 2026-12-01 08:00"),
        ('{cron: "@daily", start: 0001-01-01}', "start: '0001-01-01' is no day"),
        ('{cron: "@daily", start: 2026-12-01T08:00:00+01:00}', "start: leave the zone out"),
        ('{cron: "@daily", catch_up: on}', "catch_up: is true, as YAML reads it; write skip or once or all"),
        ('{cron: "@daily", catchup: all}', "unknown key 'catchup'; did you mean 'catch_up'?"),
        ("{timezone: UTC}", "'cron' is missing: minute, hour, day, month and weekday, as in 0 6 * * mon; or @daily"),
        ("{cron: */5 * * * *}", 'not YAML: quote a value that begins with *, as in cron: "*/5 * * * *"'),
        ("daily", "schedule: input should be a valid dictionary"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(folder: Path, schedule: str, said: str) -> None:
    text = problem(folder, schedule=schedule)
    assert text.startswith("autumn.yaml:5: ")
    assert said in text


def test_problems_within_a_schedule_have_their_own_lines(folder: Path) -> None:
    text = job_text() + "schedule:\n  cron: 0 6 * * mom\n  timezone: Berln\n"
    with pytest.raises(JobSpecProblems) as caught:
        parse(text, path="autumn.yaml", folder=folder)
    assert [line.partition(" ")[0] for line in caught.value.problems] == ["autumn.yaml:6:", "autumn.yaml:7:"]


# Placeholders


def test_a_run_fills_the_output(folder: Path) -> None:
    local = datetime(2026, 12, 7, 6, tzinfo=ZoneInfo("Europe/Berlin"))
    occasion = Occasion.scheduled("autumn-sale", local)
    filled = spec_of(folder, occasion=occasion, output="s3://campaigns/{campaign}/{date}/{time}/").output
    assert filled == "s3://campaigns/autumn-sale/2026-12-07/0600/"


def test_by_hand_the_output_is_filled_with_the_files_name_and_today(folder: Path) -> None:
    output = spec_of(folder, schedule=WEEKLY, output="out/{campaign}/{date}/{time}", path="films/autumn.yaml").output
    today = datetime.now(ZoneInfo("Europe/Berlin"))
    assert output == f"{folder}/out/autumn/{today:%Y-%m-%d}/run"


@pytest.mark.parametrize(("zone", "date"), [("Pacific/Kiritimati", "2026-12-08"), ("Pacific/Honolulu", "2026-12-07")])
def test_today_is_that_of_the_schedules_zone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, zone: str, date: str
) -> None:
    class Noon(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 12, 7, 12, tzinfo=UTC)

    monkeypatch.setattr("jobs.campaigns.occasion.datetime", Noon)
    schedule = f"{{cron: '@daily', timezone: {zone}}}"
    assert spec_of(folder, schedule=schedule, output="/out/{date}").output == f"/out/{date}"


def test_run_again_on_the_same_day_it_is_the_same_job(folder: Path) -> None:
    first, second = (planned(folder, output="out/{date}/{time}/") for _ in range(2))
    assert first == second
    tomorrow = Occasion("autumn", "2100-01-01", "run")
    other = parse(job_text(output="out/{date}/{time}/"), path="autumn.yaml", folder=folder, occasion=tomorrow)
    assert plan_job(*other, Settings()).job != first.job


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("out/{dat}/", "{dat} stands for nothing; did you mean {date}?"),
        ("out/{Date}/", "did you mean {date}?"),
        ("out/{}/", "{} stands for nothing; there are {campaign}, {date}, {time}"),
    ],
)
def test_unknown_placeholder_is_an_error(folder: Path, output: str, said: str) -> None:
    text = problem(folder, output=f'"{output}"')
    assert text.startswith("autumn.yaml:4: output: ")
    assert said in text


def test_what_a_placeholder_stands_for_is_not_filled_again() -> None:
    assert Occasion("{date}", "2026-12-07", "0600").fill("{campaign}/{date}") == "{date}/2026-12-07"


def test_runs_that_a_clock_shows_alike_have_outputs_of_their_own() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    shown = [
        Occasion.scheduled("a", at.astimezone(berlin)).time
        for at in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    ]
    assert shown == ["0230", "0230b"]
    ordered = Occasion.scheduled("a", datetime(2026, 12, 7, 6, 0, 0, tzinfo=berlin), ordered=True)
    assert ordered.time == "060000"
