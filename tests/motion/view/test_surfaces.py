"""Balls and cones are where geometry says they are: as far away, as large, and before what is behind them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pipeline.motion.view import surfaces
from pipeline.motion.view.body import Parts
from pipeline.motion.view.floors import hide_below
from pipeline.motion.view.quadrics import quadrics
from pipeline.motion.view.surfaces import Surfaces, nearest
from pipeline.motion.view.views import View, direction

SIDE = 160
Point = tuple[float, ...]
Row = tuple[Point, Point, float, float]


def view(azimuth: float = 0.0, elevation: float = 0.0, target: Point = (0, 1, 0)) -> View:
    eye = np.array(target) + 5 * direction(azimuth, elevation)
    return View(eye, azimuth, elevation, 400.0, SIDE, SIDE)


def parts(
    *rows: tuple[tuple[float, ...], tuple[float, ...], float, float], scale: tuple[float, ...] = (1, 1, 1)
) -> Parts:
    """Each from its start to its stop, with the radii there."""
    starts, stops, first, last = (np.array(column, float) for column in zip(*rows, strict=True))
    count = len(rows)
    return Parts(
        starts,
        stops,
        np.stack([first, last], axis=1),
        np.tile(np.eye(3), (count, 1, 1)),
        np.tile(np.array(scale, float), (count, 1)),
        np.ones((count, 2), bool),
        np.array([[number, 0.5] for number in range(count)]),
    )


def drawn(made: Parts, seen: View, blend_m: float = 1e-3) -> Surfaces:
    shapes = quadrics(made, seen)
    return nearest(shapes, seen, np.full(len(shapes.parts), blend_m))


def whole(made: Surfaces, values: np.ndarray) -> np.ndarray:
    """A box's values in the whole picture."""
    left, top, right, bottom = made.box
    picture = np.zeros((SIDE, SIDE), values.dtype)
    picture[top:bottom, left:right] = values
    return picture


def met(made: Parts, seen: View, pixel: tuple[int, int]) -> float:
    """How far into the picture a ray meets a capsule, as the nearest of many balls that it is the hull of."""
    row, column = pixel
    ray = seen.turn.T @ np.array([(column + 0.5 - SIDE / 2) / seen.focal, (row + 0.5 - SIDE / 2) / seen.focal, 1.0])
    (start, stop), (first, last) = (made.starts[0], made.stops[0]), made.radii[0]
    # Balls along the axis.
    share = np.linspace(0, 1, 4001)[:, None]
    centres, radii = start + share * (stop - start), (first + share * (last - first))[:, 0]
    offset = seen.eye - centres
    b, c = offset @ ray, (offset * offset).sum(1) - radii**2
    root = b * b - (ray @ ray) * c
    return float(((-b - np.sqrt(np.maximum(root, 0))) / (ray @ ray))[root > 0].min(initial=np.inf))


def test_a_ball_covers_what_a_disc_of_its_size_does() -> None:
    for radius in (0.013, 0.1, 0.31):
        made = drawn(parts(((0.03, 1.02, 0), (0.03, 1.02, 0), radius, radius)), view())
        # The outline is where rays touch the ball, nearer than its middle.
        seen = radius / math.sqrt(25 - radius**2) * 400
        assert made.cover.sum() == pytest.approx(math.pi * seen**2, rel=0.1 if radius < 0.05 else 0.004)


@pytest.mark.parametrize("tilt", [(0.5, 0.5, 0.0), (0.6, 0.05, 0.1), (0.1, 0.7, 0.3)])
def test_edges_are_covered_as_much_as_finer_pictures_say(tilt: Point) -> None:
    end = tuple(np.array((-0.2, 0.8, 0)) + tilt)
    made, seen = parts(((-0.2, 0.8, 0), end, 0.1, 0.06)), view(0.4, 0.3)
    finer = View(seen.eye, seen.azimuth, seen.elevation, seen.focal * 8, SIDE * 8, SIDE * 8)
    shapes = quadrics(made, finer)
    fine = nearest(shapes, finer, np.full(len(shapes.parts), 1e-3))
    left, top, right, bottom = fine.box
    expected = np.zeros((SIDE * 8, SIDE * 8))
    expected[top:bottom, left:right] = fine.cover
    expected = expected.reshape(SIDE, 8, SIDE, 8).mean(axis=(1, 3))
    found = drawn(made, seen)
    error = np.abs(whole(found, found.cover) - expected)[(expected > 0) & (expected < 1)]
    assert error.mean() < 0.04
    assert np.quantile(error, 0.95) < 0.12


@pytest.mark.parametrize("azimuth", [0.0, 0.7, 1.5])
@pytest.mark.parametrize("tilt", [(0.5, 0.5, 0.0), (0.6, 0.02, 0.1), (0.0, 0.7, 0.3)])
def test_a_tapered_capsule_is_as_far_away_as_a_ray_finds_it(azimuth: float, tilt: Point) -> None:
    end = tuple(np.array((0, 0.9, 0)) + tilt)
    made, seen = parts(((0, 0.9, 0), end, 0.16, 0.07)), view(azimuth, 0.3)
    found = drawn(made, seen)
    cover, depth = whole(found, found.cover), whole(found, found.depth)
    inside = np.argwhere(cover == 1)
    for row, column in inside[:: max(len(inside) // 40, 1)].tolist():
        assert depth[row, column] == pytest.approx(met(made, seen, (row, column)), abs=4e-4)
    for row, column in np.argwhere(cover == 0)[::997].tolist():
        assert met(made, seen, (row, column)) == np.inf


def owners(made: Surfaces, parts_of: np.ndarray) -> np.ndarray:
    """Whose part is seen in each pixel of the picture; -1: nobody's."""
    left, _, right, _ = made.box
    picture = np.full((SIDE, SIDE), -1)
    for strip in made.strips:
        down, across = np.divmod(strip.front.places, right - left)
        picture[down + strip.top, across + left] = np.repeat(parts_of, strip.front.counts)
    return picture


def test_what_is_nearer_hides_what_is_behind_it_in_any_order() -> None:
    near, far = ((0, 1, 1), (0, 1, 1), 0.2, 0.2), ((0, 1, -1), (0, 1, -1), 0.4, 0.4)
    for order in ((near, far), (far, near)):
        picture = owners(drawn(parts(*order), view()), quadrics(parts(*order), view()).parts)
        assert picture[80, 80] == order.index(near)
        assert picture[80, 80 + 25] == order.index(far)
        assert picture[80, 5] == -1


def test_an_outline_before_another_surface_shows_both() -> None:
    made = drawn(parts(((0, 1, 1), (0, 1, 1), 0.2, 0.2), ((0, 1, -1), (0, 1, -1), 0.6, 0.6)), view())
    share = np.concatenate([strip.share for strip in made.strips])
    assert len(share) > 50
    assert 0 < share.min() < 0.1 < 0.9 < share.max() <= 1
    # Nothing of what is behind both shines through.
    left, top, right, _ = made.box
    for strip in made.strips:
        assert (made.cover.reshape(-1)[(strip.top - top) * (right - left) + strip.behind.places] == 1).all()


def test_a_picture_in_many_strips_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = parts(((0, 0.9, 0), (0.4, 1.3, 0.1), 0.16, 0.07), ((-0.3, 1, 0.2), (0.5, 1.1, 0), 0.05, 0.12))
    whole_picture = drawn(made, view(0.3, 0.2), 0.02)
    monkeypatch.setattr(surfaces, "_STRIP", 700)
    in_strips = drawn(made, view(0.3, 0.2), 0.02)
    assert len(in_strips.strips) > 4 > len(whole_picture.strips) == 1
    assert np.array_equal(in_strips.cover, whole_picture.cover)
    assert np.array_equal(in_strips.depth, whole_picture.depth)
    shapes = quadrics(made, view(0.3, 0.2)).parts
    assert np.array_equal(owners(in_strips, shapes), owners(whole_picture, shapes))


def test_boxes_cut_nothing_off() -> None:
    rng = np.random.default_rng(3)
    for scale in ((1, 1, 1), (0.4, 1.5, 1)):
        for _ in range(8):
            start, stop = rng.uniform(-0.7, 0.7, (2, 3)) + np.array([0, 1, 0])
            made = parts((tuple(start), tuple(stop), *rng.uniform(0.02, 0.2, 2)), scale=scale)
            seen = view(rng.uniform(-3, 3), rng.uniform(-0.5, 1.2))
            shapes = quadrics(made, seen)
            everywhere = replace(shapes, boxes=np.tile([0, 0, SIDE, SIDE], (len(shapes.parts), 1)))
            blends = np.full(len(shapes.parts), 1e-3)
            found, expected = nearest(shapes, seen, blends), nearest(everywhere, seen, blends)
            assert expected.cover.max() == 1
            assert expected.cover[whole(found, found.cover) == 0].max() < 0.3


def test_normals_of_a_stretched_ball_are_those_of_an_ellipsoid() -> None:
    made, seen = drawn(parts(((0, 1, 0), (0, 1, 0), 0.2, 0.2), scale=(1, 2, 0.5)), view(0.6)), view(0.6)
    left, top, right, _ = made.box
    (strip,) = made.strips
    for place in range(0, len(strip.front.places), 397):
        row, column = divmod(int(strip.front.places[place]), right - left)
        if made.cover[row, column] < 1:
            continue
        across, down = column + left + 0.5 - SIDE / 2, row + top + 0.5 - SIDE / 2
        point = seen.eye + seen.turn.T @ (np.array([across, down, seen.focal]) / seen.focal * strip.front.depths[place])
        normal = seen.turn @ ((point - (0, 1, 0)) / np.array([0.2, 0.4, 0.1]) ** 2)
        assert strip.front.faces[:, place] == pytest.approx(normal[:2] / np.linalg.norm(normal), abs=2e-3)


def test_the_floor_hides_what_is_below_it() -> None:
    made, seen = parts(((0, 0, 0), (0, 0, 0), 0.3, 0.3)), view(0, 0.5, target=(0, 0, 0))
    found = drawn(made, seen)
    before = found.cover.sum()
    hide_below(found, made, quadrics(made, seen), seen)
    # Half of a ball, and of the lower half what is seen before the middle of the floor's circle.
    assert found.cover.sum() == pytest.approx(before * (1 + math.sin(0.5)) / 2, rel=0.04)


def test_what_is_beside_or_behind_the_camera_is_not_drawn() -> None:
    away = parts(((9, 1, 0), (9, 1, 0), 0.2, 0.2), ((0, 1, 7), (0, 1, 8), 0.2, 0.2))
    assert not len(quadrics(away, view()).parts)
