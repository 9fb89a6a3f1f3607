"""Create-only puts for stores that cannot promise them: a lock in Redis decides.

Which stores those are is found by a race at start (pipeline.storage's probe).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from jobs.ledger import Ledger, reachable
from pipeline.errors import StorageUnavailable
from pipeline.storage import creates_atomically, is_remote
from pipeline.storage.base import Entry, Store

log = logging.getLogger(__name__)

_LOCK_S = 60.0


def arbitrated(store: Store, ledger: Callable[[], Ledger]) -> Store:
    """The store itself if it keeps its create-only promise, else the store behind a lock in Redis. Probes remote ones.

    Raises: AccessDenied, StorageUnavailable.
    """
    if not is_remote(store.url) or creates_atomically(store):
        return store
    log.warning("%s lets several writers create one key; a lock in Redis decides instead", store.url)
    return Arbitrated(store, ledger())


class Arbitrated(Store):
    """A store whose `put_if_absent` holds a lock in Redis while it looks and writes."""

    atomic_create = True

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger
        self.url = store.url

    def put_if_absent(self, key: str, data: bytes) -> bool:
        with self._lock(key):
            if self._store.exists(key):
                return False
            self._store.put(key, data)
            return True

    @contextmanager
    def _lock(self, key: str) -> Iterator[None]:
        name = f"{self._ledger.prefix}create:{hashlib.sha256(f'{self.url}/{key}'.encode()).hexdigest()[:32]}"
        lock = self._ledger.redis.lock(name, timeout=_LOCK_S, blocking_timeout=_LOCK_S)
        with reachable():
            if not lock.acquire():
                raise StorageUnavailable(f"{self.url}/{key}: another writer has held its lock for {_LOCK_S:.0f} s")
        try:
            yield
        finally:
            with reachable():
                if lock.owned():
                    lock.release()

    def get(self, key: str) -> bytes:
        return self._store.get(key)

    def put(self, key: str, data: bytes) -> None:
        self._store.put(key, data)

    def list(self, prefix: str = "") -> Iterator[Entry]:
        return self._store.list(prefix)

    def exists(self, key: str) -> bool:
        return self._store.exists(key)

    def size(self, key: str) -> int:
        return self._store.size(key)

    def delete(self, key: str) -> None:
        self._store.delete(key)

    def open(self, key: str) -> BinaryIO:
        return self._store.open(key)

    def upload(self, path: Path, key: str) -> None:
        self._store.upload(path, key)

    def download(self, key: str, path: Path) -> None:
        self._store.download(key, path)

    def copy_from(self, source: Store, source_key: str, key: str) -> None:
        self._store.copy_from(source, source_key, key)
