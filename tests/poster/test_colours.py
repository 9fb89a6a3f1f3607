"""Colours, contrast and palettes."""

import numpy as np
import pytest

from pipeline.errors import InputError
from pipeline.poster.canvas import Box
from pipeline.poster.colours import assured, contrast, contrast_of, luminance, parse_colour, wanted_contrast
from pipeline.poster.palettes import from_picture
from pipeline.poster.readable import ground, shade_for

PALETTE = {"paper": "#F3EDE2", "ink": "#191512"}


@pytest.mark.parametrize(
    ("text", "rgb", "alpha"),
    [
        ("ink", (25, 21, 18), 1),
        ("#fff", (255, 255, 255), 1),
        ("#C8442B80", (200, 68, 43), 128 / 255),
        ("paper/60%", (243, 237, 226), 0.6),
        ("black / 0.25", (0, 0, 0), 0.25),
        ("RebeccaPurple", (102, 51, 153), 1),
    ],
)
def test_colours_are_roles_hexadecimals_and_names(text: str, rgb: tuple[int, int, int], alpha: float) -> None:
    colour = parse_colour(text, PALETTE)
    assert colour.rgb == rgb
    assert colour.alpha == pytest.approx(alpha)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inc", "did you mean 'ink'"),
        ("#12345", "is no colour; write paper, ink, or #C8442B"),
        ("ink/160%", "0% to 100%"),
        ("rgb(1,2,3)", "is no colour"),
        ("", "is no colour"),
    ],
)
def test_what_is_no_colour_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_colour(text, PALETTE)


def test_contrast_is_wcags() -> None:
    assert contrast_of((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    # The grey that everybody knows as the lightest one for text on white.
    assert contrast_of((0x76, 0x76, 0x76), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


def test_large_words_need_less() -> None:
    assert [wanted_contrast(size, weight) for size, weight in ((3, 400), (5.3, 400), (5.3, 700), (7, 400))] == [
        4.5,
        4.5,
        3,
        3,
    ]


@pytest.mark.parametrize("grounds", [[1.0], [0.0], [0.18], [0.4, 0.6], [0.0, 0.05]])
@pytest.mark.parametrize("rgb", [(128, 128, 128), (200, 30, 30), (20, 40, 200), (255, 255, 255)])
def test_an_assured_colour_is_read_on_all_its_grounds(rgb: tuple[int, int, int], grounds: list[float]) -> None:
    made, reached = assured(rgb, np.array(grounds), 4.5)
    own = float(luminance(np.array(made, np.uint8)))
    assert min(contrast(own, each) for each in grounds) >= 4.5
    assert reached >= 4.5


def test_a_colour_that_is_read_stays() -> None:
    assert assured((20, 30, 40), np.array([0.9]), 4.5)[0] == (20, 30, 40)


def test_a_colour_keeps_its_hue() -> None:
    (red, green, blue), _ = assured((220, 60, 60), np.array([1.0]), 7.0)
    assert red > 1.5 * max(green, blue)


def test_between_dark_and_light_a_shade_is_laid() -> None:
    words, below, hides = shade_for((255, 255, 255), np.array([0.02, 0.9]), 4.5)
    assert below is not None
    shaded = np.rint(np.array([38.0, 243.0]) * (1 - hides) + below[0] * hides).astype(np.uint8)
    own = float(luminance(np.array(words, np.uint8)))
    assert min(contrast(own, float(luminance(np.array([grey] * 3, np.uint8)))) for grey in shaded) >= 4.4
    assert hides < 1


def test_grounds_are_what_lies_below_without_specks() -> None:
    picture = np.full((100, 100, 3), 60, np.uint8)
    picture[:50] = 200
    picture[80, 80] = 255
    low, high = ground([picture], Box(0, 60, 100, 40))
    assert low == high == pytest.approx(float(luminance(np.array([60] * 3, np.uint8))))


def test_a_palette_of_a_picture_can_be_read(rooms: list[np.ndarray]) -> None:
    for picture in rooms:
        palette = {role: parse_colour(code, {}).rgb for role, code in from_picture(picture).items()}
        assert contrast_of(palette["ink"], palette["paper"]) >= 4.5
        assert contrast_of(palette["accent"], palette["paper"]) >= 3
        assert contrast_of(palette["soft"], palette["paper"]) >= 3
        assert from_picture(picture) == from_picture(picture)


@pytest.fixture
def rooms() -> list[np.ndarray]:
    """Pictures of few and of many colours, dark and light."""
    noise = np.random.default_rng(0)
    plain = [np.full((40, 40, 3), grey, np.uint8) for grey in (0, 118, 255)]
    halves = np.zeros((40, 40, 3), np.uint8)
    halves[:20], halves[20:] = (240, 200, 40), (20, 60, 160)
    return [*plain, halves, noise.integers(0, 256, (40, 40, 3), np.uint8)]
