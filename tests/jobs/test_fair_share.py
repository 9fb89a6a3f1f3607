"""Who gets the workers when several jobs want them."""

from __future__ import annotations

from collections import Counter, deque

import pytest

from jobs.ledger import Reservation
from tests.jobs.making import Hand, make_plan

WINDOW = 4


class Farm:
    """Workers that finish chunks in the order in which they were published."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._published: deque[Reservation] = deque()

    def finish(self, chunks: int, **seconds: float) -> Counter[str]:
        """Finish so many chunks, of 1 s unless their job's name says otherwise. Chunks finished, by job."""
        finished: Counter[str] = Counter()
        for _ in range(chunks):
            self._published.extend(self._hand.ledger.reserve("gpu", window=WINDOW, limit=64))
            chosen = self._published.popleft()
            self._hand.complete(chosen.chunk, job=chosen.job, seconds=seconds.get(chosen.job, 1.0))
            finished[chosen.job] += 1
        return finished


@pytest.fixture
def farm(hand: Hand) -> Farm:
    return Farm(hand)


def test_equal_priorities_share_equally(hand: Hand, farm: Farm) -> None:
    hand.create(make_plan("a", chunks=200))
    hand.create(make_plan("b", chunks=200))
    assert farm.finish(200)["a"] == pytest.approx(100, rel=0.1)


def test_a_step_of_priority_doubles_the_share(hand: Hand, farm: Farm) -> None:
    hand.create(make_plan("a", chunks=400, priority=6))
    hand.create(make_plan("b", chunks=400, priority=5))
    finished = farm.finish(300)
    assert finished["a"] / finished["b"] == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize(("before", "after"), [(5, 6), (1, 6), (9, 6)])
def test_a_changed_priority_counts_at_once(hand: Hand, farm: Farm, before: int, after: int) -> None:
    hand.create(make_plan("a", chunks=900, priority=before))
    hand.create(make_plan("b", chunks=900))
    farm.finish(40)
    hand.ledger.prioritise("a", after)
    # What was in flight was chosen by the old one.
    farm.finish(WINDOW)
    finished = farm.finish(90)
    assert finished["a"] / finished["b"] == pytest.approx(2, rel=0.15)


def test_the_share_is_of_time_not_of_chunks(hand: Hand, farm: Farm) -> None:
    hand.create(make_plan("a", chunks=400))
    hand.create(make_plan("b", chunks=400))
    finished = farm.finish(300, a=1.0, b=3.0)
    assert finished["a"] * 1.0 == pytest.approx(finished["b"] * 3.0, rel=0.1)


@pytest.mark.parametrize("seconds", [0.05, 1.0, 60.0])
def test_late_job_neither_starves_others_nor_is_starved(hand: Hand, farm: Farm, seconds: float) -> None:
    hand.create(make_plan("a", chunks=400))
    farm.finish(200, a=seconds)
    hand.create(make_plan("b", chunks=400))
    first = farm.finish(24, a=seconds, b=seconds)
    assert 8 <= first["b"] <= 16
    assert farm.finish(100, a=seconds, b=seconds)["b"] == pytest.approx(50, rel=0.1)


def test_resumed_job_does_not_make_up_for_its_pause(hand: Hand, farm: Farm) -> None:
    hand.create(make_plan("a", chunks=400))
    hand.create(make_plan("b", chunks=400))
    farm.finish(20)
    hand.ledger.steer("b", "paused")
    # What was in flight of the paused job is counted still.
    farm.finish(100)
    hand.ledger.steer("b", "running")
    assert farm.finish(60)["b"] == pytest.approx(30, rel=0.15)


def test_job_alone_gets_every_worker(hand: Hand, farm: Farm) -> None:
    hand.create(make_plan("a", chunks=50, priority=1))
    assert farm.finish(50) == {"a": 50}


def test_least_priority_still_moves(hand: Hand, farm: Farm) -> None:
    hand.create(make_plan("a", chunks=600, priority=9))
    hand.create(make_plan("b", chunks=600, priority=4))
    assert farm.finish(330)["b"] == pytest.approx(10, abs=3)


def test_ten_jobs_share_equally(hand: Hand, farm: Farm) -> None:
    for number in range(10):
        hand.create(make_plan(f"job-{number}", chunks=50))
    assert set(farm.finish(200).values()) <= {18, 19, 20, 21, 22}


@pytest.mark.parametrize("seconds", [0.01, 0.5, 60.0])
def test_shares_are_fair_before_anybody_knows_what_a_chunk_takes(hand: Hand, farm: Farm, seconds: float) -> None:
    hand.create(make_plan("a", chunks=200, priority=4))
    hand.create(make_plan("b", chunks=200, priority=5))
    finished = farm.finish(90, a=seconds, b=seconds)
    assert finished["a"] == pytest.approx(30, abs=3)


def test_one_slow_chunk_is_not_held_against_its_job_for_long(hand: Hand, farm: Farm) -> None:
    hand.create(make_plan("a", chunks=200))
    hand.create(make_plan("b", chunks=200))
    farm.finish(2, a=10.0, b=1.0)
    finished = farm.finish(150)
    assert finished["b"] - finished["a"] <= 30
