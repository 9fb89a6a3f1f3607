"""The grid lies on the floor, fades, and does not flicker; shadows lie below what throws them."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.motion.clip import posed
from pipeline.motion.view.body import Body, parts_of
from pipeline.motion.view.floors import horizon, of_pixels
from pipeline.motion.view.grids import grid
from pipeline.motion.view.lighting import key_direction, table
from pipeline.motion.view.shadows import seen, shadow
from pipeline.motion.view.views import View, direction
from tests.motion.making import walk

SIZE = (480, 270)


def view(azimuth: float = 0.5, elevation: float = 0.16, *, height: float = 1.0, away: float = 5.0) -> View:
    return View(np.array([0, height, 0]) + away * direction(azimuth, elevation), azimuth, elevation, 585.0, *SIZE)


def test_pixels_of_the_floor_are_where_its_points_are_seen() -> None:
    points = np.array([[0.3, 0, 0.2], [-1.2, 0, -2.0]])
    for point, (column, row) in zip(points, view().pixels(points), strict=True):
        x, z, scale = of_pixels(view()) @ (column - 0.5, row - 0.5, 1)
        assert (x / scale, z / scale) == pytest.approx((point[0], point[2]))
    assert 0 < horizon(view()) < SIZE[1] / 2


def test_lines_are_half_a_metre_apart_and_paler_far_away() -> None:
    made = grid(view(), np.array([0, 1.0, 0]))
    assert made is not None
    cover = made.cover()

    def strength(x: float, z: float) -> int:
        column, row = np.floor(view().pixels(np.array([x, 0, z]))).astype(int)
        around = cover[max(row - made.top - 1, 0) : max(row - made.top + 2, 0), column - 1 : column + 2]
        return int(around.max(initial=0))

    assert min(strength(0.5, 0.25), strength(0.25, -0.5), strength(0.0, 0.0)) > 80
    assert max(strength(0.25, 0.25), strength(-0.25, 0.75)) < 20
    assert strength(0.25, 0.0) > 2 * strength(0.25, -3.5)
    assert cover[0].max() < 20


def test_far_lines_do_not_flicker_when_the_camera_moves_a_little() -> None:
    def far_rows(step: float) -> np.ndarray:
        target = np.array([step, 1.0, 0])
        moved = View(target + 5 * direction(0.5, 0.16), 0.5, 0.16, 585.0, *SIZE)
        made = grid(moved, target)
        assert made is not None
        whole = np.zeros((SIZE[1], SIZE[0]))
        whole[made.top :] = made.cover()
        return whole[: horizon(moved) + 25]

    # A whole cell is the same picture; less than that changes little in the distance, where cells are pixels.
    assert np.abs(far_rows(0) - far_rows(0.5)).max() <= 6
    assert max(np.abs(far_rows(0) - far_rows(step)).mean() for step in (0.02, 0.11, 0.27)) < 3


def test_a_camera_below_the_floor_sees_no_grid() -> None:
    assert grid(view(elevation=0.0, height=-1.0), np.zeros(3)) is None


def test_shadows_are_dark_at_feet_and_soft_at_heads() -> None:
    body, pose = Body(parts_of(None)), posed(walk(0.5))
    key = key_direction(0.5)
    made = shadow(body.placed(pose, 0), key)
    assert 0 <= made.cover.min() < 0.01
    assert 0.6 < made.cover.max() <= 1

    def dark(point: np.ndarray) -> float:
        thrown = point - key * point[1] / key[1]
        column, row, _ = np.rint(made.to_texels @ (thrown[0], thrown[2], 1)).astype(int)
        return float(made.cover[row, column])

    lowest = pose.positions[0, pose.positions[0, :, 1].argmin()]
    head = pose.positions[0, 13]
    assert dark(lowest) > dark(head + 0.1) > 0.05
    found = seen(made, view(), 0.8)
    assert found is not None
    kept, (left, top, right, bottom) = found
    assert kept.shape == (bottom - top, right - left)
    assert 51 <= kept.min() < 110
    assert kept[[0, -1]].min() > 240


def test_light_comes_from_above_the_camera_and_from_one_side() -> None:
    made = table("dark", 0.3, 0.3, 0.15)
    middle = len(made) // 2
    brightness = made[..., :3].mean(axis=2)
    assert brightness[middle // 2, middle] > 1.3 * brightness[-middle // 2, middle]
    assert brightness[middle, middle // 2] > brightness[middle, -middle // 2]
    # Where the camera has gone half around, the same lights come from the other side.
    behind = table("dark", 0.3, 0.3 + np.pi, 0.15)[..., :3].mean(axis=2)
    assert behind[middle, -middle // 2] > behind[middle, middle // 2]
