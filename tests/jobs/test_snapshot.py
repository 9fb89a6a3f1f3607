"""What people see of a job: progress, rate, what is left, what it cost; and of workers."""

from __future__ import annotations

import time

import pytest

from jobs.ledger import WorkerInfo
from jobs.snapshot import STITCH, Running, Snapshot
from tests.jobs.making import Hand, make_plan


def look(hand: Hand) -> Snapshot:
    seen = hand.ledger.snapshot("film-1")
    assert seen is not None
    return seen


def test_unknown_job_has_no_snapshot(hand: Hand) -> None:
    assert hand.ledger.snapshot("film-1") is None
    assert hand.state() == ""


def test_new_job_has_neither_begun_nor_a_rate(hand: Hand) -> None:
    hand.create(make_plan(priority=7, output="/there"))
    seen = look(hand)
    assert (seen.kind, seen.state, seen.priority, seen.output) == ("film", "running", 7, "/there")
    assert (seen.started, seen.finished, seen.rate, seen.eta_s) == (None, None, None, None)
    assert (seen.chunks, seen.chunks_done, seen.frames, seen.frames_done) == (4, 0, 40, 0)


def test_progress_sums_finished_and_painted_frames(hand: Hand) -> None:
    hand.create(make_plan(chunks=12))
    hand.complete(0)
    hand.tick(10, hand.token(10, "b c"), "b c", frames=3)
    hand.tick(2, hand.token(2, "a"), "a", frames=4)
    seen = look(hand)
    assert seen.frames_done == 10 + 3 + 4
    assert seen.running == (Running(2, 4, "a"), Running(10, 3, "b c"))


def test_finished_chunk_is_not_counted_twice(hand: Hand) -> None:
    hand.create(make_plan())
    hand.tick(0, hand.token(0), frames=10)
    hand.complete(0)
    assert look(hand).frames_done == 10


def test_stitch_shows_as_running_but_adds_no_frames(hand: Hand) -> None:
    hand.create(make_plan(), done=range(4))
    hand.tick(STITCH, hand.token(STITCH), frames=25)
    seen = look(hand)
    assert seen.running == (Running(STITCH, 25, "a"),)
    assert seen.frames_done == 40


def test_compute_seconds_add_up(hand: Hand) -> None:
    hand.create(make_plan())
    hand.complete(0, seconds=1.5)
    hand.complete(1, seconds=2.25)
    assert look(hand).compute_s == pytest.approx(3.75)


def test_rate_and_time_left_follow_the_last_chunks(hand: Hand) -> None:
    hand.create(make_plan(chunks=10))
    now = time.time()
    # Two chunks of 10 frames since the first of these was done, 4 s ago.
    marks = [f"{int((now - ago) * 1e6)} 10" for ago in (0, 2, 4)]
    hand.ledger.redis.rpush("test:job:film-1:recent", *marks)
    seen = look(hand)
    assert seen.rate == pytest.approx(5, rel=0.05)
    assert seen.eta_s == pytest.approx(100 / 5, rel=0.05)


def test_rate_falls_while_nothing_is_finished(hand: Hand) -> None:
    hand.create(make_plan(chunks=10))
    marks = [f"{int((time.time() - ago) * 1e6)} 10" for ago in (98, 100)]
    hand.ledger.redis.rpush("test:job:film-1:recent", *marks)
    assert look(hand).rate == pytest.approx(0.1, rel=0.05)


def test_frames_under_way_count_towards_the_rate(hand: Hand) -> None:
    hand.create(make_plan(chunks=10))
    hand.tick(0, hand.token(0), frames=6)
    hand.ledger.redis.hset("test:job:film-1", "started", time.time() - 2)
    assert look(hand).rate == pytest.approx(3, rel=0.05)
    marks = [f"{int((time.time() - ago) * 1e6)} 10" for ago in (2, 4)]
    hand.ledger.redis.rpush("test:job:film-1:recent", *marks)
    assert look(hand).rate == pytest.approx((10 + 6) / 4, rel=0.05)


def test_paused_job_has_no_time_left(hand: Hand) -> None:
    hand.create(make_plan())
    hand.complete(0)
    hand.complete(1)
    assert look(hand).eta_s is not None
    hand.ledger.steer("film-1", "paused")
    assert look(hand).eta_s is None


def test_start_and_end_are_noted(hand: Hand) -> None:
    hand.create(make_plan(chunks=1))
    before = time.time()
    hand.token(0)
    hand.complete(0)
    hand.ledger.end("film-1", "done", generation=1)
    seen = look(hand)
    assert seen.started == pytest.approx(before, abs=2)
    assert seen.finished == pytest.approx(before, abs=2)
    assert seen.is_final


def test_events_are_remembered_in_order(hand: Hand) -> None:
    hand.create(make_plan())
    hand.ledger.record("film-1", "first")
    hand.ledger.record("film-1", "second", chunk=3, worker="a")
    first, second = hand.ledger.events("film-1")
    assert (first["what"], first["chunk"]) == ("first", None)
    assert (second["what"], second["chunk"], second["worker"]) == ("second", 3, "a")


def test_only_the_last_events_are_kept(hand: Hand) -> None:
    for number in range(520):
        hand.ledger.record("film-1", str(number))
    assert [event["what"] for event in hand.ledger.events("film-1")] == [str(n) for n in range(20, 520)]


def test_workers_are_listed_until_they_leave_or_fall_silent(hand: Hand) -> None:
    here = [WorkerInfo(slot, "host", 1, "cpu", ("gpu", "cpu"), "waiting") for slot in ("a", "b", "c")]
    for worker in here:
        hand.ledger.report_worker(worker)
    assert hand.ledger.workers() == here
    hand.ledger.forget_worker("a")
    hand.ledger.redis.delete("test:worker:b")
    assert hand.ledger.workers() == here[2:]
    assert hand.ledger.redis.smembers("test:workers") == {"c"}


@pytest.mark.parametrize("size", [48, 1])
def test_a_hundred_thousand_frames_cost_less_than_a_megabyte(hand: Hand, size: int) -> None:
    plan = make_plan(chunks=100_000 // size, size=size)
    hand.reserve()
    before = hand.ledger.redis.info("memory")["used_memory"]
    hand.create(plan)
    for chunk in hand.reserve(window=64):
        hand.tick(chunk, hand.token(chunk, f"slot-{chunk}"), f"slot-{chunk}", frames=1)
    hand.complete(0)
    assert hand.ledger.redis.info("memory")["used_memory"] - before < 1_000_000
