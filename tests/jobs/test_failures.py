"""Failures and whose they are: another worker is preferred, and one that fails on and on takes itself out."""

from __future__ import annotations

import time

import pytest

from jobs.ledger import Ledger, WorkerInfo
from tests.jobs.making import Hand, make_plan


def alive(ledger: Ledger, *slots: str, queue: str = "gpu") -> None:
    """Workers that report themselves."""
    for slot in slots:
        ledger.report_worker(WorkerInfo(slot=slot, host="h", pid=1, device="cpu", queues=(queue,), doing="waiting"))


def fail(hand: Hand, chunk: int, slot: str) -> None:
    """The chunk fails in this worker's hands."""
    hand.give_back(chunk, hand.token(chunk, slot), failed=True)


def test_failed_chunk_goes_to_another_worker(hand: Hand) -> None:
    hand.create(make_plan())
    alive(hand.ledger, "a", "b")
    fail(hand, 0, "a")
    assert hand.acquire(0, "a") == (None, "elsewhere")
    assert hand.acquire(0, "b")[1] == "ok"


def test_chunk_refused_to_the_one_that_failed_is_published_again(hand: Hand) -> None:
    hand.create(make_plan())
    alive(hand.ledger, "a", "b")
    assert hand.reserve(window=1) == [0]
    fail(hand, 0, "a")
    assert hand.reserve(window=1) == [0]
    assert hand.acquire(0, "a") == (None, "elsewhere")
    assert hand.reserve(window=1) == [0]


@pytest.mark.parametrize(("others", "queue"), [((), "gpu"), (("b",), "cpu")])
def test_worker_without_another_tries_its_failed_chunk_again(hand: Hand, others: tuple[str, ...], queue: str) -> None:
    hand.create(make_plan())
    alive(hand.ledger, "a")
    alive(hand.ledger, *others, queue=queue)
    fail(hand, 0, "a")
    assert hand.acquire(0, "a")[1] == "ok"


def test_hopeless_chunk_is_refused_to_nobody(hand: Hand) -> None:
    hand.create(make_plan())
    alive(hand.ledger, "a", "b")
    fail(hand, 0, "a")
    assert hand.ledger.acquire("film-1", 0, 1, slot="a", lease_s=5, hopeless=1)[1] == "ok"


def test_dead_process_of_a_slot_gives_its_chunk_back_at_once(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    hand.token(2, "a")
    assert hand.ledger.died("film-1", 2, 1, slot="b") == -1
    assert hand.ledger.died("film-1", 2, 1, slot="a") == 1
    assert hand.ledger.died("film-1", 2, 1, slot="a") == -1
    assert hand.reserve() == [2]


def test_a_frames_pace_is_known_once_a_chunk_is_done(hand: Hand) -> None:
    hand.create(make_plan())
    assert hand.ledger.pace("film-1") is None
    hand.complete(0, seconds=5.0)
    assert hand.ledger.pace("film-1") == pytest.approx(0.5)


def test_worker_that_fails_while_others_get_on_is_too_much(hand: Hand) -> None:
    hand.create(make_plan(chunks=10))
    ledger = hand.ledger
    assert [ledger.strike("a", "film-1", chunk, limit=3) for chunk in (0, 1)] == [0, 0]
    ledger.complete("film-1", 5, 1, frames=10, seconds=1, slot="b")
    assert ledger.strike("a", "film-1", 2, limit=3) == 3


def test_same_chunk_failing_again_is_the_chunks_fault(hand: Hand) -> None:
    hand.create(make_plan())
    hand.ledger.complete("film-1", 3, 1, frames=10, seconds=1, slot="b")
    assert [hand.ledger.strike("a", "film-1", 0, limit=2) for _ in range(5)] == [0] * 5


def test_job_of_which_every_chunk_fails_takes_no_worker_out(hand: Hand) -> None:
    hand.create(make_plan(chunks=10))
    assert [hand.ledger.strike("a", "film-1", chunk, limit=3) for chunk in range(10)] == [0] * 10


def test_chunks_of_several_jobs_speak_against_the_worker(hand: Hand) -> None:
    assert [hand.ledger.strike("a", job, 0, limit=3) for job in ("film-1", "film-2", "film-3")] == [0, 0, 3]


def test_full_store_speaks_against_no_worker(hand: Hand) -> None:
    jobs = ("film-1", "film-2", "film-3")
    assert [hand.ledger.strike("a", job, 0, limit=3, may_be_shared=True) for job in jobs] == [0, 0, 0]


def test_success_wipes_the_slate(hand: Hand) -> None:
    hand.create(make_plan(chunks=10))
    for job in ("film-2", "film-3"):
        hand.ledger.strike("a", job, 0, limit=3)
    hand.ledger.complete("film-1", 0, 1, frames=10, seconds=1, slot="a")
    assert hand.ledger.strike("a", "film-4", 0, limit=3) == 0


def test_worker_that_took_itself_out_is_remembered_with_its_reason(ledger: Ledger) -> None:
    ledger.withdraw("gpu-3@node", "failed 4 chunks in a row")
    assert ledger.withdrawn() == {"gpu-3@node": "failed 4 chunks in a row"}
    assert ledger.withdrawn(within_s=0) == {}


def test_each_withdrawal_is_forgotten_a_day_later(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    for slot, ago_s in (("gpu-0@node", 90_000), ("gpu-1@node", 80_000), ("gpu-2@node", 0)):
        monkeypatch.setattr(time, "time", lambda ago_s=ago_s: now - ago_s)
        ledger.withdraw(slot, "failed 4 chunks in a row")
    assert set(ledger.withdrawn()) == {"gpu-1@node", "gpu-2@node"}
    ledger.readmit("gpu-2@node", "gpu-3@node")
    assert set(ledger.withdrawn()) == {"gpu-1@node"}


def test_chunks_that_others_fail_too_speak_against_no_worker(hand: Hand) -> None:
    poison = [(job, chunk) for job in ("film-1", "film-2") for chunk in (0, 1)]
    struck = [hand.ledger.strike(slot, *chunk, limit=4) for chunk in poison for slot in ("a", "b", "c")]
    assert struck == [0] * 12


def test_failure_that_the_reconciler_counted_is_not_counted_again(hand: Hand) -> None:
    hand.create(make_plan())
    token, _ = hand.acquire(0)
    hand.lose_lease(0)
    assert hand.give_back(0, None, failed=True) == 1
    assert hand.give_back(0, token, failed=True) == -1
    assert hand.ledger.failures("film-1", 0) == 1


def test_late_failure_of_a_finished_chunk_is_not_counted(hand: Hand) -> None:
    hand.create(make_plan())
    token, _ = hand.acquire(0)
    hand.complete(0)
    assert hand.give_back(0, token, failed=True) == -1
    assert hand.ledger.failures("film-1", 0) == 0


def test_failure_after_the_lease_ran_out_is_counted_once(hand: Hand) -> None:
    hand.create(make_plan())
    token, _ = hand.acquire(0)
    hand.lose_lease(0)
    assert hand.give_back(0, token, failed=True) == 1
