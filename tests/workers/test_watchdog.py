"""Frozen workers are told from quiet ones."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.workers.farm import Farm
from workers import watchdog
from workers.watchdog import Watchdog


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the watchdog reads; the test moves them on."""
    now = [1000.0]
    monkeypatch.setattr(watchdog.time, "monotonic", lambda: now[0])
    return now


def test_worker_that_fell_silent_is_frozen(clock: list[float]) -> None:
    dog = Watchdog()
    assert dog.frozen(["a", "b"], ["a", "b"]) == []
    clock[0] += 61
    assert dog.frozen(["a", "b"], ["b"]) == ["a"]


def test_worker_that_still_starts_is_not(clock: list[float]) -> None:
    dog = Watchdog()
    dog.frozen(["a"], [])
    clock[0] += 3600
    assert dog.frozen(["a"], []) == []


def test_nobody_is_blamed_while_redis_is_away(clock: list[float]) -> None:
    dog = Watchdog()
    dog.frozen(["a"], ["a"])
    clock[0] += 3600
    dog.deaf()
    assert dog.frozen(["a"], []) == []


def test_worker_that_was_started_again_begins_anew(clock: list[float]) -> None:
    dog = Watchdog()
    dog.frozen(["a"], ["a"])
    dog.frozen([], ["a"])
    clock[0] += 61
    assert dog.frozen(["a"], []) == []


@pytest.mark.slow
def test_stopped_process_is_killed_and_replaced(lone_farm: Farm, tmp_path: Path) -> None:
    lone_farm.environment["PYTHONPATH"] = str(tmp_path)
    (tmp_path / "sitecustomize.py").write_text("import workers.watchdog\nworkers.watchdog.SILENT_S = 2.0\n")
    with lone_farm.workers(1, reconciler=False) as supervisor:
        (before,) = lone_farm.ledger.workers()
        os.kill(before.pid, signal.SIGSTOP)
        deadline = time.monotonic() + 60
        while not (now := [info for info in lone_farm.ledger.workers() if info.pid != before.pid]):
            assert time.monotonic() < deadline, lone_farm.log()
            time.sleep(0.1)
        assert now[0].slot == before.slot
        assert supervisor.poll() is None
