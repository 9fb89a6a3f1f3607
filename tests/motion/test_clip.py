"""Joints are where their parents' turns bring them, and editing a clip moves nothing that it should not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip, at_rest, posed
from pipeline.motion.editing import cut, joined, mirrored, moved, resampled
from pipeline.motion.figure import FIGURE, SOLE_M
from pipeline.motion.rotations import about, from_euler, to_matrices, yaw_of
from pipeline.motion.skeleton import Skeleton
from tests.motion.making import far, renamed, walk, with_offsets

LIMB = Skeleton(
    ("a", "b", "c"), (-1, 0, 1), ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 2.0, 0.0)), ((2, (0.0, 0.0, 1.0)),)
)


def test_joints_follow_their_parents_turns() -> None:
    turns = from_euler(np.random.default_rng(0).normal(size=(4, 3, 3)), "XYZ")
    roots = np.arange(12.0).reshape(4, 3)
    pose = posed(Clip(LIMB, Fraction(30), roots, turns))
    for frame in range(4):
        a, b, c = to_matrices(turns[frame])
        assert pose.positions[frame, 2] == pytest.approx(roots[frame] + a @ [1, 0, 0] + a @ b @ [0, 2, 0])
        assert pose.tips[frame, 0] == pytest.approx(pose.positions[frame, 2] + a @ b @ c @ [0, 0, 1])
        assert pose.turns[frame, 2] == pytest.approx(a @ b @ c)


def test_bones_that_stretch_take_the_place_of_offsets() -> None:
    rest = at_rest(LIMB)
    bones = LIMB.offsets_m[None] * 3
    assert far(posed(Clip(LIMB, rest.rate, rest.roots, rest.turns, bones)).positions[0, 2], [3, 6, 0]) < 1e-6


def test_our_figure_is_the_same_on_both_sides_and_stands_in_a_t() -> None:
    rest = posed(at_rest(FIGURE))
    assert mirrored(at_rest(FIGURE)).skeleton == FIGURE
    at = dict(zip(FIGURE.names, rest.positions[0], strict=True))
    assert len(FIGURE.names) == 22
    assert at["LeftHand"][1] == pytest.approx(at["LeftArm"][1])
    assert at["LeftToeBase"][2] > at["LeftFoot"][2] > -0.01
    assert rest.tips[0, 0, 1] - at["LeftToeBase"][1] + SOLE_M == pytest.approx(1.72, abs=0.03)


def test_resampling_keeps_frames_that_share_their_time() -> None:
    clip = walk(1, 120)
    slower = resampled(clip, Fraction(30))
    assert slower.frames == 30
    assert far(posed(slower).positions, posed(clip).positions[::4]) < 1e-6
    back = resampled(slower, Fraction(120))
    assert back.frames == 117
    assert np.abs(posed(back).positions - posed(clip).positions[:117]).max() < 0.01
    odd = resampled(clip, Fraction(30000, 1001))
    assert far(posed(odd).positions[-1], posed(clip).positions[116]) < 0.01


def test_mirror_exchanges_left_and_right_and_twice_is_nothing() -> None:
    clip = walk(1)
    other = mirrored(clip)
    there, here = posed(other).positions, posed(clip).positions
    place = FIGURE.index
    assert far(there[:, place["LeftHand"]], here[:, place["RightHand"]] * [-1, 1, 1]) < 1e-6
    assert far(there[:, place["Head"]], here[:, place["Head"]] * [-1, 1, 1]) < 1e-6
    assert far(posed(other).tips[:, 1], posed(clip).tips[:, 2] * [-1, 1, 1]) < 1e-6
    assert far(posed(mirrored(other)).positions, here) < 1e-6


def test_mirror_works_for_figures_that_are_uneven_and_otherwise_named() -> None:
    clip = walk(0.2)
    uneven = FIGURE.offsets_m + np.random.default_rng(0).normal(size=(22, 3)) / 50 * (np.arange(22) > 0)[:, None]
    clip = Clip(with_offsets(FIGURE, uneven), clip.rate, clip.roots, clip.turns)
    names = {name: f"{name[4:]}_l" for name in FIGURE.names if name.startswith("Left")}
    names |= {name: f"{name[5:]}_r" for name in FIGURE.names if name.startswith("Right")}
    clip = renamed(clip, names)
    there, here = posed(mirrored(clip)).positions, posed(clip).positions
    place = clip.skeleton.index
    assert far(there[:, place["Foot_r"]], here[:, place["Foot_l"]] * [-1, 1, 1]) < 1e-6
    assert far(there[:, place["Hips"]], here[:, place["Hips"]] * [-1, 1, 1]) < 1e-6
    with pytest.raises(MediaError, match="LeftLeg has no partner"):
        mirrored(renamed(walk(0.2), {"RightLeg": "Shin"}))


def test_clips_are_cut_by_frames() -> None:
    clip = walk(1)
    part = cut(clip, 10, 25)
    assert far(posed(part).positions, posed(clip).positions[10:25]) < 1e-6
    for start, stop in ((5, 5), (-1, 3), (0, 31)):
        with pytest.raises(MediaError, match="no part of a clip of 30 frames"):
            cut(clip, start, stop)


def test_clip_that_was_cut_and_moved_away_joins_where_it_was() -> None:
    clip = walk(2)
    away = moved(cut(clip, 29, 60), yaw=2.0, to=np.array([7.0, clip.roots[29, 1], -3.0]))
    whole = joined([cut(clip, 0, 30), away])
    assert whole.frames == 60
    assert far(posed(whole).positions, posed(clip).positions) < 1e-6


def test_overlap_leads_from_one_clip_into_the_next() -> None:
    clip = walk(2)
    other = moved(mirrored(clip), yaw=-1.0, to=np.zeros(3))
    whole = joined([clip, other], overlap=10)
    assert whole.frames == 110
    assert far(posed(whole).positions[:50], posed(clip).positions[:50]) < 1e-6
    steps = np.linalg.norm(np.diff(posed(whole).positions, axis=0), axis=-1).max(axis=1)
    assert steps[45:65].max() < 1.5 * steps[:40].max()
    assert yaw_of(whole.turns[50, 0]) == pytest.approx(yaw_of(clip.turns[50, 0]), abs=0.2)


def test_clips_of_other_rates_or_lengths_do_not_join() -> None:
    with pytest.raises(MediaError, match="clip 2 cannot follow: 60 frames a second follow 30"):
        joined([walk(1), walk(1, 60)])
    with pytest.raises(MediaError, match="clip 2 cannot follow: 30 frames overlap"):
        joined([walk(1), walk(1)], overlap=30)
    with pytest.raises(MediaError, match="clip 2 cannot follow: it has another skeleton"):
        joined([walk(1), renamed(walk(1), {"Head": "Kopf"})])


def test_moving_turns_about_the_first_frames_root() -> None:
    clip = walk(1)
    there = moved(clip, yaw=np.pi / 2, to=np.array([1.0, 2.0, 3.0]))
    turn = to_matrices(about(1, np.array(np.pi / 2)))
    expected = (posed(clip).positions - clip.roots[0]) @ turn.T + [1, 2, 3]
    assert far(posed(there).positions, expected) < 1e-6
