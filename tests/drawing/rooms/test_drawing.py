"""What a drawn room's pixels promise."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.drawing.rooms import Room, draw, sample
from pipeline.errors import InputError


def test_the_same_seed_gives_the_same_bytes(pictures: list[np.ndarray]) -> None:
    assert np.array_equal(draw(sample(7), 64), pictures[7])


def test_different_seeds_give_different_pictures(pictures: list[np.ndarray]) -> None:
    small = np.array([cv2.resize(picture, (8, 8), interpolation=cv2.INTER_AREA).ravel() for picture in pictures], int)
    apart = np.abs(small[:, None] - small[None]).mean(axis=2) + 255 * np.eye(len(small))
    assert apart.min() > 4


@pytest.mark.parametrize("size", [32, 33, 100, 1024])
def test_pictures_are_square_srgb_of_the_size_asked_for(size: int) -> None:
    picture = draw(sample(3), size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8
    assert np.ptp(picture) > 80


@pytest.mark.parametrize("seed", [1, 5, 12, 23])
def test_a_small_picture_is_the_large_one_seen_from_afar(seed: int, pictures: list[np.ndarray]) -> None:
    large = cv2.resize(draw(sample(seed), 256), (64, 64), interpolation=cv2.INTER_AREA)
    apart = np.abs(large.astype(int) - pictures[seed])
    assert apart.mean() < 3.5
    assert np.percentile(apart, 99) < 40


@pytest.mark.parametrize("size", [31, 1025, 0, -64, 64.0, True, "64", None])
def test_a_bad_size_is_said_in_a_sentence(size: object) -> None:
    with pytest.raises(InputError, match=r"^room: size is .+, but must be a whole number of pixels from 32 to 1024$"):
        draw(sample(0), size)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["rug", "art", "plants", "clutter", "table", "armchair", "sideboard", "curtains"])
def test_what_grows_takes_more_of_the_picture(name: str, rooms: list[Room]) -> None:
    for room in rooms[:4]:
        none, some, all_of_it = (draw(replace(room, **{name: value}), 64).astype(int) for value in (0.0, 0.25, 1.0))
        changed = [(np.abs(picture - none).max(axis=2) > 6).sum() for picture in (some, all_of_it)]
        assert 0 < changed[0] < changed[1]


@pytest.mark.parametrize("name", ["lamp", "daylight"])
def test_light_makes_a_room_lighter(name: str, rooms: list[Room]) -> None:
    for room in rooms[:5]:
        dim, lit = (draw(replace(room, **{"lamp_kind": "floor", name: value}), 64) for value in (0.1, 0.9))
        assert lit.mean() > dim.mean() + 2


def test_a_lamp_shines_most_where_it_stands(rooms: list[Room]) -> None:
    room = replace(rooms[1], lamp_kind="floor", window_wall="left")
    for side, near in (("left", slice(0, 32)), ("right", slice(32, 64))):
        off, on = (draw(replace(room, lamp_side=side, lamp=lamp), 64).astype(int) for lamp in (0.0, 1.0))
        gain = (on - off).sum(axis=2)
        assert gain[:, near].sum() > 0.6 * gain.sum()
