"""A round follows from its seed, and only from that."""

from __future__ import annotations

from jobs.drill.seeds import draw, rounds
from jobs.drill.table import TROUBLES


def test_a_seed_gives_the_same_round_every_time() -> None:
    assert draw(7, TROUBLES) == draw(7, list(reversed(TROUBLES)))


def test_a_round_can_be_repeated_alone() -> None:
    assert rounds(1, 30, TROUBLES)[12] == rounds(13, 1, TROUBLES)[0]


def test_neighbouring_seeds_have_other_troubles() -> None:
    drawn = {tuple(blow.trouble for blow in each.blows) for each in rounds(1, 50, TROUBLES)}
    assert len(drawn) > 40


def test_two_hundred_rounds_meet_every_trouble_several_times() -> None:
    met = [blow.trouble for each in rounds(1, 200, TROUBLES) for blow in each.blows]
    assert min(met.count(name) for name in TROUBLES) >= 5


def test_a_round_has_one_to_three_troubles_in_the_order_of_their_moments() -> None:
    for each in rounds(1, 50, TROUBLES):
        moments = [blow.moment for blow in each.blows]
        assert 1 <= len(moments) <= 3
        assert moments == sorted(moments)


def test_a_single_trouble_is_met_every_time() -> None:
    assert all([blow.trouble for blow in each.blows] == ["delay"] for each in rounds(1, 9, ["delay"]))
