"""A job's life in the ledger: it comes, its chunks are given out and come back, it ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.ledger import Ledger
from jobs.snapshot import STITCH
from pipeline.errors import QueueUnavailable
from tests.jobs.making import Hand, make_plan


def test_new_job_runs_and_is_listed(hand: Hand) -> None:
    assert hand.create(make_plan())
    assert hand.state() == "running"
    assert hand.ledger.jobs() == ["film-1"]


def test_job_is_entered_once(hand: Hand) -> None:
    hand.create(make_plan())
    hand.complete(0)
    assert not hand.create(make_plan())
    assert hand.ledger.done_chunks("film-1", 4) == [True, False, False, False]


def test_older_generation_does_not_replace_a_newer_one(hand: Hand) -> None:
    hand.create(make_plan(), generation=2)
    assert not hand.create(make_plan(), generation=1)
    assert hand.ledger.knows("film-1", 2)
    assert hand.ledger.knows("film-1", 1)
    assert not hand.ledger.knows("film-1", 3)


def test_forced_entry_starts_over_with_what_storage_holds(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    hand.complete(0)
    assert hand.create(make_plan(), done=[2], force=True)
    assert hand.ledger.done_chunks("film-1", 4) == [False, False, True, False]
    assert hand.reserve() == [0, 1, 3]


def test_finished_chunks_are_not_given_out(hand: Hand) -> None:
    hand.create(make_plan(chunks=30), done=[*range(17), 20])
    assert hand.reserve() == [17, 18, 19, *range(21, 30)]


def test_job_with_every_chunk_done_enters_as_stitching(hand: Hand) -> None:
    hand.create(make_plan(), done=range(4))
    assert hand.state() == "stitching"
    assert hand.reserve() == []


def test_window_is_respected(hand: Hand) -> None:
    hand.create(make_plan(chunks=20))
    assert hand.reserve(window=3) == [0, 1, 2]
    assert hand.reserve(window=3) == []
    hand.complete(1)
    assert hand.reserve(window=3) == [3]
    assert set(hand.ledger.published("film-1")) == {0, 2, 3}


def test_reservation_is_limited_per_call(hand: Hand) -> None:
    hand.create(make_plan(chunks=20))
    assert len(hand.ledger.reserve("gpu", window=20, limit=7)) == 7


def test_redelivered_chunk_counts_once(hand: Hand) -> None:
    hand.create(make_plan())
    assert hand.complete(0) == "ok"
    assert hand.complete(0) == "again"
    assert hand.acquire(0) == (None, "done")
    seen = hand.ledger.snapshot("film-1")
    assert seen is not None
    assert (seen.chunks_done, seen.frames_done, seen.compute_s) == (1, 10, 2.0)


def test_last_chunk_starts_the_stitch(hand: Hand) -> None:
    hand.create(make_plan(chunks=2))
    assert hand.complete(1) == "ok"
    assert hand.complete(0) == "last"
    assert hand.state() == "stitching"


def test_exactly_one_of_many_concurrent_completions_is_the_last(hand: Hand) -> None:
    hand.create(make_plan(chunks=40))
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(hand.complete, [*range(40), *range(40)]))
    assert answers.count("last") == 1
    assert answers.count("again") == 40


def test_chunk_of_a_forgotten_job_is_not_counted(hand: Hand) -> None:
    assert hand.complete(0) == "gone"
    assert hand.acquire(0) == (None, "unknown")
    assert hand.give_back(0, None) == -1
    assert hand.ledger.redis.keys() == []


def test_stitch_is_announced_once(hand: Hand) -> None:
    hand.create(make_plan(), done=range(4))
    assert hand.ledger.announce_stitch("film-1")
    assert not hand.ledger.announce_stitch("film-1")


def test_stitch_is_leased_only_when_every_chunk_is_done(hand: Hand) -> None:
    hand.create(make_plan(chunks=1))
    assert hand.acquire(STITCH) == (None, "running")
    hand.complete(0)
    token = hand.token(STITCH)
    assert hand.tick(STITCH, token) == "ok"
    assert hand.acquire(STITCH, "b") == (None, "held")


def test_ended_job_leaves_only_its_last_state(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    token = hand.token(0)
    hand.ledger.record("film-1", "something")
    hand.ledger.end("film-1", "failed", generation=1, error="no room")
    hand.give_back(0, token, failed=True)
    hand.complete(1)
    left = set(hand.ledger.redis.keys())
    assert left - {"test:fence", "test:clock:gpu", "test:metrics"} == {"test:job:film-1", "test:job:film-1:events"}
    assert all(hand.ledger.redis.ttl(key) > 0 for key in left if "film-1" in key)


def test_ended_job_does_not_change_its_mind(hand: Hand) -> None:
    hand.create(make_plan(chunks=1))
    hand.ledger.end("film-1", "cancelled", generation=1, error="by its user")
    hand.ledger.end("film-1", "failed", generation=1, error="later")
    assert hand.ledger.steer("film-1", "paused") == "cancelled"
    assert hand.complete(0) != "last"
    seen = hand.ledger.snapshot("film-1")
    assert seen is not None
    assert seen.is_final
    assert (seen.state, seen.error) == ("cancelled", "by its user")


def test_ending_a_forgotten_job_leaves_nothing_behind(hand: Hand) -> None:
    hand.ledger.end("film-1", "failed", generation=1, error="no room")
    assert hand.ledger.snapshot("film-1") is None
    assert hand.ledger.steer("film-1", "paused") == ""


def test_ended_job_can_be_entered_again(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    hand.ledger.end("film-1", "failed", generation=1, error="no room")
    hand.create(make_plan(), done=[0], force=True)
    seen = hand.ledger.snapshot("film-1")
    assert seen is not None
    assert (seen.state, seen.error, seen.finished, seen.frames_done) == ("running", "", None, 10)
    assert hand.ledger.redis.ttl("test:job:film-1") == -1
    assert hand.reserve() == [1, 2, 3]


def test_pause_takes_back_what_no_worker_holds(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve(window=3)
    token = hand.token(1)
    assert hand.ledger.steer("film-1", "paused") == "paused"
    assert set(hand.ledger.published("film-1")) == {1}
    assert hand.reserve() == []
    assert hand.tick(1, token) == "paused"
    assert hand.acquire(2) == (None, "paused")


def test_resumed_job_gives_out_every_chunk_that_came_back(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve(window=3)
    token = hand.token(1)
    hand.ledger.steer("film-1", "paused")
    hand.give_back(1, token)
    assert hand.ledger.steer("film-1", "running") == "running"
    assert sorted(hand.reserve()) == [0, 1, 2, 3]


def test_chunk_finished_during_a_pause_counts(hand: Hand) -> None:
    hand.create(make_plan(chunks=1))
    hand.reserve()
    hand.token(0)
    hand.ledger.steer("film-1", "paused")
    assert hand.complete(0) == "ok"
    assert hand.state() == "paused"
    assert hand.ledger.steer("film-1", "running") == "stitching"


def test_paused_stitch_goes_on_as_stitch(hand: Hand) -> None:
    hand.create(make_plan(), done=range(4))
    hand.ledger.announce_stitch("film-1")
    hand.ledger.steer("film-1", "paused")
    assert hand.ledger.published("film-1") == {}
    assert hand.ledger.steer("film-1", "running") == "stitching"
    assert hand.ledger.announce_stitch("film-1")


def test_cancel_empties_what_is_in_flight(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    token = hand.token(2)
    hand.ledger.steer("film-1", "cancelled")
    assert hand.ledger.published("film-1") == {}
    assert hand.ledger.jobs() == []
    assert hand.tick(2, token) == "cancelled"
    assert hand.acquire(0) == (None, "cancelled")


def test_cancel_leaves_another_job_alone(hand: Hand) -> None:
    for job in ("film-1", "film-1/x", "film-11"):
        hand.create(make_plan(job))
    hand.ledger.reserve("gpu", window=12, limit=64)
    hand.ledger.steer("film-1", "cancelled")
    assert [len(hand.ledger.published(job)) for job in ("film-1", "film-1/x", "film-11")] == [0, 4, 4]
    assert hand.acquire(0, job="film-11")[1] == "ok"


def test_redo_makes_older_tokens_stale(hand: Hand) -> None:
    hand.create(make_plan())
    token = hand.token(1)
    assert hand.create(make_plan(), generation=2, done=[0, 2, 3])
    assert hand.tick(1, token) == "stale"
    assert hand.complete(1) == "stale"
    assert hand.give_back(1, token) == -1
    assert hand.acquire(1) == (None, "stale")
    assert hand.reserve() == [1]


def test_two_ledgers_in_one_redis_do_not_meet(hand: Hand, redis_url: str) -> None:
    hand.create(make_plan())
    other = Ledger(redis_url, prefix="other:")
    assert other.jobs() == []
    assert other.snapshot("film-1") is None
    other.close()


def test_absent_redis_is_said_to_be_absent() -> None:
    ledger = Ledger("unix:///nonexistent/redis.sock", timeout_s=0.2)
    with pytest.raises(QueueUnavailable, match="does not answer"):
        ledger.ping()
    with pytest.raises(QueueUnavailable):
        ledger.acquire("film-1", 0, 1, slot="a", lease_s=1)
