"""Whose turn it is to be looked at closely by the reconciler."""

from __future__ import annotations

from workers.turns import A_JOB, A_LOOK, Turns


def test_first_look_is_at_every_job() -> None:
    assert len(Turns().choose({f"job-{number}": 10_000 for number in range(100)})) == 100


def test_few_small_jobs_are_looked_at_every_time() -> None:
    turns = Turns()
    jobs = {f"job-{number}": 100 for number in range(10)}
    assert all(turns.choose(jobs) == set(jobs) for _ in range(5))


def test_a_look_lists_no_more_the_more_receipts_there_are() -> None:
    turns = Turns()
    jobs = {f"job-{number:04d}": 200 for number in range(1_000)}
    turns.choose(jobs)
    for _ in range(10):
        assert len(turns.choose(jobs)) <= A_LOOK // (A_JOB + 200) + 1


def test_everyones_turn_comes() -> None:
    turns = Turns()
    jobs = {f"job-{number}": 200 for number in range(100)}
    turns.choose(jobs)
    assert set().union(*(turns.choose(jobs) for _ in range(7))) == set(jobs)


def test_large_job_has_its_turn_and_is_left_alone_for_the_longer() -> None:
    turns = Turns()
    jobs = {"long": 20 * A_LOOK}
    turns.choose(jobs)
    looked = [turns.choose(jobs) == {"long"} for _ in range(41)]
    assert looked[0]
    assert 2 <= sum(looked) <= 3


def test_new_job_comes_first() -> None:
    turns = Turns()
    jobs = {f"job-{number}": A_LOOK for number in range(10)}
    turns.choose(jobs)
    assert turns.choose(jobs | {"new": 0}) >= {"new"}
