"""What a worker's child knows of its parent: one byte of memory that both share, made before the fork.

Celery tells only the parent that it listens, and that it is to end. The child asks between batches, and hands its chunk
back.
"""

from __future__ import annotations

import mmap

_STARTING, _LISTENING, _ENDING = range(3)

_STAGE = mmap.mmap(-1, 1)
"""Anonymous and shared."""


def listen() -> None:
    """The parent takes messages from now on."""
    _STAGE[0] = max(_STAGE[0], _LISTENING)


def end() -> None:
    """The worker is shutting down."""
    _STAGE[0] = _ENDING


def listens() -> bool:
    """Whether the parent ought to take messages: it is neither starting nor ending."""
    return _STAGE[0] == _LISTENING


def ends() -> bool:
    """Whether the worker is shutting down."""
    return _STAGE[0] == _ENDING
