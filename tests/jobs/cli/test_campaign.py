"""Campaigns on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.campaigns.book import Book
from jobs.campaigns.records import Ended, Run
from jobs.cli import guard
from tests.jobs.cli.conftest import Shell
from tests.jobs.deployment import Deployment

SCHEDULE = '{cron: "0 6 * * mon", timezone: Europe/Berlin}'


def job_file(shell: Shell, name: str = "autumn.yaml", **changes: object) -> str:
    return shell.job_file(name, **{"schedule": SCHEDULE, "output": "out/{campaign}/{date}/", **changes})


def test_a_campaign_from_its_beginning_to_its_end(cluster: Shell, deployment: Deployment) -> None:
    added = cluster("campaign", "add", job_file(cluster), "--name", "autumn-sale")
    assert added.exit_code == 0, added.output
    assert "autumn-sale is a campaign of film jobs" in added.stdout
    assert "at 06:00 on Monday, Europe/Berlin" in added.stdout
    [day] = re.findall(r"next +Mon (\S+) 06:00 CES?T", added.stdout)
    assert f"/out/autumn-sale/{day}/" in added.stdout
    assert f"autumn-sale  Mon {day} 06:00" in cluster("campaign", "next", "autumn-sale", "-n", "1").stdout
    listed = cluster("campaign", "list")
    assert re.search(rf"autumn-sale +film +0 6 \* \* mon +Europe/Berlin +Mon {day} 06:00 +- +- +-", listed.stdout)
    assert "no scheduler is alive; start one with `atelier scheduler`" in listed.stderr
    paused = cluster("campaign", "pause", "autumn-sale")
    assert "`atelier campaign resume autumn-sale` lets it go on" in paused.stderr
    assert "autumn-sale is paused" in cluster("campaign", "next", "autumn-sale").stderr
    assert f"it fires next on Mon {day} 06:00" in cluster("campaign", "resume", "autumn-sale").stderr
    fired = cluster("campaign", "run-now", "autumn-sale")
    [job] = deployment.truth.active()
    assert fired.stdout == f"{job}\n"
    assert deployment.take() != []
    assert re.search(rf"\(now\) +{job} +running", cluster("campaign", "list").stdout)
    assert "its jobs stay" in cluster("campaign", "remove", "autumn-sale").stderr
    assert "there is no campaign" in cluster("campaign", "list").stderr
    assert deployment.truth.active() == [job]


def test_campaigns_as_json(cluster: Shell, deployment: Deployment) -> None:
    cluster("campaign", "add", job_file(cluster))
    deployment.ledger.report_scheduler("studio:1", ttl_s=15)
    told = cluster.json("campaign", "list")
    [row] = told["campaigns"]
    assert told["schedulers"] == ["studio:1"]
    assert (row["name"], row["kind"], row["cron"], row["timezone"]) == (
        "autumn",
        "film",
        "0 6 * * mon",
        "Europe/Berlin",
    )
    assert (row["state"], row["catch_up"], row["last"]) == ("on", "once", None)
    ahead = cluster.json("campaign", "next", "-n", "3")
    assert [item["name"] for item in ahead] == ["autumn"] * 3
    assert ahead[0]["at"] == row["next"]
    first, second = (datetime.fromisoformat(item["at"]) for item in ahead[:2])
    assert (first.strftime("%a %H:%M"), second.date() - first.date()) == ("Mon 06:00", timedelta(days=7))


def test_next_of_all_campaigns_come_in_turn(cluster: Shell) -> None:
    cluster("campaign", "add", job_file(cluster, schedule="{cron: '0 6 * * *'}"), "--name", "six")
    cluster("campaign", "add", job_file(cluster, schedule="{cron: '0 18 * * *'}"), "--name", "evening")
    cluster("campaign", "add", job_file(cluster, schedule="{cron: '0 0 * * *'}"), "--name", "idle")
    cluster("campaign", "pause", "idle")
    names = [line.split()[0] for line in cluster("campaign", "next", "-n", "4").stdout.splitlines()]
    assert sorted(names[:2]) == sorted(names[2:]) == ["evening", "six"]
    assert names[:2] == names[2:]


def test_failed_run_is_told_below_the_list(shell: Shell, deployment: Deployment) -> None:
    shell("campaign", "add", job_file(shell))
    book = Book(deployment.truth)
    run = Run("autumn", datetime.now(UTC).replace(microsecond=0))
    book.claim(run, version=1, by="a", at=run.at)
    book.end(run, Ended(error="autumn.yaml:2: shots/: no such source", at=run.at))
    told = shell("campaign", "list").stdout
    assert "failed: autumn.yaml:2: shots/: no such source" in told


def test_everything_but_firing_works_without_a_redis(shell: Shell) -> None:
    file = job_file(shell)
    for words in (["add", file], ["list"], ["next"], ["pause", "autumn"], ["resume", "autumn"]):
        result = shell("campaign", *words)
        assert result.exit_code == 0, result.output
    assert "no `atelier run` is at work on this machine" in shell("campaign", "list").stderr
    result = shell("campaign", "run-now", "autumn")
    assert result.exit_code == guard.BAD_INPUT
    assert "set ATELIER_REDIS_URL" in result.stderr
    assert shell("campaign", "remove", "autumn").exit_code == 0


def test_run_now_that_cannot_be_planned_says_why(cluster: Shell) -> None:
    cluster("campaign", "add", job_file(cluster))
    for picture in (cluster.folder / "shots").iterdir():
        picture.unlink()
    result = cluster("campaign", "run-now", "autumn")
    assert result.exit_code == guard.BAD_INPUT
    assert re.match(r"error: \S+/autumn.yaml:2: ", result.stderr)
    assert "failed" in cluster("campaign", "list").stdout


def test_run_now_is_left_to_schedulers_while_something_is_away(
    cluster: Shell, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.errors import StorageUnavailable

    cluster("campaign", "add", job_file(cluster))

    def away(*_: object, **__: object) -> None:
        raise StorageUnavailable("s3://films: does not answer")

    monkeypatch.setattr("jobs.campaigns.firing.draft", away)
    result = cluster("campaign", "run-now", "autumn")
    assert result.exit_code == guard.UNAVAILABLE
    assert "s3://films: does not answer; a scheduler tries this run again" in result.stderr
    [run] = Book(deployment.truth).open()
    assert run.ordered


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "nothing.yaml"], "nothing.yaml: no such job file"),
        (["pause", "autumn"], "no campaign 'autumn': there is none yet; `atelier campaign add FILE` makes one"),
    ],
)
def test_what_is_not_there_is_one_sentence(shell: Shell, words: list[str], said: str) -> None:
    result = shell("campaign", *words)
    assert (result.exit_code, result.stderr) == (guard.BAD_INPUT, f"error: {said}\n")


def test_wrong_schedule_is_told_where_it_is(shell: Shell) -> None:
    file = job_file(shell, schedule="{cron: '0 0 31 2 *'}")
    result = shell("campaign", "add", file)
    assert result.exit_code == guard.BAD_INPUT
    assert re.fullmatch(
        rf"{file}:\d: cron: '0 0 31 2 \*' never fires: there is no such day; write one that comes\n", result.stderr
    )


def test_submitting_says_that_the_schedule_is_for_campaigns(cluster: Shell, deployment: Deployment) -> None:
    file = job_file(cluster)
    result = cluster("submit", file)
    assert result.exit_code == 0
    assert f"made once, now; its schedule is for `atelier campaign add {file}`" in result.stderr
    [job] = deployment.truth.jobs()
    today = datetime.now(UTC).astimezone().date()
    # Midnight in Berlin may lie between.
    days = [today + timedelta(days=step) for step in (-1, 0, 1)]
    assert deployment.truth.plan(job).output in [f"{cluster.folder}/out/autumn/{day}/" for day in days]


def test_check_says_when(shell: Shell) -> None:
    file = job_file(shell)
    assert re.search(r"schedule +at 06:00 on Monday, Europe/Berlin", shell("check", file).stdout)
    assert shell.json("check", file)["schedule"]["cron"] == "0 6 * * mon"


def test_scheduler_becomes_beat(cluster: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda path, words: became.append(words))
    cluster("scheduler")
    assert became[0][1:] == ["-m", "workers.scheduler"]


def test_adding_writes_one_record_and_nothing_else(shell: Shell, tmp_path: Path) -> None:
    shell("campaign", "add", job_file(shell))
    found = sorted(path.relative_to(tmp_path / "store") for path in (tmp_path / "store").rglob("*") if path.is_file())
    assert [str(path) for path in found] == ["campaigns/versions/autumn/000001.json"]


def test_damaged_campaign_is_told_and_can_be_removed(shell: Shell, deployment: Deployment) -> None:
    for name in ("autumn", "winter"):
        shell("campaign", "add", job_file(shell), "--name", name)
    deployment.truth.store.put("campaigns/versions/winter/000001.json", b"{}")
    listed = shell("campaign", "list")
    assert (listed.exit_code, "autumn" in listed.stdout, "winter" in listed.stdout) == (0, True, False)
    assert "damaged: campaign winter: " in listed.stderr
    assert "remove the campaign, and add it again" in listed.stderr
    assert shell("campaign", "remove", "winter").exit_code == 0
    assert "winter" not in shell("campaign", "list").output
    assert shell("campaign", "add", job_file(shell), "--name", "winter").exit_code == 0
