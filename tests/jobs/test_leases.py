"""Who holds a chunk: leases, fencing tokens, deaths, and what is left when Redis forgets."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from jobs.ledger import Overdue
from tests.jobs.making import Hand, make_plan


def test_racing_workers_have_one_winner(hand: Hand) -> None:
    hand.create(make_plan())
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: hand.acquire(0, f"slot-{n}"), range(16)))
    assert [why for _, why in answers].count("ok") == 1
    assert [why for _, why in answers].count("held") == 15


def test_slot_takes_over_the_lease_of_its_dead_predecessor(hand: Hand) -> None:
    hand.create(make_plan())
    first = hand.token(0, "a")
    second = hand.token(0, "a")
    assert second > first
    assert hand.tick(0, first, "a") == "lost"
    assert hand.tick(0, second, "a") == "ok"


def test_slot_whose_name_contains_another_is_another(hand: Hand) -> None:
    hand.create(make_plan())
    hand.token(0, "gpu-1@host 7")
    assert hand.acquire(0, "gpu-1@host") == (None, "held")
    assert hand.acquire(0, "gpu-1@host 7")[1] == "ok"


def test_fencing_tokens_grow_even_when_redis_forgets(hand: Hand) -> None:
    tokens = []
    for _ in range(3):
        hand.create(make_plan())
        tokens += [hand.token(chunk) for chunk in range(4)]
        hand.wipe()
    assert tokens == sorted(set(tokens))


def test_fencing_tokens_grow_when_the_clock_is_behind(hand: Hand) -> None:
    hand.create(make_plan())
    ahead = int(time.time() * 1e6) + 3_600_000_000
    hand.ledger.redis.set("test:fence", ahead)
    assert hand.token(0) == ahead + 1
    assert hand.token(1) == ahead + 2


def test_lease_runs_out_and_the_chunk_is_free(hand: Hand) -> None:
    hand.create(make_plan())
    token = hand.token(0, "a", lease_s=0.02)
    time.sleep(0.04)
    other = hand.token(0, "b")
    assert hand.tick(0, token, "a") == "lost"
    assert hand.give_back(0, token, failed=True) == -1
    assert hand.tick(0, other, "b") == "ok"


def test_tick_renews_the_lease(hand: Hand) -> None:
    hand.create(make_plan())
    token = hand.token(0, lease_s=0.5)
    assert hand.tick(0, token, lease_s=60) == "ok"
    assert hand.ledger.redis.pttl("test:lease:film-1:0") > 50_000


def test_late_holder_of_a_finished_chunk_is_stopped(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    token = hand.token(0)
    hand.complete(0)
    assert hand.tick(0, token) == "lost"
    assert set(hand.ledger.published("film-1")) == {1, 2, 3}


def test_tick_keeps_the_chunk_after_redis_forgot_it(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    token = hand.token(0, "a")
    hand.wipe()
    assert hand.tick(0, token, "a") == "gone"
    hand.create(make_plan())
    assert hand.reserve() == [0, 1, 2, 3]
    assert hand.acquire(0, "b") == (None, "held")
    assert hand.tick(0, token, "a") == "ok"
    assert hand.complete(0) == "ok"


def test_after_redis_forgot_the_first_to_ask_holds_the_chunk(hand: Hand) -> None:
    hand.create(make_plan())
    token = hand.token(0, "a")
    hand.wipe()
    hand.create(make_plan())
    other = hand.token(0, "b")
    assert hand.tick(0, token, "a") == "lost"
    assert hand.tick(0, other, "b") == "ok"


def test_given_back_chunk_comes_out_first(hand: Hand) -> None:
    hand.create(make_plan(chunks=10))
    hand.reserve(window=5)
    token = hand.token(3)
    assert hand.give_back(3, token) == 0
    assert hand.reserve(window=6) == [3, 5]


def test_failures_are_counted_by_chunk(hand: Hand) -> None:
    hand.create(make_plan())
    for count in (1, 2):
        assert hand.give_back(0, hand.token(0), failed=True) == count
    assert hand.give_back(1, hand.token(1), failed=True) == 1
    seen = hand.ledger.snapshot("film-1")
    assert seen is not None
    assert seen.failures == {"0": 2, "1": 1}


def test_finished_chunk_forgets_its_failures(hand: Hand) -> None:
    hand.create(make_plan())
    hand.give_back(0, hand.token(0), failed=True)
    hand.complete(0)
    seen = hand.ledger.snapshot("film-1")
    assert seen is not None
    assert seen.failures == {}


def test_chunk_in_good_hands_is_not_overdue(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    hand.token(0)
    assert hand.ledger.overdue(patience_s=60) == []


def test_chunk_of_a_dead_worker_is_overdue_at_once(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    hand.token(2)
    hand.lose_lease(2)
    assert hand.ledger.overdue(patience_s=60) == [Overdue("film-1", 2, 1, "died")]


def test_message_that_nobody_took_is_overdue_after_a_while(hand: Hand) -> None:
    hand.create(make_plan(chunks=2))
    hand.reserve()
    assert hand.ledger.overdue(patience_s=60) == []
    time.sleep(0.01)
    assert hand.ledger.overdue(patience_s=0.005) == [Overdue("film-1", n, 1, "lost") for n in (0, 1)]


def test_overdue_forgets_chunks_of_unknown_jobs(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    hand.ledger.redis.delete("test:job:film-1")
    assert hand.ledger.overdue(patience_s=0) == []
    assert hand.ledger.published("film-1") == {}


def test_dead_workers_chunk_is_given_back_once(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    hand.token(0)
    hand.lose_lease(0)
    assert hand.give_back(0, None, failed=True) == 1
    assert hand.give_back(0, None, failed=True) == -1
    assert hand.reserve() == [0]
    assert hand.give_back(0, None, failed=True) == -1


def test_chunk_taken_meanwhile_is_not_taken_away(hand: Hand) -> None:
    hand.create(make_plan())
    hand.reserve()
    token = hand.token(0)
    assert hand.give_back(0, None) == -1
    assert hand.tick(0, token) == "ok"


def test_crash_in_one_slot_counts_as_a_failure(hand: Hand) -> None:
    hand.create(make_plan())
    hand.token(0, "a")
    hand.token(0, "a")
    seen = hand.ledger.snapshot("film-1")
    assert seen is not None
    assert seen.failures == {"0": 1}
