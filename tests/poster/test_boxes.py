"""Where layers come to lie."""

import pytest
from pydantic import ValidationError

from pipeline.errors import InputError
from pipeline.poster.boxes import Place
from pipeline.poster.canvas import NAMED, Box, Canvas, parse_size
from pipeline.poster.lengths import pixels

PORTRAIT = Canvas(1000, 1250)


@pytest.mark.parametrize(
    ("length", "expected"), [(6, 60), ("6", 60), ("40%", 500), ("12px", 12), ("-3", -30), ("2.5", 25)]
)
def test_lengths_are_of_the_shorter_side_of_the_area_or_pixels(length: float | str, expected: float) -> None:
    assert pixels(length, along=1250, unit=10) == expected


@pytest.mark.parametrize("length", ["wide", "3em", True, None, "1e9", ""])
def test_what_is_no_length_is_refused_with_what_would_be(length: object) -> None:
    with pytest.raises(ValidationError, match="a length is a number in hundredths of the shorter side"):
        Place.model_validate({"left": length} if length is not None else {"gap": length})


@pytest.mark.parametrize(
    ("size", "expected"),
    [("1080x1080", "square"), ("1080x1350", "portrait"), ("a3", "portrait"), ("1080x1920", "tall"), ("wide", "wide")],
)
def test_sizes_have_a_format(size: str, expected: str) -> None:
    assert parse_size(size).format == expected


def test_a3_is_a3_at_300_dpi() -> None:
    width, height = NAMED["a3"]
    assert (round(width / 300 * 25.4), round(height / 300 * 25.4)) == (297, 420)


@pytest.mark.parametrize(
    ("text", "said"),
    [("huge", "is no size"), ("10x10", "64 to 10,000"), ("1080x99999", "64 to 10,000"), ("x", "no size")],
)
def test_what_is_no_size_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_size(text)


def test_stories_keep_clear_of_what_apps_cover() -> None:
    story = Canvas(1080, 1920)
    assert story.safe.top >= 240
    assert story.height - story.safe.bottom >= 330
    assert story.safe.left == pytest.approx(64.8)


def test_words_keep_clear_of_a_label() -> None:
    canvas = Canvas(1000, 1250, free_bottom=15)
    assert canvas.safe.bottom == 1250 - 150
    assert canvas.safe.top == 60
    assert Canvas(1000, 1250, free_top=15).safe.top == 150


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"within": "canvas"}, (0, 0, 1000, 1250)),
        ({}, (60, 60, 880, 1130)),
        ({"within": "canvas", "left": 10, "right": 20}, (100, 0, 700, 1250)),
        ({"within": "canvas", "right": 10, "width": 30}, (600, 0, 300, 1250)),
        ({"within": "canvas", "width": "50%", "center": "50%"}, (250, 0, 500, 1250)),
        ({"within": "canvas", "bottom": 0, "height": "20%"}, (0, 1000, 1000, 250)),
        ({"within": "canvas", "middle": "50%", "height": 10}, (0, 575, 1000, 100)),
        ({"within": "canvas", "below": "head", "gap": 2, "height": 5}, (0, 220, 1000, 50)),
        ({"within": "canvas", "above": "head", "gap": 2, "height": 5}, (0, 30, 1000, 50)),
        ({"within": "canvas", "below": "head"}, (0, 230, 1000, 1020)),
    ],
)
def test_anchors_come_to_boxes(place: dict[str, object], expected: tuple[float, ...]) -> None:
    box = Place.model_validate(place).resolve(PORTRAIT, {"head": Box(0, 100, 500, 100)})
    assert (box.left, box.top, box.width, box.height) == pytest.approx(expected)


def test_a_layer_lies_in_its_area_if_the_one_it_follows_is_left_out() -> None:
    box = Place.model_validate({"below": "head"}).resolve(PORTRAIT, {})
    assert box == PORTRAIT.safe


@pytest.mark.parametrize("given", [{"width": 40}, {"height": 20}])
def test_an_aspect_fills_in_the_side_that_is_open(given: dict[str, float]) -> None:
    box = Place.model_validate({**given, "left": 0, "top": 0}).resolve(PORTRAIT, {}, aspect=2.0)
    assert (box.width, box.height) == (400, 200)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"left": 0, "right": 0, "width": 5}, "left and right and width say more than one thing"),
        ({"top": 0, "below": "a", "bottom": 0}, "say more than one thing"),
        ({"left": 0, "center": "50%"}, "a middle goes with a width or height"),
    ],
)
def test_anchors_that_contradict_each_other_are_refused(place: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Place.model_validate(place)
