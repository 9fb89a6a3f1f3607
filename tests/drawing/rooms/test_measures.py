"""Measures are true to the picture, and tell different things."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from pipeline.drawing.colour import oklch, to_oklab, to_oklch
from pipeline.drawing.rooms import MEANINGS, MEASURES, Room, draw, measure_pixels, measures, sample
from pipeline.drawing.rooms.scene import Scene
from pipeline.drawing.rooms.windows import paint_window
from pipeline.errors import InputError

MAGENTA = np.array([1, 0, 1], np.float32)


@pytest.fixture(scope="session")
def measured(rooms: list[Room], pictures: list[np.ndarray]) -> np.ndarray:
    """(60, number of measures)."""
    return np.array([list(measures(*pair).values()) for pair in zip(rooms, pictures, strict=False)])


def test_every_measure_has_a_name_and_a_meaning() -> None:
    assert tuple(measures(sample(0))) == MEASURES == tuple(MEANINGS)
    assert all(meaning and "\n" not in meaning for meaning in MEANINGS.values())


def test_a_room_measures_the_same_with_its_picture_at_hand(rooms: list[Room], pictures: list[np.ndarray]) -> None:
    assert measures(rooms[3]) == measures(rooms[3], pictures[3])


def test_no_measure_is_another_one(measured: np.ndarray) -> None:
    alike = np.abs(np.corrcoef(measured.T)) - np.eye(len(MEASURES))
    assert alike.max() < 0.75
    assert np.median(alike) < 0.2


def test_neighbouring_seeds_are_independent(measured: np.ndarray) -> None:
    one, next_one = measured[:-1], measured[1:]
    for column in range(len(MEASURES)):
        assert abs(np.corrcoef(one[:, column], next_one[:, column])[0, 1]) < 0.45


@pytest.mark.parametrize(
    ("attribute", "measure"),
    [
        ("exposure", "brightness"), ("temperature", "warmth"), ("contrast", "contrast"), ("saturation", "saturation"),
        ("window", "window"), ("daylight", "daylight"), ("clutter", "clutter"), ("plants", "plants"), ("art", "art"),
        ("rug", "rug"), ("lamp", "lamp"), ("ceiling", "ceiling"), ("sofa", "sofa"),
    ],
)  # fmt: skip
def test_an_attribute_moves_its_measure(attribute: str, measure: str, rooms: list[Room]) -> None:
    for room in rooms[:3]:
        lit = replace(room, lamp_kind="floor")
        values = [measures(replace(lit, **{attribute: value}))[measure] for value in (0.05, 0.5, 0.95)]
        assert all(less < more for less, more in pairwise(values))


@pytest.mark.parametrize("measure", ["plants", "art", "rug", "lamp", "clutter"])
def test_what_is_not_there_measures_nothing(measure: str, rooms: list[Room]) -> None:
    assert measures(replace(rooms[0], **{measure: 0.0}))[measure] == 0


def _glass(room: Room) -> float:
    """The share of pixels through which we look outside, by painting outside in another colour."""
    painted = []
    for sky in (MAGENTA, 1 - MAGENTA):
        scene = Scene.of(room, 256)
        scene = replace(scene, colours=replace(scene.colours, sky=sky, horizon=sky, land=sky))
        paint_window(scene)
        painted.append(scene.canvas.pixels)
    return float((np.abs(painted[0] - painted[1]).max(axis=0) > 0.5).mean())


def test_a_window_is_as_large_in_pixels_as_it_measures(rooms: list[Room]) -> None:
    for room in rooms[:6]:
        shares = []
        for window in (0.1, 0.5, 0.9):
            at = replace(room, window=window)
            shares.append(_glass(at))
            # Its bars take the rest.
            assert 0.7 < shares[-1] / measures(at)["window"] < 1.02
        assert shares == sorted(shares)


def test_shares_of_the_picture_are_plausible(rooms: list[Room], pictures: list[np.ndarray]) -> None:
    for room in rooms:
        found = measures(room, pictures[0])
        assert 0.005 < found["window"] < 0.3
        assert 0 <= found["art"] < 0.12
        assert 0 <= found["rug"] < 0.3


def test_pixels_of_one_colour_measure_that_colour() -> None:
    colour = oklch(0.7, 0.08, 80)
    picture = np.broadcast_to(np.rint(colour * 255).astype(np.uint8), (30, 50, 3))
    found = measure_pixels(picture)
    assert found["brightness"] == pytest.approx(0.7, abs=0.01)
    assert found["saturation"] == pytest.approx(0.08, abs=0.01)
    assert found["warmth"] == pytest.approx(0.08 * np.sin(np.radians(80)), abs=0.01)
    assert found["contrast"] == pytest.approx(0, abs=1e-5)
    assert found["clutter"] == 0


def test_a_picture_measures_the_same_whatever_its_size(rooms: list[Room]) -> None:
    small, large = (measure_pixels(draw(rooms[5], size)) for size in (128, 384))
    for name, value in small.items():
        assert large[name] == pytest.approx(value, rel=0.15, abs=0.01)


def test_a_fuller_picture_has_more_edges(rooms: list[Room]) -> None:
    bare = {"clutter": 0.0, "plants": 0.0, "art": 0.0, "rug": 0.0, "table": 0.0, "curtains": 0.0, "planks": 0.0}
    full = dict.fromkeys(bare, 1.0)
    for room in rooms[:5]:
        empty, filled = (measure_pixels(draw(replace(room, **values), 128))["clutter"] for values in (bare, full))
        assert filled > 1.2 * empty


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), "u1")],
)
def test_what_is_not_a_picture_is_said_in_a_sentence(picture: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"^picture: .+ is not a picture, which is \(H, W, 3\) uint8$"):
        measure_pixels(picture)


def test_oklab_of_pixels_agrees_with_that_of_a_colour() -> None:
    colours = np.random.default_rng(0).random((20, 3)).astype(np.float32)
    for (lightness, a, b), colour in zip(to_oklab(colours), colours, strict=True):
        expected = to_oklch(colour)
        assert (lightness, np.hypot(a, b)) == pytest.approx(expected[:2], abs=1e-4)
