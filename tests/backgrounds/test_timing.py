"""Films become as long as a poster."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from pipeline.backgrounds.brief import Film, Play
from pipeline.backgrounds.timing import moments, usual


def _shown(
    play: Play, frames: int, rate: int, count: int, *, at: int = 10, loops: bool = False, **keys: Any
) -> list[Fraction]:
    film = Film(start=0, stop=frames, rate=Fraction(rate), loops=loops)
    moment = moments(film, play, count=count, rate=Fraction(at), **{"loop": True, **keys})
    return [moment(frame) for frame in range(count)]


def _numbers(*args: Any, **keys: Any) -> list[int]:
    return [int(moment) for moment in _shown(*args, **keys)]


@pytest.mark.parametrize("play", ["loop", "stretch"])
def test_a_loop_of_the_posters_length_and_rate_is_shown_as_it_is(play: Play) -> None:
    assert _shown(play, 8, 10, 8, loops=True) == list(range(8))


def test_a_loop_is_played_a_whole_number_of_times() -> None:
    # 8 frames at 10 a second last 0.8 s: in 1.8 s they are seen twice, a little slower.
    shown = _shown("loop", 8, 10, 18, loops=True)
    assert shown[0] == shown[9] == 0
    assert [later - earlier for earlier, later in pairwise(shown[:9])] == [Fraction(8, 9)] * 8
    assert shown[17] + Fraction(8, 9) == 8


def test_a_loop_longer_than_the_poster_is_played_faster() -> None:
    assert _numbers("loop", 20, 10, 10, loops=True) == list(range(0, 20, 2))


def test_a_loop_may_be_entered_anywhere() -> None:
    assert _numbers("loop", 8, 10, 8, loops=True, begin=Fraction(3, 4)) == [6, 7, 0, 1, 2, 3, 4, 5]


def test_a_stretched_film_is_seen_from_its_first_frame_to_its_last() -> None:
    shown = _shown("stretch", 5, 30, 9, loop=False)
    assert (shown[0], shown[-1]) == (0, 4)
    assert shown == [Fraction(frame, 2) for frame in range(9)]


def test_a_held_film_keeps_its_speed_and_its_last_frame_stays() -> None:
    assert _numbers("hold", 3, 5, 10, loop=False) == [0, 0, 1, 1, 2, 2, 2, 2, 2, 2]


def test_a_film_of_another_rate_shows_each_frame_until_the_next_ones_time() -> None:
    assert _numbers("hold", 24, 24, 10, at=30, loop=False) == [0, 0, 1, 2, 3, 4, 4, 5, 6, 7]


@pytest.mark.parametrize(("frames", "count"), [(5, 40), (40, 20), (7, 12), (2, 2)])
def test_a_bounce_is_without_a_jump_and_slows_down_where_it_turns(frames: int, count: int) -> None:
    shown = _shown("bounce", frames, 10, count)
    assert shown[0] == 0
    assert all(0 <= moment <= frames - 1 for moment in shown)
    steps = [abs(shown[(frame + 1) % count] - shown[frame]) for frame in range(count)]
    # Its own speed on the average is one and a half in the middle, and a little more where it must be all seen.
    assert max(steps) < 2
    assert steps[-1] == steps[0]


def test_a_short_film_bounces_often_and_is_seen_whole() -> None:
    shown = _shown("bounce", 6, 10, 36)
    assert max(shown) == 5
    assert shown.count(Fraction(0)) == 3


@pytest.mark.parametrize(
    ("loops", "loop", "play"),
    [(True, True, "loop"), (True, False, "loop"), (False, True, "bounce"), (False, False, "hold")],
)
def test_what_is_usual_never_jumps(loops: bool, loop: bool, play: Play) -> None:
    assert usual(Film(start=0, stop=9, rate=Fraction(9), loops=loops), loop=loop) == play
