"""The shipped generator does what its classes are called, on feet that stand."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from pipeline.catalog import MODELS
from pipeline.models.motion.files import load
from pipeline.motion.clip import Clip, posed
from pipeline.motion.contacts import contacts
from pipeline.motion.described import described
from pipeline.motion.figure import FIGURE
from pipeline.motion.generation import generate
from pipeline.motion.measures import acceleration_m_s2, foot_skate_cm_s

CMU = MODELS["cmu"]
RATE = Fraction(30)


@cache
def clip(action: str) -> Clip:
    return generate(load(CMU.path), [(action, 6.0)], seed=1, rate=RATE)


def speed_m_s(made: Clip) -> float:
    return float(np.linalg.norm(made.roots[-1, [0, 2]] - made.roots[0, [0, 2]])) / made.seconds


def test_it_is_small_and_its_card_says_whose_motions_they_are() -> None:
    assert CMU.path.stat().st_size < 8_000_000
    assert set(described(CMU.path).classes) >= {"walk", "run", "jump", "punch", "bend", "sword"}
    card = CMU.path.with_suffix(".md").read_text(encoding="utf-8")
    assert "CMU Graphics Lab Motion Capture Database, mocap.cs.cmu.edu" in card
    assert "| foot-skate, cm/s |" in card


@pytest.mark.parametrize("action", described(CMU.path).classes)
def test_feet_stand_and_bodies_do_not_twitch(action: str) -> None:
    positions = posed(clip(action)).positions
    assert foot_skate_cm_s(positions, RATE, contacts(positions, RATE)) < 5
    assert 0.8 < acceleration_m_s2(positions, RATE) < 16
    assert -0.03 < positions[..., 1].min() < 0.06


def test_each_does_what_it_is_called() -> None:
    assert 0.9 < speed_m_s(clip("walk")) < 1.6
    assert 2.0 < speed_m_s(clip("run")) < 3.6
    for standing in ("punch", "bend", "sword"):
        assert speed_m_s(clip(standing)) < 0.2
    height = clip("jump").roots[:, 1]
    feet = posed(clip("jump")).positions[:, [FIGURE.index["LeftToeBase"], FIGURE.index["RightToeBase"]], 1]
    assert height.max() - height.min() > 0.25
    assert feet.min(1).max() > 0.1
    hands = posed(clip("bend")).positions[:, [FIGURE.index["LeftHand"], FIGURE.index["RightHand"]], 1]
    assert hands.min() < 0.6
