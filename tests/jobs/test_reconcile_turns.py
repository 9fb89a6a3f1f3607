"""What a reconciler that has looked before reads again: little, but enough."""

from __future__ import annotations

import pytest

from jobs import control
from pipeline.errors import JobNotFound
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan
from workers import turns
from workers.reconcile import Findings, Reconciler

PLAN = make_plan()


@pytest.fixture
def running(deployment: Deployment) -> Deployment:
    """A job of four chunks, two of them published."""
    deployment.accept(PLAN)
    return deployment


@pytest.fixture
def reconciler(running: Deployment, monkeypatch: pytest.MonkeyPatch) -> Reconciler:
    """One that has looked once, and may read no job's records at all by turns."""
    made = Reconciler(running.truth, running.ledger, running.queue, running.settings)
    assert made.look() == Findings()
    monkeypatch.setattr(turns, "A_LOOK", 0)
    return made


def test_receipts_of_a_job_in_good_order_are_not_listed_again(
    running: Deployment, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> None:
        raise JobNotFound("was read")

    for name in ("counting", "plan", "current", "generations"):
        monkeypatch.setattr(running.truth, name, read)
    assert reconciler.look() == Findings()
    assert running.seen().state == "running"


def test_receipt_of_a_worker_that_died_is_counted_and_not_rendered_again(
    running: Deployment, reconciler: Reconciler
) -> None:
    running.take()
    running.kill_worker("film-1", 0)
    running.store_receipt(PLAN, 0)
    assert reconciler.look() == Findings(counted=1)
    assert running.seen().failures == {}


def test_dead_workers_chunk_is_published_again(running: Deployment, reconciler: Reconciler) -> None:
    running.take()
    running.kill_worker("film-1", 0)
    assert reconciler.look() == Findings(republished=1)


def test_forgotten_job_is_entered_again(running: Deployment, reconciler: Reconciler) -> None:
    running.finish(PLAN, 1)
    running.wipe()
    assert reconciler.look() == Findings(entered=1)
    assert running.seen().chunks_done == 1


def test_redo_of_a_finished_job_is_entered(running: Deployment, reconciler: Reconciler) -> None:
    for chunk in range(4):
        running.finish(PLAN, chunk)
    running.publish_result(PLAN)
    running.ledger.end("film-1", "done", generation=1)
    control.redo("film-1", [1], running.truth)
    assert reconciler.look() == Findings(entered=1)


def test_cancel_that_the_ledger_has_not_heard_of_is_told_to_it(running: Deployment, reconciler: Reconciler) -> None:
    control.cancel("film-1", running.truth, None)
    assert reconciler.look() == Findings(ended=1)
    assert running.seen().state == "cancelled"


def test_stitch_whose_message_was_never_sent_is_published(running: Deployment, reconciler: Reconciler) -> None:
    for chunk in range(4):
        running.finish(PLAN, chunk)
    reconciler.look()
    reconciler.look()
    assert running.take("cpu") == [["film-1", 1]]


def test_receipt_that_nothing_hints_at_is_counted_when_its_turn_comes(
    running: Deployment, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.store_receipt(PLAN, 3)
    assert reconciler.look() == Findings()
    monkeypatch.setattr(turns, "A_LOOK", 1_000)
    assert reconciler.look() == Findings(counted=1)
