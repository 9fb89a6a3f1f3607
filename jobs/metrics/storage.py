"""What stores do, counted. That a key is not there is an answer and no error."""

from __future__ import annotations

from jobs.metrics.causes import cause
from jobs.metrics.tally import count, observe
from pipeline.errors import ObjectNotFound
from pipeline.storage.watch import Operation, watch


def count_storage() -> None:
    """From now on, count what the stores of this process do."""
    watch(_count)


def _count(operation: Operation) -> None:
    observe("atelier_storage_seconds", operation.seconds, operation=operation.name)
    if operation.written:
        count("atelier_storage_bytes_total", operation.written, direction="written")
    if operation.read:
        count("atelier_storage_bytes_total", operation.read, direction="read")
    if operation.error is not None and not isinstance(operation.error, ObjectNotFound):
        count("atelier_storage_errors_total", operation=operation.name, cause=cause(operation.error))
