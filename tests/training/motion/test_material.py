"""Clips become windows: cycles are repeated, strides have a beat, and what is held out is never learnt."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from pipeline.errors import MediaError
from pipeline.motion.dataset import Motions, Take
from pipeline.motion.editing import cut, mirrored
from pipeline.motion.features import POSITIONS, features_of
from pipeline.training.motion.brief import MEASURED_FRAMES, MotionRecipe
from pipeline.training.motion.cycles import looped
from pipeline.training.motion.material import Material
from pipeline.training.motion.parting import parted
from pipeline.training.motion.strides import beat_of
from tests.motion.making import walk
from tests.training.motion.tiny import RECIPE, motions

RATE = Fraction(30)


def test_two_strides_become_a_walk_of_any_length() -> None:
    short = walk(2.4)
    longer = looped(short, 6.0)
    assert longer is not None
    assert longer.seconds >= 6.0
    places = features_of(longer)[:, POSITIONS]
    steps = np.abs(np.diff(places, axis=0)).max(1)
    assert steps.max() < 1.2 * np.abs(np.diff(features_of(short)[:, POSITIONS], axis=0)).max()


def test_what_does_not_repeat_is_no_cycle() -> None:
    once = walk(0.8)
    assert looped(once, 6.0) is None
    assert looped(cut(once, 0, 10), 6.0) is None


def test_strides_have_a_beat_and_standing_has_none() -> None:
    features = features_of(walk(6.0))
    beat = beat_of(features, RATE)
    assert beat is not None
    assert beat.hz == pytest.approx(1.0, abs=0.03)
    assert np.diff(beat.phase)[10:-10].min() > 0
    still = np.repeat(features[:1], 90, axis=0)
    assert beat_of(still, RATE) is None


def test_in_a_mirror_the_beat_is_half_a_stride_further() -> None:
    clip = walk(6.0)
    phases = [beat_of(features_of(side), RATE) for side in (clip, mirrored(clip))]
    assert None not in phases
    apart = np.exp(1j * (phases[0].phase - phases[1].phase))  # type: ignore[union-attr]
    assert np.abs(apart + 1).max() < 1e-3


def test_the_end_of_the_longest_take_is_held_out_and_not_learnt() -> None:
    recipe = MotionRecipe(**RECIPE)
    parts = parted(motions(), recipe)
    assert [len(features) for features in parts.held_out] == [MEASURED_FRAMES] * 2
    assert [clip.frames for clip, _ in parts.learnt] == [180 - MEASURED_FRAMES] * 2
    assert parted(motions(), replace(recipe, held_out=0.0)).learnt[0][0].frames == 180


def test_windows_are_mirrored_and_stretched() -> None:
    made = Material(motions(), MotionRecipe(**(RECIPE | {"stretch": 0.1})))
    lengths = sorted({len(piece.features) for piece in made.pieces})
    assert lengths == [105, 110, 116, 122, 128]
    assert len(made.pieces) == 2 * 5 * 2
    assert [piece.is_own for piece in made.pieces].count(True) == 2


def test_every_class_is_drawn_as_often_and_the_same_for_a_seed() -> None:
    made = Material(motions(), MotionRecipe(**RECIPE))
    batch, again = (made.batch(200, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(batch.features, again.features)
    assert batch.features.shape == (200, 64, 203)
    assert 70 < int(batch.actions.sum()) < 130
    assert (made.beat_hz > 0.9).all()


def test_a_class_with_too_little_is_told() -> None:
    clip = walk(1.5)
    short = Motions(("walk",), (Take("a.bvh", "walk", clip, features_of(clip)),), RATE, ())
    with pytest.raises(MediaError) as caught:
        Material(short, MotionRecipe(**RECIPE))
    assert str(caught.value) == (
        "walk: its longest clip has 45 frames at 30 a second, and 64 are learnt at a time; add a longer clip, leave "
        "the class out, or learn shorter windows"
    )
