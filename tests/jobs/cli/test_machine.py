from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import control, local
from jobs.cli import machine
from jobs.cli.follow import follow
from jobs.cli.views import PlainView, ProgressView
from jobs.ledger import Ledger, WorkerInfo
from jobs.records import Plan
from pipeline.errors import AtelierError
from tests.jobs.cli.conftest import Shell
from tests.jobs.cli.finished import publish
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan

PRESENT = WorkerInfo(slot="cpu-0@a", host="a", pid=1, device="cpu", queues=("gpu", "cpu"), doing="waiting")


def child(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code])


@pytest.fixture
def steady() -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor that does nothing."""
    process = child("import time; time.sleep(60)")
    yield process
    process.kill()
    process.wait()


def startup(process: subprocess.Popen[bytes], log: Path) -> machine.Startup:
    log.write_text("an older run\nImportError: no such thing\n")
    return machine.Startup("gpu", [process], log, len("an older run\n"))


def test_a_machine_without_a_cluster_brings_its_own_redis(shell: Shell) -> None:
    with machine.place() as where:
        assert where.is_own
        where.session.ledger.ping()
        assert local.running_url() is not None
    assert local.running_url() is None


def test_a_terminated_run_ends_as_if_interrupted(shell: Shell) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), machine.place():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_starting_workers_are_waited_for(steady: subprocess.Popen[bytes], tmp_path: Path) -> None:
    starting = startup(steady, tmp_path / "log")
    assert starting.check([]) == "starting workers…"
    assert starting.check([PRESENT]) == ""
    assert starting.check([]) == "the workers are gone; starting others…"


def test_workers_that_die_at_once_show_their_log(tmp_path: Path) -> None:
    process = child("raise SystemExit(3)")
    process.wait()
    with pytest.raises(AtelierError, match="ended with code 3") as raised:
        startup(process, tmp_path / "log").check([])
    assert "ImportError: no such thing" in str(raised.value)
    assert "an older run" not in str(raised.value)


def test_workers_that_never_come_are_given_up(
    steady: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "START_S", 0.0)
    with pytest.raises(AtelierError, match="no worker has come up"):
        startup(steady, tmp_path / "log").check([])


@pytest.fixture
def view(plan: Plan) -> ProgressView:
    from jobs.cli import show

    return PlainView(plan, show.talk())


@pytest.fixture
def plan() -> Plan:
    return make_plan()


def test_following_ends_with_the_job(deployment: Deployment, plan: Plan, view: ProgressView) -> None:
    deployment.accept(plan)
    cancel = threading.Timer(0.3, control.cancel, (plan.job, deployment.truth, deployment.ledger))
    cancel.start()
    try:
        status = follow(plan, deployment.truth, deployment.ledger, view)
    finally:
        cancel.join()
    assert (status.state, status.error) == ("cancelled", "cancelled by its user")


def test_following_outlives_redis(deployment: Deployment, plan: Plan, view: ProgressView) -> None:
    deployment.accept(plan)
    publish(deployment, plan)
    away = Ledger("redis://127.0.0.1:1")
    assert follow(plan, deployment.truth, away, view).state == "done"
    away.close()


def test_following_outlives_a_wiped_ledger(deployment: Deployment, plan: Plan, view: ProgressView) -> None:
    deployment.accept(plan)
    publish(deployment, plan)
    deployment.wipe()
    assert follow(plan, deployment.truth, deployment.ledger, view).state == "done"
