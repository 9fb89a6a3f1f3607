"""Create-only puts for stores that cannot promise them: a lock in Redis decides.

Which stores those are is found by a race at start (pipeline.storage's probe).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jobs.ledger import Ledger, reachable
from jobs.shelf import Create
from pipeline.errors import StorageUnavailable
from pipeline.storage import creates_atomically, is_remote
from pipeline.storage.base import Store

log = logging.getLogger(__name__)

_LOCK_S = 60.0


def creator(store: Store, ledger: Callable[[], Ledger]) -> Create:
    """The store's own `put_if_absent` if it keeps its promise, else one behind a lock in Redis. Probes remote stores.

    Raises: AccessDenied, StorageUnavailable.
    """
    if not is_remote(store.url) or creates_atomically(store):
        return store.put_if_absent
    log.warning("%s lets several writers create one key; a lock in Redis decides instead", store.url)
    return Arbiter(store, ledger()).create


class Arbiter:
    """Creates keys of one store, one writer at a time."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    def create(self, key: str, data: bytes) -> bool:
        """Write the object unless the key exists. True if this call created it.

        Raises: QueueUnavailable, and what the store raises.
        """
        with self._lock(key):
            if self._store.exists(key):
                return False
            self._store.put(key, data)
            return True

    @contextmanager
    def _lock(self, key: str) -> Iterator[None]:
        name = f"{self._ledger.prefix}create:{hashlib.sha256(f'{self._store.url}/{key}'.encode()).hexdigest()[:32]}"
        lock = self._ledger.redis.lock(name, timeout=_LOCK_S, blocking_timeout=_LOCK_S)
        with reachable():
            if not lock.acquire():
                raise StorageUnavailable(
                    f"{self._store.url}/{key}: another writer has held its lock for {_LOCK_S:.0f} s"
                )
        try:
            yield
        finally:
            with reachable():
                if lock.owned():
                    lock.release()
