from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs.cli import guard
from pipeline.errors import AtelierError, StorageUnavailable
from tests.jobs.cli.conftest import Shell
from tests.jobs.cli.finished import publish
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_submit_prints_the_job_and_nothing_else(cluster: Shell, deployment: Deployment) -> None:
    result = cluster("submit", cluster.job_file())
    assert result.exit_code == 0
    assert deployment.seen(result.stdout.strip()).state == "running"
    assert result.stderr == ""


def test_submitting_twice_is_one_job_unless_asked_otherwise(cluster: Shell, deployment: Deployment) -> None:
    path = cluster.job_file()
    first, second = cluster("submit", path), cluster("submit", path)
    assert first.stdout == second.stdout
    assert "submitted before and is running" in second.stderr
    other = cluster("submit", cluster.job_file(output="other/"), "--token", "t")
    assert other.stdout != first.stdout
    again = cluster("submit", path, "--again")
    assert again.exit_code == guard.BAD_INPUT
    assert "writes to" in again.stderr


def test_submitting_without_a_redis_is_bad_input(shell: Shell) -> None:
    result = shell("submit", shell.job_file())
    assert result.exit_code == guard.BAD_INPUT
    assert "ATELIER_REDIS_URL" in result.stderr


def test_submitting_with_redis_away_is_told_apart(cluster: Shell) -> None:
    cluster.set(redis_url="redis://127.0.0.1:1")
    result = cluster("submit", cluster.job_file())
    assert result.exit_code == guard.UNAVAILABLE
    assert not (cluster.folder / "store" / "index").exists()


def test_a_job_is_paused_and_goes_on(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    assert cluster("pause", "film-1").exit_code == 0
    assert deployment.seen().state == "paused"
    assert cluster("resume", "film-1").exit_code == 0
    assert deployment.seen().state == "running"
    assert not deployment.truth.paused("film-1")


def test_a_job_is_cancelled_once(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    assert cluster("cancel", "film-1").exit_code == 0
    assert deployment.seen().state == "cancelled"
    again = cluster("cancel", "film-1")
    assert again.exit_code == guard.BAD_INPUT
    assert "cancelled already" in again.stderr


def test_without_redis_storage_remembers_pause_and_cancel(shell: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    assert shell("pause", "film-1").exit_code == 0
    assert shell.json("status", "film-1")["state"] == "paused"
    assert shell("cancel", "film-1").exit_code == 0
    assert shell.json("status", "film-1")["state"] == "cancelled"


def test_run_on_a_cluster_submits_and_leaves_the_job_running(
    cluster: Shell, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.cli.drive.follow", interrupt)
    result = cluster("run", cluster.job_file())
    assert result.exit_code == 0
    (job,) = deployment.ledger.jobs()
    assert f"atelier watch {job}" in result.stderr
    assert deployment.seen(job).state == "running"


@contextmanager
def no_workers(*_: object, **__: object) -> Iterator[list[object]]:
    yield []


def fail(*_: object, **__: object) -> None:
    raise AtelierError("the workers ended with code 1")


def test_interrupting_run_on_this_machine_pauses_the_job(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.cli.machine.own_workers", no_workers)
    monkeypatch.setattr("jobs.cli.drive.follow", interrupt)
    path = shell.job_file()
    result = shell("run", path)
    assert result.exit_code == guard.INTERRUPTED
    assert f"`atelier run {path}` goes on" in result.stderr
    assert [row["state"] for row in shell.json("jobs")] == ["paused"]


@pytest.mark.parametrize("step", ["own_workers", "status_of", "publish"])
def test_interrupting_run_before_its_workers_work_pauses_the_job(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    module = {"own_workers": "jobs.cli.machine", "status_of": "jobs.cli.drive", "publish": "jobs.submit"}[step]
    monkeypatch.setattr(f"{module}.{step}", interrupt)
    result = shell("run", shell.job_file())
    assert result.exit_code == guard.INTERRUPTED
    assert result.stderr.count("paused") == 1
    assert [row["state"] for row in shell.json("jobs")] == ["paused"]


def test_interrupting_run_before_the_job_is_accepted_leaves_none(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.truth.Truth.accept", interrupt)
    result = shell("run", shell.job_file())
    assert (result.exit_code, result.stderr) == (guard.INTERRUPTED, "error: interrupted\n")
    assert shell.json("jobs", "--all") == []


@pytest.mark.parametrize("step", ["jobs.cli.drive.follow", "jobs.cli.machine.own_workers", "jobs.submit.publish"])
def test_run_that_fails_pauses_its_job_and_says_so_once(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr("jobs.cli.machine.own_workers", no_workers)
    monkeypatch.setattr(step, fail)
    result = shell("run", shell.job_file())
    assert result.exit_code == guard.JOB_FAILED
    assert "error: the workers ended with code 1" in result.stderr
    assert result.stderr.count("paused film-") == 1
    assert [row["state"] for row in shell.json("jobs")] == ["paused"]


def test_run_that_cannot_even_pause_says_what_it_leaves(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StorageUnavailable("the store is away")

    monkeypatch.setattr("jobs.cli.machine.own_workers", no_workers)
    monkeypatch.setattr("jobs.cli.drive.follow", interrupt)
    monkeypatch.setattr("jobs.truth.Truth.set_paused", away)
    monkeypatch.setattr("jobs.submit.resubmit", lambda *_: False)
    result = shell("run", shell.job_file())
    assert result.exit_code == guard.INTERRUPTED
    assert "left running in storage" in result.stderr
    assert "for it cannot be paused: the store is away" in result.stderr


def test_advice_can_be_pasted(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.cli.machine.own_workers", no_workers)
    monkeypatch.setattr("jobs.cli.drive.follow", interrupt)
    path = shell.job_file("my [bold]film.yaml")
    assert f"`atelier run '{path}'` goes on" in shell("run", path).stderr


def test_refused_resume_leaves_the_job_as_it_is(shell: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    assert shell("cancel", "film-1").exit_code == 0
    result = shell("resume", "film-1")
    assert result.exit_code == guard.BAD_INPUT
    assert result.stderr.count("\n") == 1


def test_run_of_a_job_that_is_finished_starts_no_workers(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, deployment: Deployment
) -> None:
    path = shell.job_file()
    planned = shell.json("check", path)
    plan = make_plan(planned["job"])
    deployment.truth.accept(plan, {"kind": "film"})
    publish(deployment, plan)
    monkeypatch.setattr("jobs.cli.machine.own_workers", interrupt)
    result = shell("run", path)
    assert result.exit_code == 0, result.output
    assert "is finished already" in result.stderr
    assert f"{plan.job} is finished" in result.stdout


def test_a_priority_is_changed_and_outlives_redis(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    assert cluster("prioritise", "film-1", "8").exit_code == 0
    assert deployment.seen().priority == 8
    deployment.ledger.redis.flushall()
    deployment.look()
    assert deployment.seen().priority == 8
    assert cluster.json("status", "film-1")["priority"] == 8
    wrong = cluster("prioritise", "film-1", "10")
    assert wrong.exit_code == guard.BAD_INPUT
