"""docs/campaigns.md says of every key what the code says, and its job files can be planned."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jobs.campaigns import rounds
from jobs.campaigns.cron import ALIASES, Cron
from jobs.campaigns.occasion import NAMES, UNSCHEDULED, Occasion
from jobs.campaigns.timetable import Timetable
from jobs.config import Settings
from jobs.spec import json_schema, parse
from jobs.submit import plan_job
from tests.docs.pages import ROOT, blocks
from tests.jobs.test_campaigns_cron import AUTUMN, SPRING, fires

PAGE = ROOT / "docs/campaigns.md"
TEXT = PAGE.read_text(encoding="utf-8")
SCHEMA = json_schema("film")["$defs"]["Schedule"]


@pytest.mark.parametrize("key", SCHEMA["properties"])
def test_every_key_stands_there_as_the_schema_has_it(key: str) -> None:
    told = SCHEMA["properties"][key]
    takes = " or ".join(f"`{word}`" for word in told["enum"]) if "enum" in told else "text"
    default = "must be given" if key in SCHEMA["required"] else f"`{told['default']}`" if told["default"] else "none"
    assert f"| `{key}` | {takes} | {default} | {told['description']} |" in TEXT.splitlines()


def test_the_example_can_be_planned_and_fires_as_the_page_says(tmp_path: Path) -> None:
    [text] = blocks(PAGE, "yaml")
    spec, located = parse(text, path="faces.yaml", folder=tmp_path)
    assert plan_job(spec, located, Settings()).frames == 100
    schedule = spec.schedule
    assert schedule is not None
    assert f"fires   {schedule.said}" in TEXT
    timetable = Timetable(Cron(schedule.cron), schedule.timezone, start=schedule.start, end=schedule.end)
    first = timetable.first(datetime(2026, 11, 20, tzinfo=UTC))
    assert first is not None
    assert f"next    {timetable.local(first):%a %Y-%m-%d %H:%M %Z}" in TEXT


def test_words_numbers_and_names_are_the_codes() -> None:
    for name in (*ALIASES, *(f"{{{name}}}" for name in NAMES), UNSCHEDULED):
        assert f"`{name}`" in TEXT
    assert rounds.LATE.total_seconds() == 5 * 60


@pytest.mark.parametrize(
    ("cron", "spring", "autumn"),
    [
        ("30 2 * * *", ["03:00"], ["02:30"]),
        ("*/15 2 * * *", ["03:00"], ["02:00", "02:15", "02:30", "02:45"]),
        ("0 */2 * * *", ["00:00", "03:00", "04:00"], ["00:00", "02:00", "04:00"]),
    ],
)
def test_clocks_do_what_the_page_says(cron: str, spring: list[str], autumn: list[str]) -> None:
    assert f"| `{cron}` |" in TEXT
    assert fires(cron, "Europe/Berlin", SPRING)[: len(spring)] == spring
    assert fires(cron, "Europe/Berlin", AUTUMN)[: len(autumn)] == autumn


def test_time_of_an_hour_that_comes_again_is_the_codes() -> None:
    again = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert f"`{Occasion.scheduled('a', again).time}`" in TEXT
