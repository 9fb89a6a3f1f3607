"""What people sent to the dashboard, and no job or campaign names any more.

An upload has an address that nobody guesses, `uploads/<id>/<name>`. Whoever names it writes that into a job file, so
that it stands in the job's records or a campaign's; or into a table, which is an upload itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jobs.campaigns.book import Book
from jobs.truth import Truth
from pipeline.errors import IntegrityError, ObjectNotFound
from pipeline.storage.base import Entry

UPLOADS = "uploads"
"""The store's folder for what was uploaded."""

_ID = re.compile(rb"uploads/([0-9a-f]{16})/")

_TABLES = (".csv", ".yaml", ".yml")
_TABLE_BYTES = 10_000_000
"""Of a file that may name others."""


def unnamed_uploads(truth: Truth, *, before: float) -> list[Entry]:
    """The uploads that were written before then, in seconds since the epoch, and that nothing names.

    Raises: IntegrityError if a campaign cannot be read; StorageUnavailable, AccessDenied.
    """
    listed = list(truth.store.list(f"{UPLOADS}/"))
    old = [entry for entry in listed if entry.modified <= before]
    if not old:
        return []
    named = _within(*_records(truth))
    tables = {
        _id(entry): entry.key
        for entry in listed
        if entry.key.casefold().endswith(_TABLES) and entry.size <= _TABLE_BYTES
    }
    waiting = list(named)
    while waiting:
        table = tables.get(waiting.pop())
        found = _within(_content(truth, table)) - named if table else set()
        named |= found
        waiting += found
    return [entry for entry in old if _id(entry) not in named]


def _records(truth: Truth) -> Iterator[bytes]:
    for campaign in Book(truth).campaigns(_refuse):
        yield campaign.model_dump_json().encode()
    for job in truth.jobs():
        yield _content(truth, f"jobs/{job}/spec.json")
        yield _content(truth, f"jobs/{job}/plan.json")


def _refuse(problem: str) -> None:
    raise IntegrityError(problem)


def _within(*texts: bytes) -> set[bytes]:
    return {found for text in texts for found in _ID.findall(text)}


def _content(truth: Truth, key: str) -> bytes:
    """What is there; nothing, if somebody just removed it."""
    try:
        return truth.store.get(key)
    except ObjectNotFound:
        return b""


def _id(entry: Entry) -> bytes:
    return entry.key.split("/")[1].encode()
