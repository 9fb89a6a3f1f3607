"""Work that hangs is given up: how long is too long, and what is said."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.config import Settings
from pipeline.stream import Stopwatch
from workers.lease import Lease, Patience


def test_quick_frames_are_waited_for_less_long() -> None:
    patience = Patience.of(0.025, frames=48, stall_s=300)
    assert (patience.frame_s, patience.step_s, patience.chunk_s) == (30, 300, 600)


def test_slow_frames_are_waited_for_longer_but_not_for_ever() -> None:
    assert Patience.of(2.0, frames=48, stall_s=300).frame_s == 200
    assert Patience.of(60.0, frames=48, stall_s=300).frame_s == 300
    assert Patience.of(60.0, frames=48, stall_s=300).chunk_s == 20 * 60 * 48


def test_before_anything_is_measured_only_steps_count() -> None:
    assert Patience.of(None, frames=48, stall_s=300) == Patience(step_s=300, frame_s=300, chunk_s=None)


@pytest.mark.parametrize(
    ("begun", "stepped", "in_frames", "said"),
    [
        (0, 0, True, ""),
        (50, 50, True, "no step for 50 s"),
        (50, 50, False, ""),
        (400, 400, False, "no step for 400 s"),
        (1000, 1, True, "not done after 1000 s"),
    ],
)
def test_what_is_too_long(begun: float, stepped: float, in_frames: bool, said: str) -> None:
    patience = Patience(step_s=300, frame_s=30, chunk_s=600)
    now = time.monotonic()
    why = patience.lost(now - begun, now - stepped, in_frames=in_frames)
    assert why.startswith(said) if said else not why


class SilentLedger:
    """Takes every tick and remembers what people would read."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def tick(self, *_: Any, note: str, **__: Any) -> str:
        """All is well."""
        self.notes.append(note)
        return "ok"


def held(stuck: list[str], patience: Patience, ledger: Any) -> Lease:
    """A lease of a chunk that is looked at every 10 ms."""
    return Lease(ledger, "film-1", 0, 1, token=1, slot="a", lease_s=0.04, patience=patience, stuck=stuck.append)


def test_stage_that_hangs_is_named() -> None:
    stuck: list[str] = []
    watch = Stopwatch()
    with held(stuck, Patience(step_s=0.05), SilentLedger()) as lease, watch.time("wall_s"), watch.time("upload_s"):
        lease.follow(watch)
        time.sleep(0.3)
    assert stuck
    assert "at frame 0, in upload for 0 s" in stuck[0]


def test_work_that_goes_on_is_left_alone() -> None:
    stuck: list[str] = []
    with held(stuck, Patience(step_s=0.2, frame_s=0.2), SilentLedger()) as lease:
        for frame in range(30):
            time.sleep(0.01)
            lease.check(frame)
    assert not stuck


def test_people_are_told_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.lease._WORTH_A_WORD_S", 0.03)
    ledger = SilentLedger()
    with held([], Patience(), ledger):
        time.sleep(0.15)
    assert any(note.startswith("no step for") for note in ledger.notes)


def test_withdrawn_worker_is_not_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from workers import supervisor

    ledger = SimpleNamespace(withdrawn=lambda *, within_s: {"gpu-0@x": "failed 4 chunks in a row"})
    monkeypatch.setattr(supervisor, "connect", lambda: (ledger, None))
    ended = SimpleNamespace(poll=lambda: 0)
    begun = time.monotonic()
    place = supervisor.Place("gpu-0@x", "gpu", {}, process=ended, started=begun)  # type: ignore[arg-type]
    other = supervisor.Place("gpu-1@x", "gpu", {}, process=ended, started=begun)  # type: ignore[arg-type]
    place.look()
    other.look()
    assert place.withdrawn == "failed 4 chunks in a row"
    assert (other.withdrawn, other.deaths) == ("", 1)
    place.due = 0.0
    place.look()
    assert place.process is None


@pytest.mark.parametrize("stays", [True, False])
def test_machine_without_workers_idles_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, stays: bool
) -> None:
    from workers import supervisor

    place = supervisor.Place("gpu-0@x", "gpu", {}, withdrawn="failed 4 chunks in a row")
    stopped: list[list[supervisor.Place]] = []
    handlers: list[Callable[..., None]] = []
    monkeypatch.setattr(sys, "argv", ["supervisor", *(["--stay"] if stays else [])])
    monkeypatch.setattr(supervisor, "set_up_logs", lambda: None)
    monkeypatch.setattr(supervisor, "settings", lambda: Settings(redis_url="redis://127.0.0.1:1"))
    monkeypatch.setattr(supervisor, "places", lambda *_: [place])
    monkeypatch.setattr(supervisor, "_readmit", lambda mine: None)
    monkeypatch.setattr(supervisor, "_stop", lambda mine, *, grace_s: stopped.append(mine))
    monkeypatch.setattr(supervisor, "_REMIND_EVERY_S", 0.05)
    monkeypatch.setattr(supervisor.signal, "signal", lambda number, handler: handlers.append(handler))

    def run() -> None:
        with suppress(SystemExit):
            supervisor.main()

    supervising = threading.Thread(target=run)
    supervising.start()
    if stays:
        while caplog.text.count("this process idles") < 3:
            assert supervising.is_alive()
            time.sleep(0.01)
        handlers[0]()
    supervising.join(10)
    assert not supervising.is_alive()
    assert bool(stopped) is stays
    assert "every worker of this machine took itself out" in caplog.text


def test_worker_that_keeps_dying_is_started_again_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    from workers import supervisor

    ledger = SimpleNamespace(withdrawn=lambda *, within_s: {})
    monkeypatch.setattr(supervisor, "connect", lambda: (ledger, None))
    ended = SimpleNamespace(poll=lambda: 1)
    begun = time.monotonic()
    place = supervisor.Place("cpu-0@x", "gpu", {}, process=ended, started=begun, deaths=5000)  # type: ignore[arg-type]
    place.look()
    assert 0 < place.due - begun < 60


@pytest.mark.parametrize("takes", [False, True])
def test_only_a_worker_that_takes_no_message_is_deaf(monkeypatch: pytest.MonkeyPatch, takes: bool) -> None:
    from workers import health, stages

    killed: list[int] = []
    ledger = SimpleNamespace(messages=lambda queues: 5)
    monkeypatch.setattr(health, "connect", lambda: (ledger, None))
    monkeypatch.setattr(stages, "listens", lambda: True)
    monkeypatch.setattr(health.os, "kill", lambda pid, number: killed.append(pid))
    presence = health.Presence(SimpleNamespace(name="a", host="a", queues=("gpu",)))  # type: ignore[arg-type]
    presence._heard -= 60
    if takes:
        # Its chunks are so short that it waits whenever somebody looks.
        monkeypatch.setattr(health.Presence, "taken", health.Presence.taken + 1)
    presence._taken = health.Presence.taken - takes
    presence._listen()
    assert bool(killed) is not takes
