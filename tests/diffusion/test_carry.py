"""Frames between keyframes: the paint goes along with what is painted, and the film stands where it cannot."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.diffusion.carry import Carried, Keyframe, carried
from pipeline.film.flow import Tracker

WIDE = np.random.default_rng(2).normal(0, 1, (96, 200, 3)).astype(np.float32)
WIDE = np.clip(128 + 60 * sum(cv2.GaussianBlur(WIDE, (0, 0), size) * size for size in (1, 2, 4)), 0, 255).astype(
    np.uint8
)


def film(count: int, step: int = 2) -> list[np.ndarray]:
    return [np.ascontiguousarray(WIDE[:, 10 + step * n : 138 + step * n]) for n in range(count)]


def painted(source: np.ndarray) -> np.ndarray:
    """A look that tells each pixel's source: its negative, in other channels."""
    return np.ascontiguousarray(np.iinfo(source.dtype).max - source[..., ::-1])


def between(frames: list[np.ndarray], first: np.ndarray, last: np.ndarray) -> list[Carried]:
    eight = [cv2.convertScaleAbs(frame, alpha=1 / 257) if frame.dtype == np.uint16 else frame for frame in frames]
    tracker = Tracker(eight[0])
    traces = [tracker.follow_both(frame) for frame in eight[1:]]
    ends = Keyframe(frames[0], first), Keyframe(frames[-1], last)
    return list(carried(*ends, frames[1:-1], traces))


@pytest.mark.parametrize("deep", [False, True])
def test_paint_goes_along_with_what_moves(deep: bool) -> None:
    frames = [frame.astype(np.uint16) * 257 if deep else frame for frame in film(6)]
    made = between(frames, painted(frames[0]), painted(frames[-1]))
    assert len(made) == 4
    most = np.iinfo(frames[0].dtype).max
    for frame, found in zip(frames[1:-1], made, strict=True):
        assert found.painted.dtype == frame.dtype
        assert found.reach > 0.9
        wrong = np.abs(found.painted / most - painted(frame) / most)
        assert wrong.mean() < 0.03
        # Left where it was, it would be off by three times that.
        assert np.abs(painted(frames[0]) / most - painted(frame) / most).mean() > 3 * wrong.mean()


def test_a_look_that_changes_between_keyframes_changes_little_by_little() -> None:
    still = film(1) * 6
    greys = [np.full_like(still[0], level) for level in (100, 200)]
    levels = [float(found.painted.mean()) for found in between(still, *greys)]
    np.testing.assert_allclose(levels, [120, 140, 160, 180], atol=1)


def test_what_comes_into_view_has_the_films_details_in_the_looks_colours() -> None:
    frames = film(5)
    for number, frame in enumerate(frames):
        # A stripe that neither keyframe has.
        if 0 < number < 4:
            frame[30:60, 40:80] = WIDE[30:60, 150:190]
    redder = [np.clip(frame.astype(int) // 2 + [100, 0, 0], 0, 255).astype(np.uint8) for frame in frames]
    found = between(frames, redder[0], redder[-1])[1].painted[35:55, 45:75].astype(float)
    own = frames[2][35:55, 45:75].astype(float)
    assert np.corrcoef(found.mean(2).ravel(), own.mean(2).ravel())[0, 1] > 0.75
    assert found[..., 0].mean() - found[..., 2].mean() > 60


def test_another_picture_is_out_of_reach() -> None:
    frames = film(5)
    frames[2] = painted(WIDE[:, 60:188])[::-1].copy()
    made = between(frames, painted(frames[0]), painted(frames[-1]))
    assert made[1].reach < 0.5
    assert np.isfinite(made[1].painted).all()


def test_carried_frames_are_as_sharp_as_keyframes() -> None:
    frames = [np.ascontiguousarray(WIDE[:, n : n + 128]) for n in range(9)]
    looks = [painted(frame) for frame in frames]
    sharp = [float(cv2.Laplacian(look, cv2.CV_32F).var()) for look in looks]
    made = between(frames, looks[0], looks[-1])
    for found, expected in zip(made, sharp[1:-1], strict=True):
        assert float(cv2.Laplacian(found.painted, cv2.CV_32F).var()) > 0.8 * expected
    steps = [float(np.abs(a.painted.astype(int) - b.painted).mean()) for a, b in pairwise(made)]
    assert max(steps) < 1.6 * np.median(steps)
