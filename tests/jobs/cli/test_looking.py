from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import control
from jobs.cli import guard
from jobs.ledger import WorkerInfo
from tests.jobs.cli.conftest import Shell
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan


def test_jobs_lists_what_has_work_to_do(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan("film-aaaa"))
    deployment.accept(make_plan("film-bbbb"))
    control.cancel("film-bbbb", deployment.truth, deployment.ledger)
    assert [row["job"] for row in cluster.json("jobs")] == ["film-aaaa"]
    assert {row["job"]: row["state"] for row in cluster.json("jobs", "--all")} == {
        "film-aaaa": "running",
        "film-bbbb": "cancelled",
    }
    assert "1 job ended" in cluster("jobs").stderr


def test_status_counts_what_the_ledger_knows(cluster: Shell, deployment: Deployment) -> None:
    plan = make_plan()
    deployment.accept(plan)
    deployment.finish(plan, 0)
    cluster.set(price_per_hour="36")
    status = cluster.json("status", "film")
    assert (status["known_from"], status["frames_done"], status["chunks_done"]) == ("ledger", 10, 1)
    assert status["cost"] == pytest.approx(2.0 / 3600 * 36)
    assert "10 of 40 (25 %)" in cluster("status", "film").stdout


def test_without_redis_storage_tells_how_far_a_job_is(shell: Shell, deployment: Deployment) -> None:
    plan = make_plan()
    deployment.accept(plan)
    deployment.finish(plan, 2)
    status = shell.json("status", "film-1")
    assert (status["state"], status["known_from"], status["frames_done"]) == ("waiting", "storage", 10)
    assert "from storage alone" in shell("status", "film-1").stderr


def test_with_redis_away_looking_goes_on(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    cluster.set(redis_url="redis://127.0.0.1:1")
    assert cluster.json("jobs")[0]["known_from"] == "storage"
    assert cluster("watch", "film-1").exit_code == guard.UNAVAILABLE


def test_a_job_may_be_shortened(cluster: Shell, deployment: Deployment) -> None:
    for job in ("film-ab12", "film-ab34", "film-cd56"):
        deployment.accept(make_plan(job))
    assert cluster.json("status", "cd")["job"] == "film-cd56"
    assert cluster.json("status", "film-ab1")["job"] == "film-ab12"
    several = cluster("status", "ab")
    assert several.exit_code == guard.BAD_INPUT
    assert "film-ab12, film-ab34" in several.stderr


def test_an_unknown_job_names_the_nearest(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan("film-ab12"))
    result = cluster("status", "film-ab21")
    assert result.exit_code == guard.BAD_INPUT
    assert "did you mean film-ab12?" in result.stderr
    assert "--all" in cluster("status", "nothing-like-it").stderr


def test_watching_an_ended_job_tells_how_it_ended(cluster: Shell, deployment: Deployment) -> None:
    plan = make_plan()
    deployment.accept(plan)
    control.fail(plan.job, 1, "the source is gone", deployment.truth, deployment.ledger)
    result = cluster("watch", "film-1")
    assert result.exit_code == guard.JOB_FAILED
    assert "film-1 failed: the source is gone" in result.stderr


def test_leaving_a_watch_does_not_stop_the_job(
    cluster: Shell, deployment: Deployment, cluster_environment: dict[str, str]
) -> None:
    deployment.accept(make_plan())
    # Where the suite itself runs in the background, its children would ignore Ctrl-C.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [sys.executable, "-c", f"{heeding}from jobs.cli import main; main()", "watch", "film-1"]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, env=cluster_environment, cwd=root, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        last = process.stderr.read()
    assert first.startswith("film-1  running  0 %  0/40 frames")
    assert "the job goes on" in last
    assert process.returncode == 0
    assert deployment.seen().state == "running"


# explain


def worker(doing: str = "waiting", *queues: str) -> WorkerInfo:
    return WorkerInfo(slot="gpu-0@a", host="a", pid=1, device="cuda", queues=queues or ("gpu", "cpu"), doing=doing)


def test_explain_says_that_no_worker_is_alive(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    deployment.ledger.report_worker(worker("waiting", "cpu"))
    assert "no worker is alive for the queue 'gpu' (1 worker of other queues)" in cluster("explain", "film-1").stdout


def test_explain_says_who_renders_what(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan(first=1001))
    deployment.ledger.report_worker(worker())
    deployment.ledger.acquire("film-1", 1, 1, slot="gpu-0@a", lease_s=30)
    told = cluster("explain", "film-1").stdout
    assert "gpu-0@a renders chunk 1 (frames 1011-1020): 0 of 10 are painted." in told


def test_explain_says_who_is_ahead(cluster: Shell, deployment: Deployment) -> None:
    deployment.ledger.report_worker(worker("film-1 chunk 0"))
    deployment.accept(make_plan("film-1", priority=9))
    for job in ("film-2", "film-3"):
        deployment.accept(make_plan(job, priority=1))
    last = deployment.ledger.ready("gpu")[-1]
    told = cluster("explain", last).stdout
    assert "2 jobs are ahead in the queue 'gpu'" in told
    assert "Every worker of the queue is busy: gpu-0@a with film-1 chunk 0." in told


def test_explain_says_since_when_a_job_is_paused(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    control.pause("film-1", deployment.truth, deployment.ledger)
    assert "It is paused since 20" in cluster("explain", "film-1").stdout


def test_explain_says_why_a_job_failed(cluster: Shell, deployment: Deployment) -> None:
    plan = make_plan()
    deployment.accept(plan)
    deployment.finish(plan, 0)
    control.fail(plan.job, 1, "chunk 1 failed 3 times", deployment.truth, deployment.ledger)
    told = cluster("explain", "film-1").stdout
    assert "chunk 1 failed 3 times." in told
    assert "1 of its 4 chunks are kept" in told


def test_explain_follows_a_frame_to_its_chunk(cluster: Shell, deployment: Deployment) -> None:
    plan = make_plan(chunks=12)
    deployment.accept(plan)
    told = cluster("explain", "film-1", "15").stdout
    assert "Frame 15 is in chunk 1, which holds frames 11-20." in told
    assert "in the queue since" in told
    assert "not in the queue yet" in cluster("explain", "film-1", "120").stdout


def test_explain_says_how_often_a_frame_failed(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    token, _ = deployment.ledger.acquire("film-1", 1, 1, slot="a", lease_s=30)
    deployment.ledger.give_back("film-1", 1, 1, token=token, failed=True)
    deployment.ledger.record("film-1", "failed: out of luck", chunk=1, worker="gpu-0@a")
    told = cluster("explain", "film-1", "15").stdout
    assert "The chunk has failed 1 time." in told
    assert "chunk 1: failed: out of luck  gpu-0@a" in told
    assert "out of luck" not in cluster("explain", "film-1", "25").stdout


def test_explain_refuses_a_frame_that_is_not_there(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    result = cluster("explain", "film-1", "41")
    assert result.exit_code == guard.BAD_INPUT
    assert "has frames 1-40; 41 is not among them" in result.stderr


@pytest.mark.parametrize("frame", ["x", "1.5", "٣", "9" * 5000])
def test_explain_says_what_a_frames_number_is(shell: Shell, frame: str) -> None:
    result = shell("explain", "film-1", frame)
    assert result.exit_code == guard.BAD_INPUT
    assert f"error: frame: {frame!r} is no frame's number; write one, as in `atelier explain JOB 30`" in result.stderr
