"""What the lots promise: every value is in its range, and every word is drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from pipeline.drawing.attributes import categories, numbers
from pipeline.drawing.portraits import Portrait, sample
from pipeline.errors import InputError


def test_every_attribute_has_a_range_or_a_list() -> None:
    assert set(numbers()) | set(categories()) == set(Portrait.__dataclass_fields__)


@pytest.mark.parametrize("name", numbers())
def test_numbers_lie_in_their_range_and_vary(name: str, sitters: list[Portrait]) -> None:
    values = [getattr(sitter, name) for sitter in sitters]
    low, high = numbers()[name]
    assert low <= min(values) < max(values) <= high
    # Freckles are rare; all else reaches far.
    assert max(values) - min(values) > 0.6 * (high - low)


@pytest.mark.parametrize("name", categories())
def test_every_word_is_drawn(name: str, sitters: list[Portrait]) -> None:
    drawn = Counter(getattr(sitter, name) for sitter in sitters)
    assert set(drawn) == set(categories()[name])


def test_a_seed_is_one_portrait() -> None:
    assert sample(11) == sample(11)
    assert sample(11) != sample(12)


def test_a_number_out_of_range_is_said_in_a_sentence() -> None:
    with pytest.raises(InputError, match=r"^portrait: turn is 3, but lies between -1 and 1$"):
        replace(sample(0), turn=3)


def test_an_unknown_word_is_said_in_a_sentence() -> None:
    with pytest.raises(InputError, match=r"^portrait: glasses is 'oval', but is one of none, round, square, cat-eye$"):
        replace(sample(0), glasses="oval")  # type: ignore[arg-type]
