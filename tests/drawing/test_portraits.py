"""What a drawn portrait's pixels promise."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.drawing.portraits import Portrait, draw, sample
from pipeline.drawing.pose import EYES, UNIT, Pose
from pipeline.errors import InputError


def test_the_same_seed_gives_the_same_bytes(pictures: list[np.ndarray]) -> None:
    assert np.array_equal(draw(sample(7), 64), pictures[7])


def test_different_seeds_give_different_pictures(pictures: list[np.ndarray]) -> None:
    small = np.array([cv2.resize(picture, (8, 8), interpolation=cv2.INTER_AREA).ravel() for picture in pictures], int)
    apart = np.abs(small[:, None] - small[None]).mean(axis=2) + 255 * np.eye(len(small))
    assert apart.min() > 8


@pytest.mark.parametrize("size", [32, 33, 100, 512])
def test_pictures_are_square_srgb_of_the_size_asked_for(size: int) -> None:
    picture = draw(sample(3), size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8
    assert np.ptp(picture) > 100


@pytest.mark.parametrize("seed", [1, 5, 12, 23])
def test_a_small_picture_is_the_large_one_seen_from_afar(seed: int, pictures: list[np.ndarray]) -> None:
    large = cv2.resize(draw(sample(seed), 128), (64, 64), interpolation=cv2.INTER_AREA)
    apart = np.abs(large.astype(int) - pictures[seed])
    assert apart.mean() < 2
    assert np.percentile(apart, 99) < 24


@pytest.mark.parametrize("size", [31, 513, 0, -64, 64.0, True, "64", None])
def test_a_bad_size_is_said_in_a_sentence(size: object) -> None:
    with pytest.raises(
        InputError, match=r"^portrait: size is .+, but must be a whole number of pixels from 32 to 512$"
    ):
        draw(sample(0), size)  # type: ignore[arg-type]


def test_eyes_lie_at_one_place(sitters: list[Portrait]) -> None:
    pupils = np.array([Pose.of(sitter).on_face(np.array([(-0.5, 0.0), (0.5, 0.0)])) for sitter in sitters[:200]])
    assert np.abs(pupils.mean(axis=1) - EYES).max() < 1e-4
    # A leaning head lifts one eye by 0.011, a turned one brings both 0.006 closer.
    assert np.abs(pupils - (np.array(EYES) + np.array([(-0.5, 0), (0.5, 0)]) * UNIT)).max() < 0.012


def test_eyes_are_painted_where_the_pose_puts_them(pictures: list[np.ndarray]) -> None:
    mean = np.mean(pictures, axis=0).mean(axis=2)
    y, xs = round(EYES[1] * 64), [round((EYES[0] + side * UNIT / 2) * 64 - 0.5) for side in (-1, 1)]
    for x in xs:
        eye, cheek = mean[y - 1 : y + 1, x - 1 : x + 2].mean(), mean[y + 5 : y + 8, x - 1 : x + 2].mean()
        assert eye < 0.8 * cheek


def test_a_gaze_moves_the_iris_only() -> None:
    sitter = next(sample(seed) for seed in range(100) if sample(seed).glasses == "none")
    values = vars(sitter)
    left, right = (draw(Portrait(**{**values, "gaze_x": x}), 128).astype(int) for x in (-1.0, 1.0))
    changed = np.argwhere(np.abs(left - right).sum(axis=2) > 3) / 128
    assert len(changed)
    assert np.abs(changed - (EYES[1], EYES[0])).max(axis=0) == pytest.approx((0.03, 0.14), abs=0.03)
