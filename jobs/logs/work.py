"""What a process is at, so that every line it logs can say so: the job, the chunk, the attempt.

A worker's process does one thing at a time, in many threads: what it is at counts for all of them. A thread that does
something else meanwhile, as telling webhooks of another job, says so for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from jobs.snapshot import STITCH


@dataclass(frozen=True)
class Work:
    """A piece of work."""

    job: str
    chunk: int | str | None = None
    """`stitch` while deliverables are made; None where the job as a whole is meant."""
    attempt: int | None = None
    """The fencing token: what this attempt's folder in the store is called."""

    @property
    def name(self) -> str:
        """The chunk as messages call it; empty where the job as a whole is meant."""
        return "" if self.chunk is None else "stitch" if self.chunk == STITCH else f"chunk {self.chunk}"


_of_thread: ContextVar[Work | None] = ContextVar("work", default=None)
_of_process: Work | None = None


def current() -> Work | None:
    """What this thread is at, else its process; None if that is nothing in particular."""
    return _of_thread.get() or _of_process


@contextmanager
def at(job: str, chunk: int | str | None = None, attempt: int | None = None) -> Iterator[None]:
    """Say what this thread is at, for as long as the block lasts."""
    token = _of_thread.set(Work(job, chunk, attempt))
    try:
        yield
    finally:
        _of_thread.reset(token)


@contextmanager
def process_at(job: str, chunk: int | str, attempt: int) -> Iterator[None]:
    """Say what all of this process is at, for as long as the block lasts."""
    global _of_process
    _of_process = Work(job, chunk, attempt)
    try:
        yield
    finally:
        _of_process = None
