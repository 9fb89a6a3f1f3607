"""Submission: a job file becomes an accepted job, or nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs import control
from jobs.config import Settings
from jobs.ledger import Ledger
from jobs.records import Plan
from jobs.spec import parse
from jobs.submit import Submission, plan_job, submit
from pipeline.errors import AtelierError, InputError, QueueUnavailable
from tests.jobs.deployment import Deployment
from tests.jobs.files import job_text, write_checkpoint, write_sequence


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sequence of 25 frames and a style."""
    write_sequence(tmp_path / "shots", 25)
    write_checkpoint(tmp_path / "my.safetensors")
    return tmp_path


def _submit(deployment: Deployment, folder: Path, **changes: object) -> Submission:
    config = deployment.settings.model_copy(update={"chunk_frames": 10})
    spec, located = parse(job_text(**changes), path="film.yaml", folder=folder)
    plan = plan_job(spec, located, config)
    return submit(spec, plan, deployment.truth, deployment.ledger, deployment.queue, config)


def _all_done(deployment: Deployment, plan: Plan) -> None:
    for chunk in range(len(plan.chunks)):
        deployment.finish(plan, chunk)


def test_submitted_job_is_in_storage_in_the_ledger_and_in_the_queue(deployment: Deployment, folder: Path) -> None:
    submission = _submit(deployment, folder)
    job = submission.plan.job
    assert submission.created
    assert deployment.truth.active() == [job]
    assert deployment.truth.plan(job) == submission.plan
    assert deployment.seen(job).frames == 25
    assert deployment.take() == [[job, 0, 1], [job, 1, 1]]


def test_submitting_twice_is_one_job(deployment: Deployment, folder: Path) -> None:
    first = _submit(deployment, folder)
    second = _submit(deployment, folder)
    assert (second.plan, second.created) == (first.plan, False)
    assert len(deployment.take()) == 2


def test_own_checkpoint_travels_to_the_store(deployment: Deployment, folder: Path) -> None:
    [model] = _submit(deployment, folder).plan.models
    assert model.weights == f"models/{model.sha256}.safetensors"
    stored = deployment.truth.store.get(model.weights)
    assert stored == (folder / "my.safetensors").read_bytes()


def test_nothing_is_visible_in_the_output_yet(deployment: Deployment, folder: Path) -> None:
    _submit(deployment, folder)
    assert not (folder / "out").exists() or list((folder / "out").iterdir()) == []


def test_two_jobs_do_not_share_an_output(deployment: Deployment, folder: Path) -> None:
    first = _submit(deployment, folder).plan.job
    with pytest.raises(InputError, match=rf"job {first} is not finished and writes to .*/out as well; choose another"):
        _submit(deployment, folder, strength=0.5, output="out")
    assert deployment.truth.jobs() == [first]
    control.cancel(first, deployment.truth, deployment.ledger)
    assert _submit(deployment, folder, strength=0.5, output="out").created


def test_output_that_cannot_be_written_is_refused_before_anything_is_stored(
    deployment: Deployment, folder: Path
) -> None:
    (folder / "out").write_text("a file")
    with pytest.raises(AtelierError, match="out"):
        _submit(deployment, folder)
    assert deployment.truth.jobs() == []
    assert deployment.ledger.jobs() == []


def test_without_redis_nothing_is_stored(deployment: Deployment, folder: Path, settings: Settings) -> None:
    away = Ledger("unix:///nonexistent/redis.sock", timeout_s=0.2)
    alone = Deployment(deployment.truth, away, deployment.queue, settings)
    with pytest.raises(QueueUnavailable):
        _submit(alone, folder)
    assert list(deployment.truth.store.list()) == []


def test_failed_job_submitted_again_goes_on(deployment: Deployment, folder: Path) -> None:
    plan = _submit(deployment, folder).plan
    deployment.finish(plan, 0)
    control.fail(plan.job, 1, "no room is left", deployment.truth, deployment.ledger)
    deployment.take()
    assert not _submit(deployment, folder).created
    assert deployment.take() == [[plan.job, 1, 1], [plan.job, 2, 1]]


def test_job_that_failed_in_its_stitch_is_stitched_when_submitted_again(deployment: Deployment, folder: Path) -> None:
    plan = _submit(deployment, folder).plan
    _all_done(deployment, plan)
    control.fail(plan.job, 1, "no room is left", deployment.truth, deployment.ledger)
    _submit(deployment, folder)
    assert deployment.take("cpu") == [[plan.job, 1]]


def test_finished_job_submitted_again_stays_finished(deployment: Deployment, folder: Path) -> None:
    plan = _submit(deployment, folder).plan
    _all_done(deployment, plan)
    deployment.publish_result(plan)
    deployment.truth.retire(plan.job, 1)
    deployment.ledger.end(plan.job, "done", generation=1)
    deployment.take()
    assert not _submit(deployment, folder).created
    assert deployment.take() == deployment.take("cpu") == []
    assert deployment.seen(plan.job).state == "done"


def test_submission_that_broke_off_before_the_ledger_heard_is_finished(deployment: Deployment, folder: Path) -> None:
    plan = _submit(deployment, folder).plan
    deployment.wipe()
    _submit(deployment, folder)
    assert deployment.seen(plan.job).state == "running"
    assert len(deployment.take()) == 2


def test_a_damaged_copy_in_the_store_is_replaced_by_the_next_submission(deployment: Deployment, folder: Path) -> None:
    [model] = _submit(deployment, folder).plan.models
    deployment.truth.store.put(model.weights, b"damaged")
    _submit(deployment, folder, strength=0.5, output="elsewhere")
    assert deployment.truth.store.get(model.weights) == (folder / "my.safetensors").read_bytes()
