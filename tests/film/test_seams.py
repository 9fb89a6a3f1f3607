"""The seam score: 1 where nothing can be seen, and clearly more where the step over a boundary stands out."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import IntegrityError
from pipeline.film.seams import PASSED, edge_copy, packed, seam_score, unpacked
from tests.media import numbered_picture


def drifting(frames: int, *, speed: float = 2.0, seed: int = 0) -> list[np.ndarray]:
    """A painted-looking picture that moves by `speed` pixels a frame, (90, 160, 3) uint8."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(40, 215, (3, 20, 3)).repeat(30, 0).repeat(30, 1)
    return [
        (coarse[:, int(n * speed) : int(n * speed) + 160] + rng.normal(0, 4, (90, 160, 3)))
        .clip(0, 255)
        .astype(np.uint8)
        for n in range(frames)
    ]


def score(frames: list[np.ndarray], at: int) -> float | None:
    """Of the boundary before frame `at`, by three frames on each side."""
    copies = [edge_copy(frame) for frame in frames]
    return seam_score(copies[at - 3 : at], copies[at : at + 3])


@pytest.mark.parametrize("speed", [0.0, 1.0, 4.0])
def test_smooth_motion_has_no_seam(speed: float) -> None:
    found = score(drifting(6, speed=speed), 3)
    assert found is not None
    assert found < 1.2


@pytest.mark.parametrize("speed", [0.0, 1.0, 4.0])
def test_jump_of_brightness_is_a_seam(speed: float) -> None:
    frames = drifting(6, speed=speed)
    brighter = [(frame.astype(int) + 16 * (n >= 3)).clip(0, 255).astype(np.uint8) for n, frame in enumerate(frames)]
    found = score(brighter, 3)
    assert found is not None
    assert found > PASSED


def test_score_is_the_formula() -> None:
    before = [np.full((27, 48), value, np.uint8) for value in (10, 12, 13)]
    after = [np.full((27, 48), value, np.uint8) for value in (19, 20)]
    assert seam_score(before, after) == pytest.approx((6 + 1) / (2 + 1), abs=1e-3)


def test_smaller_step_than_its_neighbours_is_no_seam() -> None:
    frames = [np.full((27, 48), value, np.uint8) for value in (10, 20, 30, 31, 41)]
    assert seam_score(frames[:3], frames[3:]) == 1.0


def test_film_drawn_on_twos_has_no_seam() -> None:
    frames = drifting(3, speed=6)
    assert (score([frames[n // 2] for n in range(6)], 3) or 9) < 1.2
    assert (score([frames[(n + 1) // 2] for n in range(5)] + [frames[2]], 3) or 9) < 1.2


def test_cut_is_no_seam() -> None:
    assert score(drifting(3) + drifting(3, seed=5), 3) is None


def test_fade_to_black_is_judged() -> None:
    frames = [np.full((90, 160, 3), value, np.uint8) for value in (60, 40, 20, 0, 0, 0)]
    assert score(frames, 3) == 1.0


def test_nothing_beside_says_nothing() -> None:
    copy = edge_copy(numbered_picture(1))
    assert seam_score([copy], [copy]) is None
    assert seam_score([], [copy, copy]) is None


def test_deep_frames_have_the_same_small_copies() -> None:
    frame = numbered_picture(3)
    deep = frame.astype(np.uint16) * 257
    assert np.abs(edge_copy(deep).astype(int) - edge_copy(frame)).max() <= 1


def test_transparent_frames_have_the_small_copies_of_what_is_seen_on_white() -> None:
    frame = numbered_picture(3)
    half = np.dstack([frame, np.full(frame.shape[:2], 128, np.uint8)])
    assert np.abs(edge_copy(half).astype(int) - (edge_copy(frame) * (128 / 255) + 127)).max() <= 2


def test_small_copy_survives_its_receipt() -> None:
    copy = edge_copy(numbered_picture(5))
    assert np.array_equal(unpacked(packed(copy)), copy)


@pytest.mark.parametrize("text", ["", "no base 85 \"'", packed(np.zeros((27, 48), np.uint8))[:-3], "00000"])
def test_damaged_small_copy_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError, match="no small copy"):
        unpacked(text)
