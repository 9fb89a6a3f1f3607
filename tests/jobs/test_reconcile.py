"""The reconciler makes the ledger agree with storage, whatever was lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs import control
from jobs.snapshot import STITCH
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan
from workers.reconcile import Findings

PLAN = make_plan(chunks=4)


@pytest.fixture
def running(deployment: Deployment) -> Deployment:
    """A job of four chunks, two of them published."""
    deployment.accept(PLAN)
    return deployment


def test_job_in_good_order_is_left_alone(running: Deployment) -> None:
    running.finish(PLAN, 0)
    running.look()
    assert running.look() == Findings()


def test_forgotten_job_is_entered_again_with_its_receipts(running: Deployment) -> None:
    running.finish(PLAN, 1)
    running.wipe()
    assert running.look() == Findings(entered=1)
    assert (running.seen().chunks_done, running.seen().frames_done) == (1, 10)
    assert running.take() == [["film-1", 0, 1], ["film-1", 2, 1]]


def test_job_ends_though_redis_forgets_it_after_every_chunk(running: Deployment) -> None:
    rendered = []
    while messages := running.take():
        _, chunk, generation = messages[0]
        running.finish(PLAN, chunk, generation=generation)
        rendered.append(chunk)
        running.wipe()
        running.look()
    assert rendered == [0, 1, 2, 3]
    assert running.take("cpu") == [["film-1", 1]]


def test_chunk_in_a_workers_hands_survives_the_loss(running: Deployment) -> None:
    token, _ = running.ledger.acquire("film-1", 0, 1, slot="a", lease_s=30)
    assert token is not None
    running.wipe()

    def beat() -> str:
        return running.ledger.tick("film-1", 0, 1, token=token, slot="a", lease_s=30, frames=3)

    assert beat() == "gone"
    running.look()
    assert running.ledger.acquire("film-1", 0, 1, slot="b", lease_s=30) == (None, "held")
    assert beat() == "ok"
    assert running.look() == Findings()


def test_receipt_unknown_to_the_ledger_is_counted(running: Deployment) -> None:
    running.store_receipt(PLAN, 0)
    assert running.look() == Findings(counted=1)
    assert (running.seen().chunks_done, running.seen().compute_s) == (1, 2.0)
    assert running.look() == Findings()


def test_last_receipt_unknown_to_the_ledger_starts_the_stitch(running: Deployment) -> None:
    for chunk in range(3):
        running.finish(PLAN, chunk)
    running.store_receipt(PLAN, 3)
    running.look()
    assert running.seen().state == "stitching"
    assert running.take("cpu") == [["film-1", 1]]


def test_dead_workers_chunk_is_published_again_and_counts_as_a_failure(running: Deployment) -> None:
    running.take()
    running.kill_worker("film-1", 0)
    assert running.look() == Findings(republished=1)
    assert running.take() == [["film-1", 0, 1]]
    assert running.seen().failures == {"0": 1}
    assert running.ledger.events("film-1")[-1]["what"] == "the worker on it died; published again"


def test_lost_message_is_published_again_and_is_nobodys_failure(running: Deployment) -> None:
    running.take()
    assert running.look() == Findings()
    assert running.look(published_s=1e-6) == Findings(republished=2)
    assert running.take() == [["film-1", 0, 1], ["film-1", 1, 1]]
    assert running.seen().failures == {}


def kill_workers(running: Deployment, job: str, chunk: int, times: int) -> None:
    """The chunk kills whoever takes it, and each time the reconciler sees it."""
    for time in range(times):
        assert running.ledger.state(job) == "running"
        running.kill_worker(job, chunk, slot=f"slot-{time}")
        running.look()


def test_work_that_cannot_be_parted_and_killed_three_workers_fails_its_job(running: Deployment) -> None:
    running.accept(make_plan("train-1", kind="train-style", chunks=1, output="/trained"))
    kill_workers(running, "train-1", 0, times=3)
    ending = running.truth.ending("train-1", 1)
    assert ending is not None
    assert ending.reason.startswith("chunk 0 killed its worker 3 times")
    assert running.truth.active() == ["film-1"]


def test_chunk_that_killed_three_workers_is_given_out_to_be_searched(running: Deployment) -> None:
    kill_workers(running, "film-1", 0, times=3)
    assert running.seen().state == "running"
    assert ["film-1", 0, 1] in running.take()


def test_chunk_that_kills_on_and_on_fails_its_job(running: Deployment) -> None:
    kill_workers(running, "film-1", 0, times=68)
    assert running.seen().state == "failed"
    assert running.seen().error.startswith("chunk 0 killed its worker 68 times")


def test_other_jobs_go_on_when_one_fails(running: Deployment) -> None:
    control.fail("film-1", 1, "a reason", running.truth, running.ledger)
    running.take()
    running.accept(make_plan("film-2", chunks=2, output="/other"))
    assert running.take() == [["film-2", 0, 1], ["film-2", 1, 1]]


def test_stitch_of_a_dead_worker_is_published_again(running: Deployment) -> None:
    for chunk in range(4):
        running.finish(PLAN, chunk)
    running.look()
    running.take("cpu")
    running.kill_worker("film-1", STITCH)
    running.look()
    assert running.take("cpu") == [["film-1", 1]]
    assert running.seen().failures == {STITCH: 1}


def test_stitch_whose_message_was_never_sent_is_published(running: Deployment) -> None:
    for chunk in range(4):
        running.finish(PLAN, chunk)
    assert running.messages("cpu") == []
    running.look()
    assert running.take("cpu") == [["film-1", 1]]


def test_paused_job_stays_paused_when_redis_forgets_it(running: Deployment) -> None:
    control.pause("film-1", running.truth, running.ledger)
    running.wipe()
    running.look()
    assert running.seen().state == "paused"
    assert running.take() == []


def test_job_finished_in_storage_is_ended_in_the_ledger(running: Deployment) -> None:
    running.publish_result(PLAN)
    running.truth.retire("film-1", 1)
    assert running.look() == Findings(ended=1)
    assert running.seen().state == "done"
    assert running.ledger.published("film-1") == {}


def test_job_cancelled_while_redis_was_away_is_ended_in_the_ledger(running: Deployment) -> None:
    control.cancel("film-1", running.truth, None)
    running.look()
    assert (running.seen().state, running.seen().error) == ("cancelled", "cancelled by its user")


def test_finished_job_whose_marker_was_left_is_retired(running: Deployment) -> None:
    running.publish_result(PLAN)
    running.look()
    running.look()
    assert running.truth.active() == []
    assert running.seen().state == "done"


def test_job_that_is_only_just_being_accepted_stays(running: Deployment) -> None:
    running.truth.retire("film-1", 1)
    assert running.look() == Findings()
    assert running.seen().state == "running"


def test_redo_that_the_ledger_has_not_heard_of_is_entered(running: Deployment) -> None:
    for chunk in range(4):
        running.finish(PLAN, chunk)
    running.publish_result(PLAN)
    running.ledger.end("film-1", "done", generation=1)
    running.take()
    control.redo("film-1", [1], running.truth)
    assert running.look() == Findings(entered=1)
    assert running.take() == [["film-1", 0, 2]]


def test_concurrent_reconcilers_do_no_harm(running: Deployment) -> None:
    running.take()
    running.kill_worker("film-1", 0)
    running.store_receipt(PLAN, 1)
    with ThreadPoolExecutor(4) as pool:
        findings = [look.result() for look in [pool.submit(running.look) for _ in range(4)]]
    assert sum(found.republished for found in findings) == 1
    assert running.seen().failures == {"0": 1}
    assert running.seen().chunks_done == 1
    assert sorted(running.take()) == [["film-1", 0, 1], ["film-1", 2, 1]]


def test_concurrent_reconcilers_enter_a_forgotten_job_once(running: Deployment) -> None:
    running.finish(PLAN, 0)
    running.wipe()
    with ThreadPoolExecutor(4) as pool:
        for look in [pool.submit(running.look) for _ in range(4)]:
            look.result()
    assert running.seen().chunks_done == 1
    assert sorted(running.take()) == [["film-1", 1, 1], ["film-1", 2, 1]]


def test_work_that_crashes_one_worker_again_and_again_fails_its_job(running: Deployment) -> None:
    running.accept(make_plan("train-1", kind="train-style", chunks=1, output="/trained"))
    for _ in range(4):
        running.ledger.acquire("train-1", 0, 1, slot="a", lease_s=60)
    running.look()
    ending = running.truth.ending("train-1", 1)
    assert ending is not None
    assert ending.reason.startswith("chunk 0 killed its worker 3 times")


def test_job_alive_in_storage_and_ended_in_the_ledger_goes_on(running: Deployment) -> None:
    running.finish(PLAN, 0)
    running.ledger.end("film-1", "failed", generation=1, error="no room")
    assert running.look() == Findings(entered=1)
    assert (running.seen().state, running.seen().chunks_done) == ("running", 1)


def test_job_deleted_by_its_owner_holds_up_no_other(running: Deployment) -> None:
    running.accept(make_plan("film-2", output="/other"))
    for entry in list(running.truth.store.list("jobs/film-1/")):
        running.truth.store.delete(entry.key)
    running.wipe()
    assert running.look() == Findings(entered=1)
    assert running.truth.active() == ["film-2"]


def test_job_with_damaged_records_holds_up_no_other(running: Deployment) -> None:
    running.accept(make_plan("film-2", output="/other"))
    running.truth.store.put("jobs/film-1/plan.json", b"{")
    running.wipe()
    assert running.look() == Findings(entered=1)
    assert running.ledger.jobs() == ["film-2"]
