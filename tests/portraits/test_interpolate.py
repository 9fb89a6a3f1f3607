"""Ways between latents."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.portraits.interpolate import Spline, lerp, slerp

RNG = np.random.default_rng(0)


def test_the_straight_way_begins_and_ends_exactly() -> None:
    start, stop = RNG.normal(size=(2, 3, 8))
    np.testing.assert_array_equal(lerp(start, stop, 0), start)
    np.testing.assert_array_equal(lerp(start, stop, 1), stop)
    np.testing.assert_allclose(lerp(start, stop, 0.25), 0.75 * start + 0.25 * stop)


def test_slerp_keeps_to_the_sphere_at_constant_speed() -> None:
    start, stop = RNG.normal(size=(2, 1, 64))
    start, stop = start / np.linalg.norm(start), stop / np.linalg.norm(stop)
    way = np.concatenate([slerp(start, stop, share) for share in np.linspace(0, 1, 11)])
    np.testing.assert_allclose(np.linalg.norm(way, axis=1), 1)
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0])
    np.testing.assert_allclose(way[[0, -1]], np.concatenate([start, stop]), atol=1e-12)


def test_slerp_is_shoemakes_formula() -> None:
    start, stop = RNG.normal(size=(2, 1, 8))
    start, stop = start / np.linalg.norm(start), stop / np.linalg.norm(stop)
    angle = np.arccos((start * stop).sum())
    expected = (np.sin(0.7 * angle) * start + np.sin(0.3 * angle) * stop) / np.sin(angle)
    np.testing.assert_allclose(slerp(start, stop, 0.3), expected)


@pytest.mark.parametrize("size", [2, 16])
def test_slerp_between_opposites_goes_half_around(size: int) -> None:
    start = RNG.normal(size=(1, size))
    way = np.concatenate([slerp(start, -start, share) for share in np.linspace(0, 1, 9)])
    np.testing.assert_allclose(np.linalg.norm(way, axis=1), np.linalg.norm(start))
    np.testing.assert_allclose(way[-1], -start[0], atol=1e-12)
    assert abs(way[4] @ start[0]) < 1e-12


def test_slerp_between_alikes_or_from_nothing_is_finite() -> None:
    start = RNG.normal(size=(1, 8))
    np.testing.assert_allclose(slerp(start, start, 0.3), start)
    np.testing.assert_allclose(slerp(start, 3 * start, 0.5), 2 * start)
    np.testing.assert_allclose(slerp(0 * start, start, 0.5), start / 2)


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_spline_goes_through_its_points_without_a_corner(count: int, closed: bool) -> None:
    points = RNG.normal(size=(count, 3))
    spline = Spline(points, closed=closed)
    for at, point in enumerate(points):
        np.testing.assert_allclose(spline(at), point, atol=1e-12)
    tiny = 1e-4
    inner = range(count) if closed else range(1, count - 1)
    for at in inner:
        left = (spline(at) - spline(at - tiny)) / tiny
        right = (spline(at + tiny) - spline(at)) / tiny
        np.testing.assert_allclose(left, right, atol=0.02)
        bends = [(spline(at + way * 2 * tiny) - 2 * spline(at + way * tiny) + spline(at)) / tiny**2 for way in (-1, 1)]
        np.testing.assert_allclose(*bends, atol=0.05)


def test_a_closed_spline_is_periodic() -> None:
    spline = Spline(RNG.normal(size=(5, 4)), closed=True)
    np.testing.assert_allclose(spline(0.3), spline(5.3), atol=1e-12)
    np.testing.assert_allclose(spline(5), spline(0), atol=1e-12)


def test_an_open_spline_through_a_straight_row_is_straight() -> None:
    row = np.arange(4.0)[:, None]
    spline = Spline(row, closed=False)
    np.testing.assert_allclose([spline(time)[0] for time in (0.2, 1.5, 2.9, 3)], [0.2, 1.5, 2.9, 3])
