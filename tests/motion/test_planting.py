"""Feet that slide are held, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.motion.clip import posed
from pipeline.motion.contacts import FEET_PLACES, contacts
from pipeline.motion.features import features_of
from pipeline.motion.figure import FIGURE
from pipeline.motion.measures import bone_deviation, foot_skate_cm_s
from pipeline.motion.planting import lasting, planted
from tests.motion.making import far, walk

STANDING = np.zeros((60, 4), bool)
STANDING[10:30] = True
LEGS = [FIGURE.index[side + name] for side in ("Left", "Right") for name in ("UpLeg", "Leg", "Foot")]


def sliding() -> object:
    """A figure that stands bent and drifts over the floor by 12 cm a second."""
    still = walk(2.0, bend=0.2)
    turns = np.repeat(still.turns[:1], still.frames, axis=0)
    roots = still.roots[:1] + np.linspace(0, 0.24, still.frames)[:, None] * [1.0, 0, 0.3]
    return replace(still, turns=turns, roots=roots)


def test_feet_stand_still_while_they_touch() -> None:
    clip = sliding()
    before, after = posed(clip).positions, posed(planted(clip, STANDING)).positions
    assert foot_skate_cm_s(before, clip.rate, STANDING) > 10
    assert foot_skate_cm_s(after, clip.rate, STANDING) < 0.5
    assert far(after[10:30, FEET_PLACES, 1], before[10:30, FEET_PLACES, 1]) < 2e-3


def test_only_legs_move_and_bones_keep_their_lengths() -> None:
    clip = sliding()
    made = planted(clip, STANDING)
    others = [joint for joint in range(len(FIGURE.names)) if joint not in LEGS]
    assert far(made.turns[:, others], clip.turns[:, others]) == far(made.roots, clip.roots) == 0
    assert bone_deviation(posed(made).positions, FIGURE)[1] < 1e-9
    # Feet are let go in 0.2 seconds, and are then where they would have been.
    assert far(made.turns[[0, 2, 40, 59]], clip.turns[[0, 2, 40, 59]]) < 1e-9
    steps = np.abs(np.diff(posed(made).positions[:, FEET_PLACES], axis=0)).max((1, 2))
    assert steps.max() < 0.03


def test_feet_keep_their_direction() -> None:
    clip = sliding()
    ankles = [FIGURE.index["LeftFoot"], FIGURE.index["RightFoot"]]
    assert far(posed(planted(clip, STANDING)).turns[:, ankles], posed(clip).turns[:, ankles]) < 1e-9


def test_a_motion_that_never_touches_stays_as_it_is() -> None:
    clip = walk(2.0)
    assert far(planted(clip, np.zeros((60, 4), bool)).turns, clip.turns) == 0


def test_a_walk_slides_less_and_is_still_the_same_walk() -> None:
    clip = walk(3.0)
    touching = contacts(posed(clip).positions, clip.rate)
    made = planted(clip, touching)
    before, after = posed(clip).positions, posed(made).positions
    assert foot_skate_cm_s(after, clip.rate, touching) < 0.5 * foot_skate_cm_s(before, clip.rate, touching)
    assert far(after, before) < 0.15
    assert np.isfinite(features_of(made)).all()


def test_contacts_that_do_not_last_are_none() -> None:
    touching = np.zeros((10, 4), bool)
    touching[2:4, 0] = touching[5:9, 1] = True
    assert lasting(touching).sum(0).tolist() == [0, 4, 0, 0]
