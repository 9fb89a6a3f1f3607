"""Records in a store, as JSON: read, put, and created at most once. Which records lie where, others say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError

from jobs.records import Record
from pipeline.errors import IntegrityError, ObjectNotFound
from pipeline.storage.base import Store

R = TypeVar("R", bound=Record)

Create = Callable[[str, bytes], bool]
"""(key, bytes) → whether this call created the key."""


class Shelf:
    """The records in one store."""

    def __init__(self, store: Store, create: Create | None = None, *, mend: str) -> None:
        """`create`: how keys are created at most once, where the store's own `put_if_absent` does not promise it.
        `mend`: what to do about a damaged record, as its user is told.
        """
        self.store = store
        self.create_bytes = create or store.put_if_absent
        self._mend = mend

    def create(self, key: str, record: Record) -> bool:
        """Write a record unless the key exists. True if this call did."""
        return self.create_bytes(key, record.model_dump_json().encode())

    def put(self, key: str, record: Record) -> None:
        """Write a record in the place of what was there."""
        self.store.put(key, record.model_dump_json().encode())

    def get(self, key: str) -> bytes | None:
        """A record's bytes; None if there is none."""
        try:
            return self.store.get(key)
        except ObjectNotFound:
            return None

    def read(self, key: str, kind: type[R]) -> R | None:
        """A record; None if there is none. Raises: IntegrityError if it is damaged."""
        data = self.get(key)
        return None if data is None else self.parsed(key, data, kind)

    def parsed(self, key: str, data: bytes, kind: type[R]) -> R:
        """A record of its bytes. Raises: IntegrityError if it is damaged."""
        try:
            return kind.model_validate_json(data)
        except ValidationError as error:
            raise IntegrityError(
                f"{self.store.url}/{key}: is damaged, or of another version of Atelier; {self._mend}"
            ) from error
