from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jobs.cli import guard
from pipeline.errors import IntegrityError, JobNotFound, QueueUnavailable
from tests.jobs.cli.conftest import Shell

ROOT = Path(__file__).parents[3]


def test_help_shows_every_command_in_its_group(shell: Shell) -> None:
    text = shell("--help").stdout
    groups = {"Running": "run", "Looking": "explain", "Steering": "redo", "Deployment": "worker"}
    order = [part for group, command in groups.items() for part in (f"─ {group} ─", f"│ {command} ")] + ["Exit codes"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)


@pytest.mark.parametrize("command", ["run", "submit", "redo", "watch", "status", "jobs", "explain", "worker", "resume"])
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    result = shell(command, "--help")
    assert result.exit_code == 0
    assert f"Usage: root {command}" in result.stdout


def test_version_is_the_distributions(shell: Shell) -> None:
    assert shell("--version").stdout.startswith("atelier ")


def test_a_mistyped_command_is_guessed(shell: Shell) -> None:
    result = shell("statsu")
    assert result.exit_code == guard.BAD_INPUT
    assert "Did you mean 'status'" in result.stderr


def test_help_imports_nothing_that_takes_time() -> None:
    heavy = "{'boto3', 'celery', 'redis', 'pydantic', 'yaml', 'av', 'numpy', 'cv2'}"
    script = f"import sys, jobs.cli.app\nassert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_check_tells_what_would_be_made(shell: Shell) -> None:
    result = shell("check", shell.job_file(frames="1003-1006"))
    assert result.exit_code == 0
    for fact in ("sequence, 8x6 px, 8 frames", "4 frames (1003-1006)", "2 chunks of at most 2 frames", "png"):
        assert fact in result.stdout


def test_check_tells_every_problem_where_it_is(shell: Shell) -> None:
    path = shell.job_file(strenth=0.5, frames="10-5")
    result = shell("check", path)
    assert result.exit_code == guard.BAD_INPUT
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert [line.startswith(f"{path}:") for line in lines] == [True, True]
    assert "did you mean 'strength'" in result.stderr


def test_check_gives_scripts_the_problems_as_json(shell: Shell) -> None:
    result = shell("check", shell.job_file(frames="10-5"), "--json")
    assert result.exit_code == guard.BAD_INPUT
    assert '"ok": false' in result.stdout


def test_check_gives_scripts_the_plan_as_json(shell: Shell) -> None:
    plan = shell.json("check", shell.job_file())
    assert (plan["ok"], plan["frames"], plan["chunks"], plan["painted"]) == (True, 8, 4, [8, 6])
    assert not any(shell.folder.joinpath("store").glob("**/*")), "checking wrote something"


def test_a_missing_job_file_is_one_sentence(shell: Shell) -> None:
    result = shell("run", "nothing.yaml")
    assert result.exit_code == guard.BAD_INPUT
    assert result.stderr == "error: nothing.yaml: no such job file\n"


def test_schema_is_json_that_editors_take(shell: Shell) -> None:
    result = shell("schema", "film")
    assert '"strength"' in result.stdout
    wrong = shell("schema", "fil")
    assert (wrong.exit_code, wrong.stderr) == (guard.BAD_INPUT, "error: unknown kind 'fil'; did you mean 'film'?\n")


def test_a_wrong_setting_is_bad_input(shell: Shell) -> None:
    shell.set(chunk_frames="many")
    result = shell("jobs")
    assert result.exit_code == guard.BAD_INPUT
    assert result.stderr.startswith("error: ATELIER_CHUNK_FRAMES: ")


@pytest.mark.parametrize("command", [("worker",), ("reconcile",), ("scheduler",)])
def test_workers_need_a_redis(shell: Shell, command: tuple[str, ...]) -> None:
    result = shell(*command)
    assert result.exit_code == guard.BAD_INPUT
    assert "set ATELIER_REDIS_URL" in result.stderr


def test_worker_becomes_the_supervisor(cluster: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda path, words: became.append(words))
    cluster("worker", "--concurrency", "3", "--queues", "gpu")
    assert became == [[sys.executable, "-m", "workers.supervisor", "--stay", "--concurrency", "3", "--queues", "gpu"]]


def test_worker_knows_its_queues(cluster: Shell) -> None:
    result = cluster("worker", "--queues", "gpus")
    assert result.exit_code == guard.BAD_INPUT
    assert "'gpus' is no queue" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (JobNotFound("x"), guard.BAD_INPUT),
        (QueueUnavailable("x"), guard.UNAVAILABLE),
        (IntegrityError("x"), guard.JOB_FAILED),
        (KeyboardInterrupt(), guard.INTERRUPTED),
        (ZeroDivisionError("x"), guard.BUG),
        (PermissionError("x"), guard.BUG),
    ],
)
def test_every_error_has_its_exit_code(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("jobs.truth.Truth.jobs", fail)
    result = shell("jobs")
    assert result.exit_code == code
    assert "Traceback" not in result.output
    assert len(result.stderr.splitlines()) == 1


def test_a_bug_shows_its_traceback_when_asked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.truth.Truth.jobs", lambda self: 1 / 0)
    shell.set(log="debug")
    result = shell("jobs")
    assert result.exit_code == guard.BUG
    assert "Traceback" in result.stderr
    assert "this is a bug" in result.stderr
