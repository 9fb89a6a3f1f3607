"""Noise that follows the picture stays noise: Gaussian, of variance 1 and white, whatever moves, and goes along."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.diffusion.noise import LEAD_IN, LIFE, Noise
from pipeline.film.flow import Trace, positions

SIDE, PX = 24, 2
"""Latent pixels of a picture's side, and pixels of the flow in each."""

FOR_EVER = 2**40
"""A life in which no grain begins anew."""

Move = Callable[[np.ndarray], np.ndarray]
"""Places in latent pixels, counted from the middle → places in the next frame."""


def trace(move: Move, *, trust: float = 1.0) -> Trace:
    """A whole frame's trace into the next."""
    middle = SIDE * PX / 2 - 0.5
    places = move((positions(SIDE * PX, SIDE * PX) - middle) / PX) * PX + middle
    return Trace(places.astype(np.float32), np.full((SIDE * PX, SIDE * PX), trust, np.float32))


def by(x: float, y: float) -> Trace:
    return trace(lambda places: places + np.array([x, y]))


def turned(angle: float, times: float) -> Trace:
    turn = times * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return trace(lambda places: places @ turn.T)


def wound() -> Trace:
    """Drawn together on one side, and apart on the other, with shear."""
    return trace(lambda places: places + 0.3 * np.sin(places[..., ::-1] / 4) + 0.05 * np.abs(places))


def noise(channels: int = 4, *, seed: int = 3, at: int = 0, life: int = LIFE) -> Noise:
    return Noise(channels, SIDE, SIDE, seed=seed, at=at, life=life)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize(
    "there",
    [by(0.3, 0.11), by(-1.7, 0.4), turned(0.03, 1.0), turned(0.01, 1.02), turned(0.0, 0.97), wound()],
    ids=["slow", "fast", "turned", "nearer", "farther", "wound"],
)
def test_moved_noise_is_white_gaussian_and_of_variance_1(there: Trace) -> None:
    moved = noise(16)
    for _ in range(24):
        moved.follow(there)
    values = moved()
    # Of 9,216 independent numbers the mean strays by 0.010, the variance by 0.015 and a correlation by 0.010.
    assert abs(values.mean()) < 0.05
    assert abs(values.var() - 1) < 0.07
    kurtosis = ((values - values.mean()) ** 4).mean() / values.var() ** 2
    assert abs(kurtosis - 3) < 0.25
    for lag in (1, 2, 3):
        assert abs(correlation(values[:, :, lag:], values[:, :, :-lag])) < 0.05
        assert abs(correlation(values[:, lag:], values[:, :-lag])) < 0.05
    assert abs(correlation(values[0], values[1])) < 0.2
    spectrum = np.abs(np.fft.fft2(values)).mean(0)[1:, 1:]
    assert spectrum.std() / spectrum.mean() < 0.2


@pytest.mark.parametrize(("x", "y"), [(3, 0), (-2, 5)])
def test_noise_of_a_picture_that_moves_by_whole_pixels_is_the_moved_noise(x: int, y: int) -> None:
    moved = noise(life=FOR_EVER)
    before = moved()
    moved.follow(by(x, y))
    expected = np.roll(before, (y, x), (1, 2))
    inside = np.s_[:, max(0, y) : SIDE + min(0, y), max(0, x) : SIDE + min(0, x)]
    np.testing.assert_array_equal(moved()[inside], expected[inside])


def test_many_small_steps_are_one_large_one() -> None:
    moved = noise(life=FOR_EVER)
    before = moved()
    for _ in range(16):
        moved.follow(by(0.25, 0))
    # Rounding step by step to whole pixels, it would not have moved at all.
    assert correlation(moved()[:, :, 4:], before[:, :, :-4]) > 0.99


def test_noise_does_not_tremble_with_the_flow() -> None:
    shaken = noise(1, life=FOR_EVER)
    before = shaken()
    for step in (0.2, -0.4, 0.3, -0.1):
        shaken.follow(by(step, 0))
    np.testing.assert_array_equal(shaken(), before)


def test_noise_of_a_picture_that_stands_still_never_changes() -> None:
    still = noise(1)
    before = still()
    for _ in range(LIFE + 5):
        still.follow(by(0, 0))
    np.testing.assert_array_equal(still(), before)


def test_most_of_the_noise_goes_along_from_frame_to_frame() -> None:
    moved = noise(1)
    for _ in range(20):
        moved.follow(by(0.25, 0))
    before = moved()
    for _ in range(4):
        moved.follow(by(0.25, 0))
    assert correlation(moved()[:, :, 9:], before[:, :, 8:-1]) > 0.9


def test_what_was_lost_of_sight_has_other_noise_when_it_is_back() -> None:
    moved = noise(life=FOR_EVER)
    before = moved()
    moved.follow(trace(lambda places: places, trust=0.0))
    assert abs(correlation(moved(), before)) < 0.1
    assert abs(moved().var() - 1) < 0.15


def test_noise_depends_on_no_frame_before_its_lead_in() -> None:
    chance = np.random.default_rng(0)
    steps = [by(*chance.normal(0, 0.6, 2)) for _ in range(LIFE + 20)]
    whole = noise(1)
    for step in steps:
        whole.follow(step)

    def late(by_steps: int) -> np.ndarray:
        begins = len(steps) - LEAD_IN + by_steps
        moved = noise(1, at=begins)
        for step in steps[begins:]:
            moved.follow(step)
        return moved()

    np.testing.assert_array_equal(late(0), whole())
    assert (late(8) != whole()).any()
