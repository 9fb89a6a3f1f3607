"""Pause, resume, cancel, redo, submit again: storage is told first, and a job that ended stays ended."""

from __future__ import annotations

import pytest

from jobs import control
from pipeline.errors import InputError, JobNotFound
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan

PLAN = make_plan(chunks=4, first=101)


def _resume(deployment: Deployment) -> None:
    control.resume("film-1", deployment.truth, deployment.ledger, deployment.queue, ahead=2)


@pytest.fixture
def running(deployment: Deployment) -> Deployment:
    """A job of four chunks of ten frames, 101-140; two chunks are published."""
    deployment.accept(PLAN)
    return deployment


@pytest.fixture
def finished(running: Deployment) -> Deployment:
    """The same job with its result."""
    for chunk in range(4):
        running.finish(PLAN, chunk)
    running.publish_result(PLAN)
    running.truth.retire("film-1", 1)
    running.ledger.end("film-1", "done", generation=1)
    return running


def test_pause_is_in_storage_and_in_the_ledger(running: Deployment) -> None:
    control.pause("film-1", running.truth, running.ledger)
    assert running.truth.paused("film-1")
    assert running.seen().state == "paused"
    assert running.ledger.published("film-1") == {}


def test_resume_publishes_again(running: Deployment) -> None:
    control.pause("film-1", running.truth, running.ledger)
    running.take()
    _resume(running)
    assert not running.truth.paused("film-1")
    assert running.take() == [["film-1", 0, 1], ["film-1", 1, 1]]


def test_resume_after_redis_forgot_the_job(running: Deployment) -> None:
    running.finish(PLAN, 0)
    control.pause("film-1", running.truth, running.ledger)
    running.wipe()
    _resume(running)
    assert running.take() == [["film-1", 1, 1], ["film-1", 2, 1]]


def test_resume_of_a_paused_stitch_publishes_the_stitch(running: Deployment) -> None:
    for chunk in range(4):
        running.finish(PLAN, chunk)
    control.pause("film-1", running.truth, running.ledger)
    _resume(running)
    assert running.take("cpu") == [["film-1", 1]]


def test_resuming_a_running_job_changes_nothing(running: Deployment) -> None:
    _resume(running)
    assert running.seen().state == "running"
    assert running.take() == [["film-1", 0, 1], ["film-1", 1, 1]]


def test_cancel_stops_the_job_for_good(running: Deployment) -> None:
    control.cancel("film-1", running.truth, running.ledger)
    assert running.truth.active() == []
    assert (running.seen().state, running.seen().error) == ("cancelled", "cancelled by its user")
    with pytest.raises(InputError, match="cancelled already: cancelled by its user; submit its file again"):
        control.cancel("film-1", running.truth, running.ledger)


def test_cancel_works_without_redis(running: Deployment) -> None:
    control.cancel("film-1", running.truth, None)
    ending = running.truth.ending("film-1", 1)
    assert ending is not None
    assert ending.state == "cancelled"


def test_failed_job_says_why(running: Deployment) -> None:
    control.fail("film-1", 1, "no room is left", running.truth, running.ledger)
    assert (running.seen().state, running.seen().error) == ("failed", "no room is left")
    assert running.ledger.events("film-1")[-1]["what"] == "no room is left"
    with pytest.raises(InputError, match="failed already: no room is left"):
        control.pause("film-1", running.truth, running.ledger)


@pytest.mark.parametrize("steer", [control.pause, control.cancel])
def test_finished_job_is_not_steered(finished: Deployment, steer: object) -> None:
    with pytest.raises(InputError, match="film-1 is finished already; its result is in /out"):
        steer("film-1", finished.truth, finished.ledger)  # type: ignore[operator]
    with pytest.raises(InputError, match="finished already"):
        _resume(finished)
    assert not finished.truth.paused("film-1")
    assert finished.seen().state == "done"


def test_unknown_job_is_not_steered(deployment: Deployment) -> None:
    for steer in (control.pause, control.cancel):
        with pytest.raises(JobNotFound, match="no job 'film-9'"):
            steer("film-9", deployment.truth, deployment.ledger)
    with pytest.raises(JobNotFound):
        control.redo("film-9", [1], deployment.truth)
    assert deployment.truth.jobs() == deployment.truth.active() == []


def test_redo_orders_the_chunks_that_hold_the_frames(finished: Deployment) -> None:
    generation = control.redo("film-1", range(110, 112), finished.truth)
    assert (generation.number, generation.chunks) == (2, (0, 1))
    assert generation.reason == "redo of frames 110-111 (2)"
    assert finished.truth.active() == ["film-1"]
    assert control.enter(PLAN, finished.truth, finished.ledger)
    assert (finished.seen().state, finished.seen().chunks_done) == ("running", 2)


def test_redo_of_a_cancelled_job_renders_what_was_missing_too(running: Deployment) -> None:
    running.finish(PLAN, 0)
    running.finish(PLAN, 2)
    control.cancel("film-1", running.truth, running.ledger)
    assert control.redo("film-1", [101], running.truth).chunks == (0, 1, 3)


def test_redo_again_is_a_generation_more(finished: Deployment) -> None:
    control.redo("film-1", [140], finished.truth)
    finished.store_receipt(PLAN, 3, generation=2)
    finished.publish_result(PLAN, generation=2)
    assert control.redo("film-1", [139], finished.truth).number == 3
    assert finished.truth.wanted("film-1", 4) == [1, 1, 1, 3]


@pytest.mark.parametrize(("frames", "named"), [([100], "100"), ([101, 141], "141"), ([0], "0"), ([], "no frame")])
def test_redo_of_frames_outside_the_job_is_refused(finished: Deployment, frames: list[int], named: str) -> None:
    with pytest.raises(InputError, match=f"film-1 has frames 101-140; {named} is not among them"):
        control.redo("film-1", frames, finished.truth)
    assert finished.truth.current("film-1").number == 1


def test_redo_of_a_job_at_work_is_refused(running: Deployment) -> None:
    with pytest.raises(InputError, match="film-1 is still at work; wait for it, or `atelier cancel film-1` first"):
        control.redo("film-1", [101], running.truth)


def test_stopped_job_goes_on_with_the_chunks_it_has(running: Deployment) -> None:
    running.finish(PLAN, 0)
    control.fail("film-1", 1, "no room is left", running.truth, running.ledger)
    running.take()
    assert control.resubmit("film-1", running.truth, running.ledger)
    control.publish("film-1", running.truth, running.ledger, running.queue, ahead=2)
    assert (running.seen().state, running.seen().error, running.seen().chunks_done) == ("running", "", 1)
    assert running.take() == [["film-1", 1, 1], ["film-1", 2, 1]]
    assert running.truth.ending("film-1", 1) is None


def test_finished_job_is_not_done_again_by_submitting_it(finished: Deployment) -> None:
    assert not control.resubmit("film-1", finished.truth, finished.ledger)
    assert finished.seen().state == "done"


def test_submitting_a_running_job_again_disturbs_nothing(running: Deployment) -> None:
    token, _ = running.ledger.acquire("film-1", 0, 1, slot="a", lease_s=30)
    assert token is not None
    assert control.resubmit("film-1", running.truth, running.ledger)
    assert running.ledger.tick("film-1", 0, 1, token=token, slot="a", lease_s=30, frames=5) == "ok"


def test_submitting_a_paused_job_again_resumes_it(running: Deployment) -> None:
    control.pause("film-1", running.truth, running.ledger)
    control.resubmit("film-1", running.truth, running.ledger)
    assert not running.truth.paused("film-1")
    assert running.seen().state == "running"


def test_redo_ordered_while_the_stitcher_leaves_is_not_lost(running: Deployment) -> None:
    for chunk in range(4):
        running.finish(PLAN, chunk)
    running.publish_result(PLAN)
    control.redo("film-1", [105], running.truth)
    control.enter(PLAN, running.truth, running.ledger, force=True)
    running.truth.retire("film-1", 1)
    running.ledger.end("film-1", "done", generation=1)
    assert running.truth.active() == ["film-1"]
    assert (running.seen().state, running.seen().generation) == ("running", 2)


def test_late_failure_of_an_older_generation_leaves_the_newer_one_alone(finished: Deployment) -> None:
    control.redo("film-1", [105], finished.truth)
    control.enter(PLAN, finished.truth, finished.ledger, force=True)
    control.fail("film-1", 1, "too late", finished.truth, finished.ledger)
    assert finished.truth.active() == ["film-1"]
    assert finished.seen().state == "running"


def test_redo_into_the_output_of_an_unfinished_job_is_refused(finished: Deployment) -> None:
    finished.accept(make_plan("film-2", output=PLAN.output))
    with pytest.raises(InputError, match="film-2 is not finished and writes to"):
        control.redo("film-1", [105], finished.truth)
