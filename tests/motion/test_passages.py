"""From clip to clip: no frame is lost, nothing jumps, and after a while it is the next clip alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.motion.clip import posed
from pipeline.motion.editing import cut, moved, resampled
from pipeline.motion.passages import PASSAGE_S, followed
from tests.motion.making import far, walk

WALK = walk(2)
OTHER = moved(cut(walk(3, bend=0.4), 17, 77), yaw=2.0, to=np.array([4.0, 0.9, -3.0]))


def test_a_row_of_clips_has_all_their_frames() -> None:
    whole = followed([WALK, OTHER, cut(WALK, 0, 1), OTHER])
    assert whole.frames == 60 + 60 + 1 + 60
    assert far(whole.turns[:60], WALK.turns) == 0


def test_nothing_jumps_where_a_clip_begins() -> None:
    places = posed(followed([WALK, OTHER])).positions
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1).max(axis=1)
    usual = max(np.linalg.norm(np.diff(posed(clip).positions, axis=0), axis=-1).max() for clip in (WALK, OTHER))
    assert steps[57:80].max() < 1.3 * usual
    # As they would be if one simply began where the other ends.
    joined = posed(replace(WALK, turns=np.concatenate([WALK.turns, OTHER.turns]), roots=np.zeros((120, 3)))).positions
    assert np.linalg.norm(np.diff(joined, axis=0), axis=-1).max(axis=1)[59] > 2 * usual


def test_the_speed_does_not_jump_either() -> None:
    places = posed(followed([WALK, OTHER])).positions
    bends = np.linalg.norm(np.diff(places, n=2, axis=0), axis=-1).max(axis=1)
    assert bends[58:60].max() < 1.5 * bends[:50].max()
    assert bends[60:].max() < 4 * bends[:50].max()


def test_who_falls_as_a_clip_ends_does_not_sink_into_the_floor() -> None:
    falls = replace(WALK, roots=WALK.roots + np.linspace(1.5, 0, 60)[:, None] * [0, 1, 0])
    places = posed(followed([falls, OTHER])).positions[60:, :, 1]
    assert places.min() > min(posed(OTHER).positions[..., 1].min(), posed(WALK).positions[-1, :, 1].min()) - 1e-6


def test_after_its_passage_a_clip_moves_as_it_does_alone() -> None:
    whole = followed([WALK, OTHER])
    begun = round(PASSAGE_S * 30)
    assert far(whole.turns[60 + begun :, 1:], OTHER.turns[begun:, 1:]) < 1e-9
    alone = np.linalg.norm(np.diff(OTHER.roots[begun:], axis=0), axis=-1)
    assert far(np.linalg.norm(np.diff(whole.roots[60 + begun :], axis=0), axis=-1), alone) < 1e-9


def test_a_clip_goes_on_where_the_one_before_goes() -> None:
    again = followed([cut(WALK, 0, 30), moved(cut(WALK, 30, 60), yaw=-1.0, to=WALK.roots[30] * [0, 1, 0])])
    # What was one walk is that walk again, up to how its speed changes from frame to frame.
    assert far(again.roots, WALK.roots) < 0.05
    assert far(again.turns, WALK.turns) < 0.05


def test_clips_of_two_rates_do_not_follow() -> None:
    with pytest.raises(MediaError, match="clip 2 cannot follow: it has another skeleton or rate"):
        followed([WALK, resampled(WALK, Fraction(60))])
