"""The plans that a worker keeps."""

from __future__ import annotations

import pytest

from jobs.records import Plan
from pipeline.errors import JobNotFound
from tests.jobs.making import make_plan
from workers.plans import Plans


class Shelf:
    """Plans of four chunks, and which were read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, job: str) -> Plan:
        self.read.append(job)
        return make_plan(job)


def test_plan_is_read_once() -> None:
    plans, shelf = Plans(), Shelf()
    assert plans.get("a", shelf) is plans.get("a", shelf)
    assert shelf.read == ["a"]


def test_thousand_jobs_by_turns_are_read_once_each() -> None:
    plans, shelf = Plans(), Shelf()
    for _ in range(2):
        for number in range(1_000):
            plans.get(f"job-{number}", shelf)
    assert len(shelf.read) == 1_000


def test_plan_that_was_used_longest_ago_leaves_first() -> None:
    plans, shelf = Plans(most_chunks=8), Shelf()
    for job in ("a", "b", "a", "c", "a", "b"):
        plans.get(job, shelf)
    assert shelf.read == ["a", "b", "c", "b"]


def test_plan_longer_than_all_that_is_kept_is_kept_alone() -> None:
    plans, shelf = Plans(most_chunks=1), Shelf()
    for job in ("a", "a", "b", "b"):
        plans.get(job, shelf)
    assert shelf.read == ["a", "b"]


def test_plan_that_cannot_be_read_is_asked_for_again() -> None:
    plans, shelf = Plans(), Shelf()

    def gone(job: str) -> Plan:
        raise JobNotFound(f"no job {job!r}")

    with pytest.raises(JobNotFound):
        plans.get("a", gone)
    assert plans.get("a", shelf).job == "a"
