"""What workers log about a job, for people who look at it: kept in Redis for a while, as far as there is room.

A handler keeps lines in memory, and they travel with the process' heartbeat (metrics/flush.py). Nothing waits for that,
and nothing is lost with them but words: when Redis is away, the newest stay here and the others are forgotten.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from typing import TYPE_CHECKING

from jobs.logs.work import current

if TYPE_CHECKING:
    from jobs.ledger import Ledger

MOST_WAITING = 500
"""Lines of one process that wait for the next heartbeat."""

LONGEST = 500
"""Characters of a line that are kept."""


class Lines(logging.Handler):
    """Keeps what is logged about a job until it can be sent."""

    def __init__(self, worker: str) -> None:
        """`worker`: who says it."""
        super().__init__(logging.INFO)
        self._worker = worker
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST_WAITING)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line, if it is about a job."""
        work = current()
        if work is None:
            return
        body = {
            "at": round(record.created, 3),
            "level": record.levelname,
            "text": _shortened(_said(record).removeprefix(f"{work.job} {work.name}".rstrip() + ": ")),
            "chunk": work.chunk,
            "attempt": work.attempt,
            "worker": self._worker,
        }
        self._waiting.append((work.job, json.dumps(body, ensure_ascii=False)))

    def take(self) -> list[tuple[str, str]]:
        """(job, line) of what waits; nothing waits afterwards."""
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return taken

    def take_back(self, lines: list[tuple[str, str]]) -> None:
        """What could not be sent, before what came meanwhile; the oldest go if there is no room."""
        self._waiting = deque([*lines, *self.take()], maxlen=MOST_WAITING)


_handler: Lines | None = None
"""This process', if it keeps any."""


def keep(worker: str) -> None:
    """From now on keep what this process logs about jobs, for `send`. What a parent kept is its own to send."""
    global _handler
    root = logging.getLogger()
    if _handler is not None:
        root.removeHandler(_handler)
    _handler = Lines(worker)
    root.addHandler(_handler)


def send(ledger: Ledger) -> None:
    """Send what waits. Raises: QueueUnavailable, ConfigError; then it goes on waiting."""
    lines = _handler.take() if _handler is not None else []
    if not lines:
        return
    try:
        ledger.add_lines(lines)
    except Exception:
        assert _handler is not None
        _handler.take_back(lines)
        raise


def _said(record: logging.LogRecord) -> str:
    """The message, and of an exception what it is: its traceback is for the log."""
    message = record.getMessage()
    error = record.exc_info[1] if record.exc_info else None
    return message if error is None or str(error) in message else f"{message} ({type(error).__name__}: {error})"


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
