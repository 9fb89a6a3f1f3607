"""What is drawn is the whole text, or exactly the part that is asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.typography.fonts import FontSet
from pipeline.typography.ink import coverage
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import Typeset, typeset

FONTS = FontSet.shipped()
SIZE = (300, 120)


def _set(text: str, **style: object) -> Typeset:
    return typeset(text, TextStyle(size_px=60, smallest_px=8, **style), *SIZE, FONTS)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["Type on ffi", "معرض الربيع", "क्षत्रिय कला", "春の展覧会"])
def test_clusters_one_by_one_are_the_whole_text(words: str) -> None:
    text = _set(words)
    whole = coverage(text, *SIZE).astype(int)
    parts = [coverage(text, *SIZE, clusters=range(at, at + 1)).astype(int) for at in range(text.clusters)]
    assert np.abs(np.maximum.reduce(parts) - whole).max() <= 128
    assert np.abs(sum(parts).clip(0, 255) - whole).mean() < 1
    assert sum(part.any() for part in parts) > 2


def test_arabic_that_is_typed_on_keeps_its_joined_forms() -> None:
    text = _set("معرض")
    first = coverage(text, *SIZE, clusters=range(1))
    alone = coverage(_set("م"), *SIZE)
    assert first.any()
    assert not np.array_equal(first, alone)
    assert (first <= coverage(text, *SIZE)).all()


def test_lines_can_be_shown_one_by_one() -> None:
    text = _set("one\ntwo")
    first, second = (coverage(text, *SIZE, line=line) for line in range(2))
    assert np.array_equal(np.maximum(first, second), coverage(text, *SIZE))
    assert np.nonzero(first.any(1))[0].max() < np.nonzero(second.any(1))[0].min()


def test_letters_that_overlap_themselves_have_no_holes() -> None:
    """Variable fonts draw strokes across each other; even-odd filling would leave holes there."""
    text = typeset("Å", TextStyle(size_px=400, smallest_px=400, weight=900), 600, 600, FONTS)
    dark = coverage(text, 640, 640, at=(20, 20)) < 128
    areas, _ = cv2.connectedComponents(dark.astype(np.uint8))
    # The letter, what is around it, its ring and its triangle.
    assert areas == 4


def test_a_stroke_grows_letters_on_all_sides() -> None:
    text = typeset("I", TextStyle(size_px=60, smallest_px=60), 100, 100, FONTS)
    plain, grown = coverage(text, 120, 120, at=(10, 10)), coverage(text, 120, 120, at=(10, 10), stroke_px=5)
    assert (grown >= plain).all()
    for axis in (0, 1):
        before, after = (np.nonzero((rows > 128).any(axis))[0] for rows in (plain, grown))
        assert before.min() - after.min() == pytest.approx(5, abs=1)
        assert after.max() - before.max() == pytest.approx(5, abs=1)


def test_a_text_may_lie_anywhere_and_be_cut_off() -> None:
    text = _set("Anywhere")
    whole = coverage(text, 400, 200, at=(50, 40))
    assert np.array_equal(whole[40:, 50:], coverage(text, 350, 160))
    assert np.array_equal(whole[60:100, 80:150], coverage(text, 70, 40, at=(-30, -20)))
    assert not coverage(text, 50, 50, at=(100, 0)).any()


def test_the_same_text_is_the_same_bytes() -> None:
    assert np.array_equal(coverage(_set("Again, معرض 春"), *SIZE), coverage(_set("Again, معرض 春"), *SIZE))
