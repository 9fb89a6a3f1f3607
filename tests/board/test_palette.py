"""Palettes: the colours that are there, unlike each other, the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.board.palette import sample
from pipeline.drawing.colour import oklab, to_oklch

WALL, FLOOR, SOFA, PLANT, RUG = (230, 226, 215), (176, 128, 83), (160, 82, 60), (60, 104, 62), (70, 90, 130)


def room() -> np.ndarray:
    """Five flat colours, of very unequal areas."""
    made = np.full((120, 200, 3), WALL, np.uint8)
    made[80:] = FLOOR
    made[60:95, 60:130] = SOFA
    made[50:85, 160:170] = PLANT
    made[100:112, 50:150] = RUG
    return made


def test_the_colours_of_a_picture_are_found() -> None:
    assert {swatch.rgb for swatch in sample(room())} == {WALL, FLOOR, SOFA, PLANT, RUG}


def test_shares_are_areas() -> None:
    pixels = room().reshape(-1, 3)
    for swatch in sample(room()):
        assert swatch.share == pytest.approx((pixels == swatch.rgb).all(axis=1).mean(), abs=0.02)


def test_swatches_go_from_light_to_dark_and_have_codes() -> None:
    found = sample(room())
    lightness = [float(oklab(np.array(swatch.rgb, np.uint8))[0]) for swatch in found]
    assert lightness == sorted(lightness, reverse=True)
    assert found[0].code == "#E6E2D7"


def test_the_same_picture_has_the_same_palette() -> None:
    noisy = np.random.default_rng(3).integers(0, 256, (300, 200, 3)).astype(np.uint8)
    assert sample(noisy) == sample(noisy.copy())
    assert len(sample(noisy)) == 5


def test_light_and_shade_on_one_wall_are_not_five_colours() -> None:
    wall = np.linspace(150, 235, 200).astype(np.uint8)
    shaded = np.repeat(np.tile(wall, (150, 1))[..., None], 3, axis=2)
    shaded[110:, :, :] = FLOOR
    shaded[70:110, 40:90] = SOFA
    shaded[90:110, 150:165] = PLANT
    assert {FLOOR, SOFA, PLANT} <= {swatch.rgb for swatch in sample(shaded)}


def test_swatches_are_unlike_each_other() -> None:
    grey = np.random.default_rng(1).normal(128, 1, (64, 64, 1)).round().astype(np.uint8).repeat(3, axis=2)
    found = sample(grey)
    assert len(found) < 5
    assert len({swatch.rgb for swatch in found}) == len(found)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (3, 2)])
def test_a_flat_picture_of_any_shape_has_one_colour(shape: tuple[int, int]) -> None:
    (swatch,) = sample(np.full((*shape, 3), SOFA, np.uint8))
    assert (swatch.rgb, swatch.share, swatch.code) == (SOFA, 1.0, "#A0523C")


def test_many_colours_at_once_are_converted_as_one_is() -> None:
    lightness, a, b = oklab(np.array(FLOOR, np.uint8))
    expected, chroma, _ = to_oklch(np.array(FLOOR, np.float32) / np.float32(255))
    assert (lightness, np.hypot(a, b)) == pytest.approx((expected, chroma), abs=1e-5)
