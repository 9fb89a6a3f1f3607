"""Batches when memory runs out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from pipeline.memory import in_batches


class Painter:
    """Works in batches of eight, and has room for three."""

    batch = 8

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.sizes: list[int] = []

    def paint(self, items: Sequence[int]) -> list[int]:
        """Doubles."""
        self.sizes.append(len(items))
        if len(items) > 3:
            raise self._error
        return [2 * item for item in items]


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError(), MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_a_batch_that_does_not_fit_is_halved_for_good(error: Exception) -> None:
    painter = Painter(error)
    assert in_batches(painter, range(9), painter.paint) == [2 * item for item in range(9)]
    assert in_batches(painter, [9, 10, 11], painter.paint) == [18, 20, 22]
    assert (painter.batch, painter.sizes) == (2, [8, 4, 2, 2, 2, 2, 1, 2, 1])


def test_any_other_error_is_none_of_memory() -> None:
    painter = Painter(RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes"):
        in_batches(painter, range(9), painter.paint)
    assert painter.batch == 8


def test_a_single_item_that_does_not_fit_is_an_error() -> None:
    painter = Painter(MemoryError())
    painter.batch = 1

    def paint(items: Sequence[int]) -> list[int]:
        raise MemoryError

    with pytest.raises(MemoryError):
        in_batches(painter, [1], paint)
