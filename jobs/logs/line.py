"""A line that a worker logged about a job, as the ledger keeps it for a while."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class LogLine:
    """One line."""

    id: str
    """Its place in the row: `log_lines(after=…)` goes on behind it."""
    at: float
    """Seconds since the epoch, by the worker's clock."""
    level: str
    """`INFO`, `WARNING` or `ERROR`."""
    text: str
    chunk: int | str | None
    """`stitch` while deliverables were made; None where it is about the job as a whole."""
    attempt: int | None
    worker: str


def parsed(place: str, body: str) -> LogLine:
    """A line as it lies in Redis."""
    told = json.loads(body)
    return LogLine(
        place, told["at"], told["level"], told["text"], told.get("chunk"), told.get("attempt"), told.get("worker", "")
    )
