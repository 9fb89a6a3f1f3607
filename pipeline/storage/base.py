"""The interface that every store keeps. One contract suite (tests/contracts) runs over all of them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import InputError
from pipeline.storage.watch import watched


@dataclass(frozen=True)
class Entry:
    """One object in a listing."""

    key: str
    size: int
    """Bytes."""
    # The same bytes written twice are equal entries.
    modified: float = field(default=math.inf, compare=False)
    """When it was written, in seconds since the epoch by the store's own clock. What is not known counts as new."""


Entries = list[Entry]
"""Some objects. (In a store's body `list` is the method.)"""


LONGEST_LINK_S = 7 * 86_400.0
"""A week: what signatures of S3 allow."""


def check_lasting(expires_s: float) -> None:
    """Raises: InputError if no link can last so long."""
    if not 1 <= expires_s <= LONGEST_LINK_S:
        raise InputError(f"a link cannot last {expires_s:,g} s; write a second to 7 days, as in 7d, 12h or 30m")


class Store(ABC):
    """A flat map from keys (`a/b/c.png`, no leading slash, no `..`) to bytes, below one root.

    Every method may raise: ObjectNotFound, AccessDenied, StorageUnavailable, StorageFull,
    and InputError for a key that would leave the root.
    """

    url: str
    """Where the root is, as `open_store` takes it: an absolute path or `s3://bucket/prefix`."""

    atomic_create: bool
    """Whether `put_if_absent` promises exactly one winner among racing writers: see races.py."""

    def __init_subclass__(cls, **options: object) -> None:
        """Every store's operations can be watched: see watch.py."""
        super().__init_subclass__(**options)
        watched(cls)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    @abstractmethod
    def get(self, key: str) -> bytes:
        """The object's bytes."""

    @abstractmethod
    def put(self, key: str, data: bytes) -> None:
        """Write the object, whole or not at all; replaces what was there."""

    @abstractmethod
    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write the object unless the key exists. True if this call created it."""

    @abstractmethod
    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Every object whose key starts with `prefix`, sorted by key, without unfinished writes."""

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Whether the key holds an object."""

    @abstractmethod
    def size(self, key: str) -> int:
        """The object's length in bytes."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the object; a key that is not there is no error."""

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """A seekable reader of the object, which fetches only what is read."""

    @abstractmethod
    def upload(self, path: Path, key: str) -> None:
        """Copy a local file in, whole or not at all (multipart where the store has it)."""

    @abstractmethod
    def download(self, key: str, path: Path) -> None:
        """Copy the object to a local file, whole or not at all."""

    @abstractmethod
    def copy_from(self, source: Store, source_key: str, key: str) -> None:
        """Copy an object of another store (or this one) here, on the server or by link where that is possible."""

    def link(self, key: str, *, expires_s: float) -> str:
        """Where anybody who is told can fetch the object for so long, at most `LONGEST_LINK_S`. Not for ever, and not
        to write. Of a folder it is the file's path, which needs no leave of ours and does not expire.

        Raises: InputError if a link cannot last so long.
        """
        self.size(key)
        check_lasting(expires_s)
        return f"{self.url.rstrip('/')}/{key}"

    def sweep(self, *, older_than_s: float, dry_run: bool = False) -> Entries:
        """Remove unfinished writes that killed writers left at least so long ago; gives them, as they were.

        `dry_run` only looks. A store that leaves none need not override this; a store that wraps another passes the
        call on.
        """
        return []
