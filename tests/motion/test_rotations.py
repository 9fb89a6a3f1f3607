"""The four ways to write a rotation say the same."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.motion import rotations as r

ORDERS = ["".join(order) for order in permutations("XYZ")]
RANDOM = r.normalised(np.random.default_rng(1).normal(size=(200, 4)))
ANGLES = st.floats(-np.pi, np.pi)


@pytest.mark.parametrize("order", ORDERS)
def test_matrix_is_the_product_of_its_angles_in_order(order: str) -> None:
    angles = np.array([0.3, -1.1, 2.0])
    x, y, z = (r.to_matrices(r.about(axis, np.array(0.5))) for axis in range(3))
    assert x @ [0, 1, 0] == pytest.approx([0, np.cos(0.5), np.sin(0.5)])
    assert y @ [0, 0, 1] == pytest.approx([np.sin(0.5), 0, np.cos(0.5)])
    assert z @ [1, 0, 0] == pytest.approx([np.cos(0.5), np.sin(0.5), 0])
    parts = [r.to_matrices(r.about("XYZ".index(letter), angle)) for letter, angle in zip(order, angles, strict=True)]
    assert r.to_matrices(r.from_euler(angles, order)) == pytest.approx(parts[0] @ parts[1] @ parts[2])


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(ANGLES, st.floats(-np.pi / 2, np.pi / 2) | st.sampled_from([np.pi / 2, -np.pi / 2]), ANGLES), st.data()
)
def test_angles_lead_back_to_their_rotation(angles: tuple[float, float, float], data: st.DataObject) -> None:
    order = data.draw(st.sampled_from(ORDERS))
    turn = r.from_euler(np.array(angles), order)
    again = r.from_euler(r.to_euler(turn, order), order)
    assert r.to_matrices(again) == pytest.approx(r.to_matrices(turn), abs=1e-8)


def test_matrices_and_six_numbers_lead_back_to_their_quaternion() -> None:
    turned = r.to_matrices(RANDOM)
    for again in (r.from_matrices(turned), r.from_six(r.to_six(RANDOM))):
        assert np.abs((again * RANDOM).sum(-1)) == pytest.approx(1)
        assert r.to_matrices(again) == pytest.approx(turned)
    halves = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    assert np.abs((r.from_matrices(r.to_matrices(halves)) * halves).sum(-1)) == pytest.approx(1)


@pytest.mark.parametrize("six", [[0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0], [0, 2, 0, 0, -3, 0], [3, 4, 0, 1, 1, 9]])
def test_any_six_numbers_are_a_rotation(six: list[float]) -> None:
    matrix = r.to_matrices(r.from_six(np.array(six, float)))
    assert matrix.T @ matrix == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(matrix) == pytest.approx(1)


def test_slerp_goes_the_shorter_way_at_even_speed() -> None:
    start, end = r.about(1, np.array(0.2)), -r.about(1, np.array(1.2))
    for share in (0, 0.25, 1):
        made = r.slerp(start, end, np.array(share))
        assert abs(made @ r.about(1, np.array(0.2 + share))) == pytest.approx(1)
    assert r.slerp(start, start, np.array(0.5)) == pytest.approx(start)


def test_least_turn_brings_one_direction_to_another() -> None:
    ways = r.normalised(np.random.default_rng(2).normal(size=(50, 2, 3)))
    ways[0, 1] = -ways[0, 0]
    made = r.between(ways[:, 0], ways[:, 1])
    assert np.einsum("nij,nj->ni", made, ways[:, 0]) == pytest.approx(ways[:, 1])
    assert np.linalg.det(made) == pytest.approx(1)


def test_yaw_is_what_turns_about_the_vertical() -> None:
    tilt = r.from_euler(np.array([0.3, 0.0, -0.4]), "XYZ")
    tilt = r.multiply(r.about(1, -r.yaw_of(tilt)), tilt)
    for yaw in (-3.1, -1.0, 0.0, 2.5):
        turned = r.multiply(r.about(1, np.array(yaw)), tilt)
        assert r.yaw_of(turned) == pytest.approx(yaw)
        assert r.yaw_of(-turned) == pytest.approx(yaw)
