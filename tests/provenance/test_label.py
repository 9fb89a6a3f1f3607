"""Labels: letters as high as the standard asks for, readable on anything, in every language, and drawn only once."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import InputError, MediaError
from pipeline.provenance.label import TEXTS, Label, check, stamp, text_for

GREY = np.full((360, 640, 3), 128, np.uint8)


def plate(pixels: np.ndarray, before: np.ndarray = GREY) -> tuple[slice, slice]:
    """Where a picture was changed."""
    changed = (pixels != before).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def test_letters_are_five_per_cent_of_the_shorter_side() -> None:
    stamped = stamp(GREY, Label(text="AI"))
    inside = stamped[plate(stamped)][..., 0]
    rows = np.flatnonzero((inside > 128).any(1))
    assert 18 <= rows[-1] + 1 - rows[0] <= 20


@pytest.mark.parametrize("value", [0, 128, 255])
def test_letters_can_be_read_on_anything(value: int) -> None:
    before = np.full_like(GREY, value)
    stamped = stamp(before, Label(text="AI-generated"))
    inside = stamped[plate(stamped, before)]
    assert (inside.min(), inside.max()) == (17, 255)


def test_a_label_that_is_there_changes_nothing() -> None:
    label = Label(text="AI-generated")
    noise = np.random.default_rng(0).integers(0, 256, GREY.shape, np.uint8)
    stamped = stamp(noise, label)
    assert (stamp(stamped, label) == stamped).all()
    assert (noise == np.random.default_rng(0).integers(0, 256, GREY.shape, np.uint8)).all()


def test_sixteen_bits_get_the_same_label() -> None:
    label = Label(text="AI-generated")
    deep = stamp(GREY.astype(np.uint16) * 257, label)
    assert (deep == stamp(GREY, label).astype(np.uint16) * 257).all()


def test_nothing_shines_through_a_labels_plate() -> None:
    label = Label(text="AI-generated")
    stamped = stamp(np.dstack([GREY, np.zeros(GREY.shape[:2], np.uint8)]), label)
    there = stamped[..., 3] > 0
    assert (stamped[there] == np.dstack([stamp(GREY, label), np.full(GREY.shape[:2], 255, np.uint8)])[there]).all()
    assert 0 < there.sum() < there.size / 2


@pytest.mark.parametrize(
    ("position", "top", "left"),
    [
        ("top-left", True, 0),
        ("top", True, 1),
        ("top-right", True, 2),
        ("bottom-left", False, 0),
        ("bottom", False, 1),
        ("bottom-right", False, 2),
    ],
)
def test_a_label_stands_where_it_was_put(position: str, top: bool, left: int) -> None:
    rows, columns = plate(stamp(GREY, Label.model_validate({"text": "AI", "position": position})))
    assert (rows.start < 20) == top
    assert (rows.stop > 340) == (not top)
    assert [columns.start < 20, 250 < columns.start < 330, columns.stop > 620].index(True) == left
    assert rows.start % 2 == columns.start % 2 == 0


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_letters(language: str) -> None:
    label = Label(text=TEXTS[language], locale=language)
    check(label)
    assert plate(stamp(GREY, label))


def test_a_language_is_known_by_its_tag() -> None:
    assert text_for("zh-Hant") == text_for("ZH_CN") == "AI生成"
    assert text_for("tlh") is None


def test_a_long_text_takes_two_lines_of_a_narrow_picture() -> None:
    tall = np.full((640, 200, 3), 128, np.uint8)
    label = Label(text="Wygenerowane przez AI", locale="pl", height=0.06)
    rows, columns = plate(stamp(tall, label), tall)
    assert columns.stop - columns.start < 200
    assert rows.stop - rows.start > 2 * 12


def test_a_text_that_has_no_room_is_refused_in_a_sentence() -> None:
    with pytest.raises(MediaError, match="'AI-generated' does not fit into 32x32 px"):
        stamp(np.zeros((32, 32, 3), np.uint8), Label(text="AI-generated"))


def test_letters_that_no_font_has_are_named() -> None:
    with pytest.raises(InputError, match=r"no font has .*U\+E000"):
        check(Label(text="AI \ue000"))


def test_a_film_shows_it_for_its_time() -> None:
    label = Label(text="AI")
    assert label.is_shown(Fraction(47, 24))
    assert not label.is_shown(Fraction(2))
    assert Label(text="AI", seconds="always").is_shown(Fraction(10**6))
