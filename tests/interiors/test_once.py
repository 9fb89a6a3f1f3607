"""Values that take long are worked out once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.interiors.once import Once


def test_a_value_is_made_once_however_many_threads_ask() -> None:
    made: list[int] = []
    once: Once[int] = Once(4)

    def make() -> int:
        time.sleep(0.05)
        made.append(7)
        return 7

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: once.get("key", make), range(8))) == [7] * 8
    assert made == [7]


def test_what_could_not_be_made_is_tried_again() -> None:
    once: Once[int] = Once(4)
    with pytest.raises(ZeroDivisionError):
        once.get(0, lambda: 1 // 0)
    assert once.get(0, lambda: 1) == 1


def test_only_the_values_used_last_are_kept() -> None:
    once: Once[int] = Once(2)
    for key in (0, 1, 0, 2):
        once.get(key, lambda: 1)
    assert once.get(0, lambda: 9) == 1
    assert once.get(1, lambda: 9) == 9
