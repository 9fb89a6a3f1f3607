"""A round is identical only if its job is whole: what differs from run to run is held against its certificate."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from jobs import naming
from jobs.drill.compare import made
from jobs.drill.farm import Farm
from jobs.drill.rounds import _judged
from jobs.drill.whole import flaws
from tests.workers.stitching import Job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A finished job."""
    job = Job(tmp_path)
    job.stitch()
    return job


def found(job: Job) -> str:
    return "\n".join(flaws(job.plan, job.truth, job.config, patience_s=0))


def test_a_whole_job_has_no_flaws(job: Job) -> None:
    assert found(job) == ""


@pytest.mark.parametrize("name", [naming.RESULT, naming.CERTIFICATE])
def test_a_missing_record_in_the_output_is_a_flaw(job: Job, name: str) -> None:
    (job.output / name).unlink()
    assert f"out/{name}: is missing" in found(job)


@pytest.mark.parametrize("name", [naming.RESULT, naming.CERTIFICATE])
def test_a_broken_record_in_the_output_is_a_flaw(job: Job, name: str) -> None:
    path = job.output / name
    path.write_bytes(path.read_bytes()[:-9])
    assert name in found(job)


def test_a_result_in_the_output_is_the_stores(job: Job) -> None:
    path = job.output / naming.RESULT
    path.write_bytes(path.read_bytes() + b"\n")
    assert f"file {naming.RESULT}: is not the store's" in found(job)


def test_files_of_nobody_are_flaws(job: Job) -> None:
    (job.output / "png/film.9999.png").write_bytes(b"")
    assert found(job) == "file png/film.9999.png: is none of the job's"


def test_a_job_without_a_certificate_is_flawed(job: Job) -> None:
    result = job.truth.result(job.plan.job, 1)
    assert result is not None
    job.truth.store.delete(job.truth.certificate_key(job.plan.job, 1))
    job.truth.store.delete(job.truth.result_key(job.plan.job, 1))
    job.truth.put_result(result.model_copy(update={"certificate": ""}))
    assert "without a certificate" in found(job)


def test_a_second_stitcher_has_time_to_put_the_result_back(job: Job) -> None:
    path = job.output / naming.RESULT
    data = path.read_bytes()
    path.unlink()
    later = threading.Timer(0.3, path.write_bytes, [data])
    later.start()
    began = time.monotonic()
    assert flaws(job.plan, job.truth, job.config) == ()
    assert time.monotonic() - began < 5
    later.join()


def test_a_round_whose_record_is_gone_differs(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.drill.rounds.flaws", partial(flaws, patience_s=0))
    farm = cast(Farm, SimpleNamespace(truth=job.truth, config=job.config))
    reference = made(job.plan, job.truth, job.config)
    assert _judged(farm, job.plan, reference) == ("identical", ())
    (job.output / naming.CERTIFICATE).unlink()
    assert made(job.plan, job.truth, job.config) == reference
    assert _judged(farm, job.plan, reference)[0] == "differs"
