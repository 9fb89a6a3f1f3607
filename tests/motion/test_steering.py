"""Motions that are led along a path."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.motion.clip import posed
from pipeline.motion.rotations import yaw_of
from pipeline.motion.steering import check, steered
from tests.motion.making import far, walk

CORNER = [(0.0, 0.0), (0.0, 3.0), (3.0, 3.0), (6.0, 3.0)]


def test_a_walk_follows_its_path_and_looks_ahead() -> None:
    made = steered(walk(6.0), CORNER)
    floor = made.roots[:, [0, 2]]
    assert far(floor[0], [0, 0]) < 0.15
    assert np.linalg.norm(floor - [0, 3], axis=1).min() < 0.2
    assert abs(floor[-1, 1] - 3) < 0.6
    assert floor[-1, 0] > 3
    assert yaw_of(made.turns[-1:, 0])[0] == pytest.approx(np.pi / 2, abs=0.4)


def test_it_goes_as_far_as_it_went_and_its_body_is_as_it_was() -> None:
    clip = walk(6.0)
    made = steered(clip, [(0.0, 0.0), (0.0, 1.0)])
    length = [np.linalg.norm(np.diff(each.roots[:, [0, 2]], axis=0), axis=1).sum() for each in (clip, made)]
    assert length[1] == pytest.approx(length[0], rel=0.1)
    assert far(made.turns[:, 1:], clip.turns[:, 1:]) == far(made.roots[:, 1], clip.roots[:, 1]) == 0
    assert far(posed(made).positions[..., 1], posed(clip).positions[..., 1]) < 1e-9


@pytest.mark.parametrize("path", [[], [(0.0, 0.0)], [(0.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (float("nan"), 1.0)]])
def test_what_is_no_path_is_refused(path: list[tuple[float, float]]) -> None:
    with pytest.raises(MediaError, match="a path needs two points or more"):
        steered(walk(1.0), path)


def test_a_path_that_turns_back_is_refused() -> None:
    with pytest.raises(MediaError, match="turns back on itself at its point 2"):
        check([(0, 0), (0, 1), (0, 0)])
    check([(0, 0), (0, 2), (2, 2), (2, 0)])
