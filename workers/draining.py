"""How a worker's child learns that its parent is shutting down: one byte of memory that both share.

Celery tells only the parent. The child looks between batches and hands its chunk back.
"""

from __future__ import annotations

import mmap

_FLAG = mmap.mmap(-1, 1)
"""Anonymous and shared: made before the fork, seen by both."""


def begin() -> None:
    """The worker is shutting down."""
    _FLAG[0] = 1


def has_begun() -> bool:
    """Whether the worker is shutting down."""
    return _FLAG[0] == 1
