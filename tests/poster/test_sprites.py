"""Pieces laid over each other."""

import cv2
import numpy as np
import pytest

from pipeline.poster.canvas import Box
from pipeline.poster.outlines import ellipse, polygon, rounded
from pipeline.poster.sprites import Canvas, Sprite, cropped, layable, moved, opaque, over, tinted, trimmed
from pipeline.poster.states import State


def canvas(size: int = 40, grey: int = 200) -> Canvas:
    return Canvas(np.full((size, size, 3), grey, np.uint8))


def disc(size: int = 21, alpha: float = 1.0, left: int = 0, top: int = 0) -> Sprite:
    return tinted(ellipse(size, size), (200, 100, 50), alpha, left, top)


def laid(*sprites: Sprite) -> np.ndarray:
    ground = canvas()
    for sprite in sprites:
        ground.lay(layable(sprite))
    return ground.pixels


def test_laying_over_is_porter_and_duffs_over() -> None:
    sprite = disc(alpha=0.6, left=5, top=7)
    alpha = sprite.rgba[..., 3:] / 255
    expected = np.full((40, 40, 3), 200.0)
    part = expected[7:28, 5:26]
    part[:] = part * (1 - alpha) + np.array([200, 100, 50]) * alpha
    assert np.abs(laid(sprite) - expected).max() <= 2


def test_two_laid_as_one_are_as_two() -> None:
    one, two = disc(left=3, top=4), disc(15, alpha=0.5, left=12, top=9)
    assert np.abs(laid(one, two).astype(int) - laid(over(one, two))).max() <= 2


@pytest.mark.parametrize("place", [(-10, 5), (30, 5), (5, -10), (5, 30), (-100, 0), (0, 100)])
def test_what_lies_beyond_the_edge_is_cut_off(place: tuple[int, int]) -> None:
    sprite = disc(left=place[0], top=place[1])
    part = cropped(sprite, 40, 40)
    expected = laid() if part is None else laid(part)
    assert np.array_equal(laid(sprite), expected)


def test_what_hides_all_replaces_what_was_there() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    assert np.array_equal(laid(opaque(picture)), picture)


def test_a_shape_covers_its_area() -> None:
    assert ellipse(50, 30).sum() / 255 == pytest.approx(np.pi * 25 * 15, rel=0.01)
    assert rounded(50, 30, 10).sum() / 255 == pytest.approx(50 * 30 - (4 - np.pi) * 100, rel=0.01)
    assert polygon([(0, 0), (40, 0), (0, 40)], 40, 40).sum() / 255 == pytest.approx(800, rel=0.02)


def test_a_shape_may_lie_between_pixels() -> None:
    made = rounded(10, 10, 0, left=0.5, top=0.5)
    assert made.shape == (11, 11)
    assert made[5, 0] == pytest.approx(128, abs=2)
    assert made.sum() / 255 == pytest.approx(100, rel=0.02)


def centre(pixels: np.ndarray) -> np.ndarray:
    """Of what differs from the ground, (x, y)."""
    weight = np.abs(pixels.astype(float) - 200).sum(axis=2)
    y, x = np.mgrid[: weight.shape[0], : weight.shape[1]]
    return np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()


@pytest.mark.parametrize("way", [(3.0, 0.0), (0.25, 0.5), (-2.75, 1.4)])
def test_moving_moves_by_parts_of_pixels(way: tuple[float, float]) -> None:
    sprite = disc(left=8, top=9)
    there = moved(sprite, State(x=way[0], y=way[1]), unit=1.0)
    assert there is not None
    assert centre(laid(there)) - centre(laid(sprite)) == pytest.approx(way, abs=0.05)


@pytest.mark.parametrize("state", [State(scale=1.3), State(rotate=33), State(scale=0.4), State(scale=0.7, rotate=-120)])
def test_scaling_and_turning_keep_the_middle(state: State) -> None:
    sprite = tinted(rounded(24, 10, 2), (200, 100, 50), 1.0, 8, 12)
    there = moved(sprite, state, unit=1.0)
    assert there is not None
    assert centre(laid(there)) == pytest.approx(centre(laid(sprite)), abs=0.15)
    assert there.rgba[..., 3].sum() == pytest.approx(sprite.rgba[..., 3].sum() * state.scale**2, rel=0.06)


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_revealing_uncovers_from_a_side(side: str) -> None:
    sprite = opaque(np.full((20, 20, 3), 10, np.uint8), 10, 10)
    there = moved(sprite, State(**{f"reveal_{side}": 0.425}), unit=1.0)
    assert there is not None
    shown = laid(there)[10:30, 10:30, 0] == 10
    assert shown.sum() == 8 * 20
    turned = {"left": shown, "right": shown[:, ::-1], "top": shown.T, "bottom": shown.T[:, ::-1]}[side]
    assert turned[:, :8].all()


def test_pieces_of_one_turn_about_one_middle() -> None:
    """Two halves that turn and grow about their whole come to what the whole comes to."""
    whole = opaque(np.full((10, 20, 3), 10, np.uint8), 10, 15)
    about = Box(10, 15, 20, 10)
    halves = [opaque(np.full((10, 10, 3), 10, np.uint8), left, 15) for left in (10, 20)]
    for state in (State(rotate=90), State(scale=1.5), State(reveal_left=0.75)):
        parts = [part for half in halves if (part := moved(half, state, 1.0, about)) is not None]
        together = moved(whole, state, unit=1.0)
        assert together is not None
        # Smooth edges meet along the seam.
        assert np.abs(laid(*parts).astype(int) - laid(together)).mean() < 2.5


def test_nothing_is_cut_off_that_reaches_beyond_when_all_is_uncovered() -> None:
    sprite, about = disc(left=8, top=9), Box(12, 12, 8, 8)
    there = moved(sprite, State(reveal_left=0.9999, reveal_top=0.9999), 1.0, about)
    assert there is not None
    assert np.abs(laid(there).astype(int) - laid(sprite)).max() <= 3


def test_what_is_trimmed_shows_the_same() -> None:
    wide = tinted(np.pad(ellipse(9, 9), 5), (1, 2, 3), 1.0, 4, 6)
    assert (trimmed(wide).left, trimmed(wide).top, trimmed(wide).width) == (9, 11, 9)
    assert np.array_equal(laid(trimmed(wide)), laid(wide))


def test_fading_hides_less_and_nothing_at_0() -> None:
    sprite = disc(left=8, top=9)
    half = moved(sprite, State(opacity=0.5), unit=1.0)
    assert half is not None
    assert half.rgba[10, 10, 3] == 128
    assert moved(sprite, State(opacity=0), unit=1.0) is None


def test_no_colour_is_ever_more_than_it_hides() -> None:
    sprite = disc(left=8, top=9)
    for state in (State(x=0.3, rotate=20), State(scale=1.7, opacity=0.3), State(reveal_left=0.37)):
        there = moved(sprite, state, unit=1.0)
        assert there is not None
        assert (there.rgba[..., :3].astype(int) <= there.rgba[..., 3:].astype(int) + 1).all()


def test_opencv_multiplies_as_we_think() -> None:
    one = np.array([[255, 200, 1]], np.uint8)
    assert cv2.multiply(one, np.full_like(one, 255), scale=1 / 255).tolist() == one.tolist()
