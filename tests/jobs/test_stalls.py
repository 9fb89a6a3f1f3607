"""A job that stands still is told of, once each time; one that is paused, or gets on, is not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from jobs.control import pause, resume
from jobs.kinds.notify import TOLD
from jobs.ledger import WorkerInfo
from jobs.metrics.reading import read
from jobs.metrics.tally import TALLY
from jobs.records import Hook, Plan
from jobs.webhooks.outbox import Outbox
from tests.jobs.deployment import Deployment
from tests.jobs.hook_server import receiving
from tests.jobs.making import make_plan
from workers.postman import Postman

HOOK = Hook(url="http://127.0.0.1:9/", on=TOLD)


def accepted(deployment: Deployment, *, chunks: int = 4, hook: Hook = HOOK) -> Plan:
    """A job that tells somebody."""
    plan = make_plan(chunks=chunks).model_copy(update={"notify": hook})
    deployment.accept(plan)
    return plan


def stand_still(deployment: Deployment, seconds: float = 3600.0) -> None:
    """Nothing of the job has been done for so long."""
    deployment.ledger.redis.hset("test:job:film-1", "moved", f"{time.time() - seconds:.6f}")


def notices(deployment: Deployment) -> list[str]:
    """The events that were told of the job."""
    return [notice.event for notice in Outbox(deployment.truth).notices("film-1")]


def worker(job: str = "") -> WorkerInfo:
    """One that serves both queues."""
    doing = f"{job} chunk 0" if job else "waiting"
    return WorkerInfo(slot="a", host="h", pid=1, device="cpu", queues=("gpu", "cpu"), doing=doing, job=job)


def test_a_real_receiver_is_told_why_and_since_when(deployment: Deployment) -> None:
    with receiving(204) as receiver:
        accepted(deployment, hook=Hook(url=receiver.url, on=("stalled",)))
        stand_still(deployment)
        deployment.look()
        config = deployment.settings.model_copy(update={"webhook_private": "on"})
        TALLY.clear()
        assert Postman(deployment.truth, config).round() == 1
        assert TALLY.drain()["atelier_notices_total", "stalled", "told"] == 1
        told: dict[str, Any] = receiver.told()
        assert receiver.headers[0]["Atelier-Event"] == "stalled"
    assert (told["event"], told["state"], told["job"]) == ("stalled", "running", "film-1")
    assert told["reason"] == "no worker is alive that serves the queue 'gpu'"
    assert told["stalled_since"].endswith("Z")


def test_it_is_told_once_and_after_progress_again(deployment: Deployment) -> None:
    plan = accepted(deployment)
    stand_still(deployment)
    for _ in range(3):
        deployment.look()
    assert notices(deployment) == ["stalled"]
    assert read(deployment.ledger).stalled["gpu"] == 1
    deployment.finish(plan, 0)
    deployment.look()
    assert read(deployment.ledger).stalled["gpu"] == 0
    stand_still(deployment, 1801.0)
    deployment.look()
    assert notices(deployment) == ["stalled", "stalled"]


def test_a_job_that_has_only_just_come_is_not_told_of(deployment: Deployment) -> None:
    accepted(deployment)
    deployment.look()
    stand_still(deployment, 1700.0)
    deployment.look()
    assert notices(deployment) == []


def test_a_paused_job_is_never_stalled_and_a_resumed_one_begins_anew(deployment: Deployment) -> None:
    accepted(deployment)
    pause("film-1", deployment.truth, deployment.ledger)
    stand_still(deployment)
    deployment.look()
    resume("film-1", deployment.truth, deployment.ledger, deployment.queue, ahead=2)
    deployment.look()
    assert notices(deployment) == []


def test_frames_that_are_painted_again_are_no_progress(deployment: Deployment) -> None:
    accepted(deployment)
    ledger = deployment.ledger

    def attempt(*frames: int, moved: bool = False) -> float:
        token, _ = ledger.acquire("film-1", 0, 1, slot="a", lease_s=60)
        assert token is not None
        for count in frames:
            assert ledger.tick("film-1", 0, 1, token=token, slot="a", lease_s=60, frames=count, moved=moved) == "ok"
        ledger.give_back("film-1", 0, 1, token=token, failed=False)
        return ledger.glance(["film-1"])["film-1"].idle_s

    assert attempt(0, 4, 8) < 60
    stand_still(deployment)
    assert attempt(0, 4, 8) > 3000
    assert attempt(2, moved=True) < 60
    stand_still(deployment)
    assert attempt(8) > 3000
    assert attempt(9) < 60


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("", "workers of the queue 'gpu' are idle, and take none of it; `atelier explain film-1` may tell more"),
        ("film-2", "every worker of the queue 'gpu' is busy with other jobs"),
        ("film-1", "it is in the hands of a, where nothing comes of it"),
    ],
)
def test_the_reason_is_what_the_workers_do(deployment: Deployment, at: str, why: str) -> None:
    accepted(deployment)
    deployment.ledger.report_worker(worker(at))
    stand_still(deployment)
    deployment.look()
    [notice] = Outbox(deployment.truth).notices("film-1")
    assert why in notice.body


def test_chunks_that_fail_again_and_again_are_the_reason(deployment: Deployment) -> None:
    accepted(deployment)
    deployment.ledger.report_worker(worker())
    deployment.ledger.record("film-1", "failed: the store is away", chunk=0)
    stand_still(deployment)
    deployment.look()
    [notice] = Outbox(deployment.truth).notices("film-1")
    assert "its chunks fail; the last time: the store is away" in notice.body
    assert "no progress for 60 min" in deployment.ledger.events("film-1")[-1]["what"]


def test_a_stitch_that_nobody_makes_is_told_of_too(deployment: Deployment) -> None:
    plan = accepted(deployment, chunks=1)
    deployment.finish(plan, 0)
    stand_still(deployment)
    deployment.look()
    [notice] = Outbox(deployment.truth).notices("film-1")
    assert "no worker is alive that serves the queue 'cpu'" in notice.body
    assert '"state":"stitching"' in notice.body


def test_all_jobs_are_told_to_the_address_of_the_settings(deployment: Deployment) -> None:
    deployment.accept(make_plan())
    stand_still(deployment)
    deployment.look(webhook_url="http://127.0.0.1:9/")
    assert notices(deployment) == ["stalled"]
