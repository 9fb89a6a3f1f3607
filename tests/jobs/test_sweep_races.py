"""Sweeps beside each other, beside submitters and redos, and killed in the middle."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from jobs import control, expiry
from jobs.expiry import Removal
from jobs.find import find_job
from jobs.records import Plan
from jobs.spec import parse
from jobs.submit import plan_job, submit
from jobs.truth import Truth
from pipeline.errors import JobNotFound, StorageUnavailable
from pipeline.storage import open_store
from tests.jobs.deployment import Deployment
from tests.jobs.files import job_text, write_checkpoint, write_sequence
from tests.jobs.making import make_plan
from tests.jobs.rubbish import DAY, HOUR, age, attempt, finish, keys, sweep

ROUNDS = 8

SWEEP = """
import sys
from jobs.sweep import Sweep
from jobs.truth import Truth
from pipeline.storage import open_store

Sweep(Truth(open_store(sys.argv[1])), older_than_s=86400, keep_days=7).run()
"""

KILLED = """
import os, signal, sys
from jobs.sweep import Sweep
from jobs.truth import Truth
from pipeline.storage.local import LocalStore
from pipeline.storage import StoreOptions

left = int(sys.argv[2])

class Mortal(LocalStore):
    def delete(self, key):
        global left
        if not key.startswith(".probe/"):
            left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        super().delete(key)

Sweep(Truth(Mortal(sys.argv[1], StoreOptions())), older_than_s=86400, keep_days=1).run()
"""


def race(*runners: Callable[[], object]) -> list[object]:
    """Run all at once; what each gave or raised."""
    results: list[object] = [None] * len(runners)
    start = threading.Barrier(len(runners), timeout=30)

    def run(number: int) -> None:
        start.wait()
        try:
            results[number] = runners[number]()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(runners))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_sweeps_at_once_remove_everything_once_and_nothing_else(truth: Truth) -> None:
    old, kept = make_plan("film-old"), make_plan("film-kept")
    finish(truth, old, age_s=9 * DAY)
    named = finish(truth, kept)
    for chunk in range(4):
        attempt(truth, kept, chunk, 6)
    truth.store.put("models/aa", b"")
    age(truth, "models/", 2 * DAY)
    command = [sys.executable, "-c", SWEEP, truth.store.url]
    processes = [subprocess.Popen(command, cwd=Path(__file__).parents[2]) for _ in range(2)]
    reports = race(*[partial(sweep, truth, keep_days=7)] * 3)
    assert [process.wait() for process in processes] == [0, 0]
    assert not [report for report in reports if isinstance(report, Exception)]
    sweep(truth, keep_days=7)
    assert keys(truth, "jobs/film-kept/attempts/") == named
    assert [key for key in keys(truth) if not key.startswith("jobs/film-kept/")] == ["index/film-kept"]


def test_a_redo_beside_a_sweep_is_done_or_refused_but_never_half(tmp_path: Path) -> None:
    outcomes = set()
    for number in range(ROUNDS):
        truth = Truth(open_store(str(tmp_path / f"{number}")))
        plan = make_plan(chunks=2)
        named = finish(truth, plan)
        redone, _ = race(partial(control.redo, plan.job, [1], truth), partial(sweep, truth, keep_days=1))
        outcomes.add(type(redone).__name__)
        if isinstance(redone, JobNotFound):
            assert keys(truth) == []
        else:
            assert not isinstance(redone, Exception)
            assert truth.active() == truth.jobs() == [plan.job]
            assert truth.current(plan.job).number == 2
            assert keys(truth, f"jobs/{plan.job}/attempts/") == named
            assert keys(truth, "leaving/") == []
    assert outcomes <= {"JobNotFound", "Generation"}


def test_a_job_submitted_again_while_it_is_removed_is_whole_afterwards(tmp_path: Path) -> None:
    for number in range(ROUNDS):
        truth = Truth(open_store(str(tmp_path / f"{number}")))
        plan = make_plan(chunks=2)
        finish(truth, plan)
        created, _ = race(partial(expiry.accept, plan, {"kind": "film"}, truth), partial(sweep, truth, keep_days=1))
        assert isinstance(created, bool)
        if not truth.jobs():
            # It was finished, and was found so, just before it expired.
            assert (created, keys(truth)) == (False, [])
            continue
        assert truth.jobs() == [plan.job]
        assert truth.plan(plan.job) == plan
        assert truth.submitted_at(plan.job)
        # Kept as it was, or begun anew; nothing between.
        assert truth.is_over(plan.job, 1) is not created
        assert len(keys(truth, f"jobs/{plan.job}/receipts/")) == (0 if created else 2)


def test_a_submission_finds_its_models_though_a_sweep_removes_them(deployment: Deployment, tmp_path: Path) -> None:
    truth = deployment.truth
    write_sequence(tmp_path / "shots", 3)
    write_checkpoint(tmp_path / "my.safetensors")
    config = deployment.settings.model_copy(update={"chunk_frames": 10})

    def submission(token: int) -> Plan:
        spec, located = parse(job_text(), path="film.yaml", folder=tmp_path)
        plan = plan_job(spec, located, config, token=f"{token}")
        return submit(spec, plan, truth, deployment.ledger, deployment.queue, config).plan

    for number in range(ROUNDS):
        plan, *reports = race(partial(submission, number), *[partial(sweep, truth, older_than_s=0)] * 2)
        assert isinstance(plan, Plan), plan
        assert not [report for report in reports if isinstance(report, Exception)]
        assert all(truth.store.exists(key) for key in plan.shared)
        control.cancel(plan.job, truth, deployment.ledger)
        # Gone from one moment to the next, so that nothing names the model any more.
        assert Removal.of(plan.job, truth).remove()


@pytest.mark.parametrize("deletions", [0, 1, 2, 9, 17, 20, 22, 23])
def test_a_sweep_killed_in_a_job_leaves_nothing_to_see_and_is_finished_by_the_next(
    truth: Truth, deletions: int
) -> None:
    plan = make_plan()
    finish(truth, plan)
    command = [sys.executable, "-c", KILLED, truth.store.url, f"{deletions}"]
    killed = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert keys(truth, "leaving/") == ["leaving/film-1"]
    if deletions:
        with pytest.raises(JobNotFound):
            find_job("film-1", truth)
    age(truth, "leaving/", HOUR)
    assert sweep(truth, keep_days=1).expired == ["film-1"]
    assert keys(truth) == []


def test_a_job_half_removed_is_refused_until_the_next_sweep(truth: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "_PATIENCE_S", 0.1)
    plan = make_plan()
    finish(truth, plan)
    truth.store.put("leaving/film-1", b"a dead sweep")
    truth.store.delete("index/film-1")
    with pytest.raises(
        StorageUnavailable, match="film-1 had expired and is being removed; submit it again in a minute"
    ):
        expiry.accept(plan, {}, truth)
    assert truth.jobs() == truth.active() == []
    age(truth, "leaving/", HOUR)
    sweep(truth)
    assert expiry.accept(plan, {}, truth)
