"""What to do when memory runs out: smaller batches, for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")


class Batching(Protocol):
    """Whoever works in batches of a size."""

    batch: int


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on a GPU or (where PyTorch says it with a plain RuntimeError) on a CPU."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def in_batches(painter: Batching, items: Sequence[T], paint: Callable[[Sequence[T]], Sequence[R]]) -> list[R]:
    """What `paint` makes of all items, `painter.batch` at a time; out of memory, half as many, from then on.

    Raises: what `paint` does, running out of memory over a single item included.
    """
    done: list[R] = []
    at = 0
    while at < len(items):
        now = items[at : at + painter.batch]
        try:
            done.extend(paint(now))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or painter.batch == 1:
                raise
            painter.batch = max(1, painter.batch // 2)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
        else:
            at += len(now)
    return done
