"""What a network sees of a motion holds all of it, wherever and in whatever direction it goes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.motion import features as f
from pipeline.motion.clip import Clip, posed
from pipeline.motion.contacts import contacts
from pipeline.motion.editing import moved
from pipeline.motion.figure import FIGURE
from pipeline.motion.measures import acceleration_m_s2, bone_deviation, foot_skate_cm_s, jerk_m_s3
from pipeline.motion.rotations import yaw_of
from tests.motion.making import far, renamed, walk


def test_features_lead_back_to_the_clip_and_to_themselves() -> None:
    clip = walk(3)
    made = f.features_of(clip)
    assert made.shape == (90, f.WIDTH) == (90, 203)
    back = f.clip_of(made, clip.rate, f.start_of(clip))
    assert far(posed(back).positions, posed(clip).positions) < 1e-5
    assert far(f.features_of(back), made) < 2e-4


def test_two_minutes_end_where_they_should() -> None:
    clip = walk(120, 30)
    # It turns five times about itself on its way.
    assert np.unwrap(yaw_of(clip.turns[:, 0]))[-1] > 10 * np.pi
    back = f.clip_of(f.features_of(clip), clip.rate, f.start_of(clip))
    assert np.linalg.norm(posed(back).positions[-1] - posed(clip).positions[-1], axis=-1).max() < 1e-3


def test_features_do_not_depend_on_where_and_whither() -> None:
    clip = walk(2)
    away = moved(clip, yaw=2.5, to=np.array([40.0, clip.roots[0, 1], -7.0]))
    assert far(f.features_of(away), f.features_of(clip)) < 1e-5


def test_each_column_is_what_it_is_called() -> None:
    clip = walk(2, 60)
    made = f.features_of(clip)
    roots = clip.roots[0] + np.array([0, 0, 2.0]) * (np.arange(120) / 60)[:, None]
    still = np.broadcast_to(clip.turns[:1], clip.turns.shape)
    straight = moved(Clip(FIGURE, clip.rate, roots, still.copy()), yaw=-f.start_of(clip).yaw, to=roots[0])
    ahead = f.features_of(straight)
    speed = np.hypot(*ahead[:, f.VELOCITY].T)
    assert speed == pytest.approx(2, abs=1e-4)
    assert ahead[:, f.YAW_RATE] == pytest.approx(0, abs=1e-4)
    assert made[:, f.HEIGHT][:, 0] == pytest.approx(clip.roots[:, 1], abs=1e-6)
    head = made[:, f.POSITIONS].reshape(-1, 21, 3)[:, FIGURE.index["Head"] - 1]
    assert head[:, 1] == pytest.approx(posed(clip).positions[:, FIGURE.index["Head"], 1] - clip.roots[:, 1], abs=1e-5)
    assert set(np.unique(made[:, f.CONTACTS])) <= {0.0, 1.0}
    turning = moved(clip, yaw=0, to=clip.roots[0])
    assert far(f.features_of(turning)[:, 0].mean(), 0.3) < 0.1


def test_any_numbers_of_a_network_are_a_clip_with_whole_bones() -> None:
    made = f.clip_of(np.random.default_rng(0).normal(size=(20, f.WIDTH)), Fraction(30))
    assert bone_deviation(posed(made).positions, FIGURE)[1] < 1e-9
    with pytest.raises(MediaError, match=r"\(frames, 203\) belongs there"):
        f.clip_of(np.zeros((4, 9)), Fraction(30))
    with pytest.raises(MediaError, match="not finite"):
        f.clip_of(np.full((4, f.WIDTH), np.nan), Fraction(30))


def test_clips_of_others_or_of_one_frame_have_no_features() -> None:
    with pytest.raises(MediaError, match="retarget the clip first"):
        f.features_of(renamed(walk(0.2), {"Head": "Kopf"}))
    with pytest.raises(MediaError, match="two frames"):
        f.features_of(walk(1 / 30))


def test_normal_numbers_have_mean_0_and_lead_back() -> None:
    several = [f.features_of(walk(2)), f.features_of(walk(3, bend=0.3))]
    normal = f.normal_of(several)
    together = np.concatenate(several)
    numbers = normal.apply(together)
    assert numbers.mean(axis=0) == pytest.approx(0, abs=1e-3)
    assert numbers.std(axis=0).max() < 1.01
    assert normal.undo(numbers) == pytest.approx(together, abs=1e-5)


def standing(frames: int = 30) -> np.ndarray:
    clip = walk(frames / 30)
    rest = Clip(FIGURE, clip.rate, clip.roots * 0 + [0, 0.993, 0], np.tile([1.0, 0, 0, 0], (frames, 22, 1)))
    return posed(rest).positions


def test_feet_touch_the_floor_while_they_are_low_and_slow() -> None:
    positions = standing()
    assert contacts(positions, Fraction(30)).all()
    assert not contacts(positions + np.array([0, 0.1, 0]), Fraction(30)).any()
    sliding = positions + np.array([1.0, 0, 0]) * (np.arange(30) / 30)[:, None, None]
    assert not contacts(sliding, Fraction(30)).any()
    assert contacts(standing(1), Fraction(30)).all()


def test_measures_are_in_their_units() -> None:
    positions = standing()
    time = (np.arange(30) / 30)[:, None, None]
    touching = np.ones((30, 4), bool)
    assert foot_skate_cm_s(positions + [0.12, 0, 0] * time, Fraction(30), touching) == pytest.approx(12)
    assert foot_skate_cm_s(positions + [0, 0.3, 0] * time, Fraction(30), touching) == pytest.approx(0, abs=1e-9)
    assert foot_skate_cm_s(positions + [0.12, 0, 0] * time, Fraction(30), ~touching) == 0
    assert acceleration_m_s2(positions + [0, 4.9, 0] * time**2, Fraction(30)) == pytest.approx(9.8)
    assert jerk_m_s3(positions + [0, 0, 1.0] * time**3, Fraction(30)) == pytest.approx(6)
    assert (acceleration_m_s2(positions[:2], Fraction(30)), jerk_m_s3(positions[:3], Fraction(30))) == (0, 0)
    mean, worst = bone_deviation(positions * [1.1, 1.1, 1.1], FIGURE)
    assert (mean, worst) == (pytest.approx(0.1), pytest.approx(0.1))
