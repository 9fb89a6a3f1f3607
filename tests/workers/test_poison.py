"""Frames that kill, break or hang whoever paints them: they are found, and the rest of the film is made."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs.explain import explain_job
from jobs.records import Plan
from tests.processes import running
from tests.workers.farm import Farm, farm
from tests.workers.test_film_job import job


@contextmanager
def poisoned(made: Farm, poison: str, *slots: str) -> Iterator[None]:
    """Workers that die, break or hang where the poison says, and a reconciler."""
    if not slots:
        with running(
            [sys.executable, "-m", "workers.reconcile"], log=made.folder / "reconcile.log", env=made.environment
        ):
            yield
        return
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "tests.workers.poisoned", "worker", "--pool", "prefork"]
    command += ["--concurrency", "1", "--queues", "gpu,cpu", "--hostname", f"{slots[0]}@here", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    environment = made.environment | {"POISON": poison, "ATELIER_SLOT": slots[0], "ATELIER_QUEUES": "gpu,cpu"}
    with running(command, log=made.folder / f"{slots[0]}.log", env=environment), poisoned(made, poison, *slots[1:]):
        yield


def failed(made: Farm, plan: Plan) -> str:
    """Why the job failed."""
    return made.wait(plan.job, lambda seen: seen.state == "failed", "failed").error


def frames(made: Farm, plan: Plan) -> list[str]:
    """The digest of every frame."""
    return [blob.sha256 for receipt in made.truth.receipts(plan) if receipt for blob in receipt.frames]


@pytest.fixture(scope="module")
def whole(shared_farm: Farm, media: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The digests of the film's frames without poison."""
    plan = shared_farm.submit(job(media, tmp_path_factory.mktemp("whole"), frames="1-24", chunk=8))
    shared_farm.finish(plan)
    return frames(shared_farm, plan)


@pytest.fixture
def weak_farm(tmp_path: Path) -> Iterator[Farm]:
    """A farm that gives chunks up soon."""
    with farm(tmp_path, stall_s="4", lease_s="8", max_attempts="1", reconcile_s="1") as made:
        yield made


def test_frame_that_kills_is_held_and_named_and_other_jobs_go_on(
    weak_farm: Farm, media: Path, whole: list[str]
) -> None:
    with poisoned(weak_farm, "11:SIGSEGV", "a", "b"):
        plan = weak_farm.submit(
            job(
                media,
                weak_farm.folder / "out",
                frames="1-24",
                chunk=4,
                on_error="hold-last-frame",
                deliver="[h264, png]",
            )
        )
        other = weak_farm.submit(job(media, weak_farm.folder / "other", frames="31-40", chunk=5))
        weak_farm.finish(other)
        weak_farm.finish(plan)
    made = frames(weak_farm, plan)
    assert made == [*whole[:11], whole[10], *whole[12:]]
    receipt = weak_farm.truth.receipt_that_counts(plan, 2)
    assert receipt is not None
    assert list(receipt.bad) == [11]
    assert "SIGSEGV" in receipt.bad[11]


@pytest.mark.slow
def test_job_that_does_not_go_on_without_a_frame_names_it(weak_farm: Farm, media: Path) -> None:
    with poisoned(weak_farm, "13:SIGKILL", "a"):
        plan = weak_farm.submit(job(media, weak_farm.folder / "out", frames="1-24", chunk=4))
        error = failed(weak_farm, plan)
    assert error.startswith("frame 14 cannot be painted: its process died: killed from outside")
    assert "on_error" in error


def test_first_and_neighbouring_frames_are_replaced_by_the_next_good_one(
    weak_farm: Farm, media: Path, whole: list[str]
) -> None:
    with poisoned(weak_farm, "8:error,9:wrong,15:error", "a"):
        plan = weak_farm.submit(
            job(media, weak_farm.folder / "out", frames="1-24", chunk=8, on_error="skip", deliver="[h264, png]")
        )
        result = weak_farm.finish(plan)
    assert frames(weak_farm, plan) == [*whole[:8], whole[10], whole[10], *whole[10:15], whole[14], *whole[16:]]
    assert sorted(result.bad) == [9, 10, 16]
    delivered = sorted(path.name for path in (weak_farm.folder / "out" / "png").iterdir())
    assert delivered == [f"clip.{n:04d}.png" for n in range(1, 25) if n not in (9, 10, 16)]
    assert sum("could not be painted" in note for note in result.notes) == 3


@pytest.mark.slow
def test_chunk_that_only_fails_on_what_leads_in_to_it_is_whole(weak_farm: Farm, media: Path) -> None:
    with poisoned(weak_farm, "7:error", "a"):
        plan = weak_farm.submit(
            job(media, weak_farm.folder / "out", frames="1-24", chunk=8, on_error="skip", consistency="flow")
        )
        result = weak_farm.finish(plan)
    assert list(result.bad) == [8]


@pytest.mark.slow
def test_too_many_bad_frames_are_no_matter_of_frames(weak_farm: Farm, media: Path) -> None:
    with poisoned(weak_farm, ",".join(f"{n}:error" for n in range(0, 24, 2)), "a"):
        plan = weak_farm.submit(
            job(media, weak_farm.folder / "out", frames="1-24", chunk=24, on_error="hold-last-frame")
        )
        assert "9 frames of chunk 0" in failed(weak_farm, plan)


@pytest.mark.slow
def test_hung_frame_is_given_up_and_explained(weak_farm: Farm, media: Path, whole: list[str]) -> None:
    with poisoned(weak_farm, "18:hang", "a"):
        plan = weak_farm.submit(
            job(media, weak_farm.folder / "out", frames="1-24", chunk=8, on_error="hold-last-frame")
        )
        weak_farm.wait(
            plan.job,
            lambda seen: any(
                event["what"].startswith("it hung: no step for") for event in weak_farm.ledger.events(plan.job)
            ),
            "given up",
        )
        told = explain_job(plan.job, weak_farm.truth, weak_farm.ledger)
        assert any("in decode" in happening.what for happening in told.history)
        weak_farm.finish(plan)
    assert frames(weak_farm, plan) == [*whole[:18], whole[17], *whole[19:]]


def test_broken_worker_takes_itself_out_and_the_others_finish(tmp_path: Path, media: Path, whole: list[str]) -> None:
    with (
        farm(tmp_path, max_strikes="2", max_attempts="9", reconcile_s="1") as made,
        poisoned(made, "*:wrong", "broken"),
        poisoned(made, "999:error", "well"),
    ):
        for number in range(5):
            # The other may be so fast that it leaves nothing to fail of; then there is another job.
            plan = made.submit(job(media, made.folder / f"out{number}", frames="1-24", chunk=1))
            made.finish(plan)
            if said := made.ledger.withdrawn():
                break
    assert frames(made, plan) == whole
    assert list(said) == ["broken"]
    # Two, or some more until the other had finished its first.
    assert re.match(r"failed \d+ different chunks in a row; the last one: RuntimeError: no ker", said["broken"])
    assert "takes itself out" in (made.folder / "broken.log").read_text()
