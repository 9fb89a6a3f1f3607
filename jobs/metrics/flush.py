"""Carrying what a process counted to Redis: with its heartbeat, and once more when it ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from jobs.ledger import Ledger
from jobs.logs import lines
from jobs.metrics import kept
from jobs.metrics.tally import TALLY
from pipeline.errors import AtelierError

log = logging.getLogger(__name__)

EVERY_S = 3.0


def flush(ledger: Ledger) -> None:
    """Tell Redis what was counted and logged since the last time. What it does not take is kept, within bounds.

    Raises: QueueUnavailable, ConfigError.
    """
    counts = TALLY.drain()
    if counts:
        try:
            kept.add(ledger, counts)
        except AtelierError:
            TALLY.restore(counts)
            raise
    lines.send(ledger)


def flush_quietly(ledger: Callable[[], Ledger]) -> None:
    """The same of a process that ends, or has better things to do than to hear that Redis is away."""
    try:
        flush(ledger())
    except AtelierError as error:
        log.debug("not counted: %s", error)


class Flusher:
    """A thread that flushes every few seconds, for processes without a heartbeat of their own. A context manager."""

    def __init__(self, ledger: Callable[[], Ledger], *, every_s: float = EVERY_S) -> None:
        self._ledger, self._every_s = ledger, every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="metrics", daemon=True)

    def __enter__(self) -> Flusher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(self._every_s)
        flush_quietly(self._ledger)

    def _work(self) -> None:
        while not self._over.wait(self._every_s):
            flush_quietly(self._ledger)
