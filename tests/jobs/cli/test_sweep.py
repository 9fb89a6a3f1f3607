from __future__ import annotations

import pytest

from jobs.cli import guard
from jobs.truth import Truth
from tests.jobs.cli.conftest import Shell
from tests.jobs.making import make_plan
from tests.jobs.rubbish import DAY, attempt, finish, keys


def test_a_sweep_says_what_it_removed(shell: Shell, truth: Truth) -> None:
    plan = make_plan(chunks=1)
    finish(truth, plan)
    attempt(truth, plan, 0, 6)
    dry = shell("sweep", "--dry-run")
    assert "attempts that lost       9 B in 3 objects would be removed" in dry.stdout
    assert shell("sweep").stdout.replace("removed", "would be removed") == dry.stdout
    assert shell("sweep").stdout == "nothing to sweep\n"


def test_expired_jobs_are_named(shell: Shell, truth: Truth) -> None:
    finish(truth, make_plan(), age_s=9 * DAY)
    assert shell.json("sweep", "--keep-days", "10")["expired"] == []
    result = shell("sweep", "--keep-days", "8.5")
    assert "expired: film-1" in result.stdout
    assert keys(truth) == []


def test_settings_hold_unless_options_say_otherwise(shell: Shell, truth: Truth) -> None:
    shell.set(keep_days="1", sweep_after_h="100")
    plan = make_plan(chunks=1)
    truth.accept(plan, {})
    attempt(truth, plan, 0, 6)
    finish(truth, make_plan("film-2"))
    assert shell.json("sweep", "--keep-days", "0")["expired"] == []
    assert shell.json("sweep", "--dry-run")["expired"] == ["film-2"]


def test_what_is_left_alone_is_told_on_standard_error(shell: Shell, truth: Truth) -> None:
    finish(truth, make_plan())
    truth.store.put("jobs/film-1/plan.json", b"{")
    result = shell("sweep", "--keep-days", "1")
    assert result.exit_code == guard.OK
    assert "left alone: film-1: its records cannot be used" in result.stderr


@pytest.mark.parametrize("time", ["24", "h", "-1h", "1w", "1e3h", "0h", "59", "0.5m", ""])
def test_a_wrong_time_is_bad_input(shell: Shell, time: str) -> None:
    result = shell("sweep", "--older-than", time)
    assert result.exit_code == guard.BAD_INPUT
    assert "--older-than" in result.stderr


def test_a_store_that_is_away_is_told_apart(shell: Shell) -> None:
    shell.set(store="s3://bucket/prefix", s3_endpoint="http://127.0.0.1:1")
    assert shell("sweep").exit_code in (guard.UNAVAILABLE, guard.BAD_INPUT)
    assert shell("sweep", "--keep-days", "-1").exit_code == guard.BAD_INPUT
