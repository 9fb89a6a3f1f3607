"""The search for bad frames, as a game: a hidden set of frames kills, and the search must find exactly that set."""

from __future__ import annotations

import random

import pytest

from jobs.records import Quarantine

CONFIRMED = 2


def search(
    bad: set[int], begins: int, stop: int, *, led_in_by: frozenset[int] = frozenset(), flaky: float = 0.0
) -> Quarantine:
    """Play it: `led_in_by` are bad frames before the chunk; `flaky` is the chance of an innocent death."""
    chance = random.Random(7)
    known = Quarantine(begins=begins, leads_in=bool(led_in_by), cleared=begins, ends=stop)
    while True:
        span = known.next_span(stop)
        known = known.model_copy(update={"trying": span})
        whole = known.ends is None
        painted = set(range(begins if whole else span[0], span[1])) - set(known.bad)
        if known.leads_in and (whole or span[0] == begins):
            painted |= led_in_by
        if painted & (bad | led_in_by) or chance.random() < flaky:
            known = known.failed("died", confirmed=CONFIRMED)
        elif whole:
            return known
        else:
            known = known.survived()
        assert known.failures < 200


@pytest.mark.parametrize("bad", [set(), {0}, {47}, {20}, {20, 21}, {0, 47}, {3, 11, 12, 30}])
def test_the_bad_frames_are_found_and_no_others(bad: set[int]) -> None:
    assert set(search({100 + frame for frame in bad}, 100, 148).bad) == {100 + frame for frame in bad}


def test_any_three_bad_frames_are_found() -> None:
    chance = random.Random(1)
    for _ in range(200):
        bad = set(chance.sample(range(30), 3))
        assert set(search(bad, 0, 30).bad) == bad


def test_halving_is_quick() -> None:
    assert search({700}, 0, 1024).failures <= 13


def test_chunk_of_one_frame() -> None:
    assert set(search({5}, 5, 6).bad) == {5}


def test_frames_that_lead_in_are_not_blamed_on_the_chunk() -> None:
    known = search({12}, 10, 20, led_in_by=frozenset({7}))
    assert set(known.bad) == {12}
    assert not known.leads_in


def test_deaths_by_chance_condemn_nobody() -> None:
    assert set(search({17}, 0, 48, flaky=0.15).bad) == {17}
