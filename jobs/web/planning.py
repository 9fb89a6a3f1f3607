"""Job files are read and planned by few requests at a time: they may name films of an hour, and others want answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from jobs.web.problems import Refusal

_AT_ONCE = 2
_PATIENCE_S = 5.0


class Planning:
    """Turns at planning. Who gets none within some seconds is asked to come again."""

    def __init__(self, at_once: int = _AT_ONCE, *, patience_s: float = _PATIENCE_S) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._waiting = threading.BoundedSemaphore(4 * at_once)
        self._patience_s = patience_s

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn, until the block ends. Raises: Refusal if there is none, or too many wait for one already."""
        if not self._waiting.acquire(blocking=False):
            raise _busy()
        try:
            has_turn = self._free.acquire(timeout=self._patience_s)
        finally:
            self._waiting.release()
        if not has_turn:
            raise _busy()
        try:
            yield
        finally:
            self._free.release()


def _busy() -> Refusal:
    return Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "other job files are being planned here, and take long; send yours again in a moment",
        {"Retry-After": "5"},
    )


PLANNING = Planning()
"""This process's."""
