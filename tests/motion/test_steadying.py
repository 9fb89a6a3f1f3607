"""Figures whose feet stand do not drift, and where nothing stands nothing changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.motion.clip import Clip, posed
from pipeline.motion.contacts import FEET_PLACES
from pipeline.motion.editing import moved
from pipeline.motion.rotations import about, multiply
from pipeline.motion.steadying import steadied
from tests.motion.making import far, walk

ALL = np.ones((90, 4), bool)


def drifting() -> Clip:
    """A figure that stands, and is carried over the floor and turned about a far point all the while."""
    still = walk(3.0, bend=0.2)
    angles = np.linspace(0, 0.8, still.frames)
    turns = np.repeat(still.turns[:1], still.frames, axis=0)
    turns[:, 0] = multiply(about(1, angles), turns[:, 0])
    roots = still.roots[:1] + 0.3 * np.stack([np.sin(angles), 0 * angles, 1 - np.cos(angles)], axis=1)
    return replace(still, turns=turns, roots=roots)


def test_a_figure_that_stands_stays_where_it_is() -> None:
    clip = drifting()
    feet = posed(steadied(clip, ALL)).positions[:, FEET_PLACES]
    assert far(posed(clip).positions[-1, FEET_PLACES], posed(clip).positions[0, FEET_PLACES]) > 0.1
    assert far(feet, feet[:1]) < 0.005


def test_a_path_without_contacts_stays_as_it_is() -> None:
    clip = walk(3.0)
    made = steadied(clip, ~ALL)
    assert far(made.roots, clip.roots) < 1e-9
    assert far(posed(made).positions, posed(clip).positions) < 1e-9


def test_nothing_but_the_path_changes() -> None:
    clip = drifting()
    made = steadied(clip, ALL)
    assert far(made.turns[:, 1:], clip.turns[:, 1:]) == far(made.roots[:, 1], clip.roots[:, 1]) == 0
    assert far(made.roots[0], clip.roots[0]) == 0


def test_it_does_not_matter_where_and_which_way() -> None:
    clip = drifting()
    made = posed(steadied(clip, ALL)).positions
    elsewhere = moved(clip, yaw=1.0, to=np.array([3.0, clip.roots[0, 1], -2.0]))
    there = posed(moved(steadied(elsewhere, ALL), yaw=-1.0, to=clip.roots[0])).positions
    assert far(there, made) < 1e-6
