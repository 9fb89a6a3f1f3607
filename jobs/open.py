"""The deployment's store, opened once a process and made safe for create-only puts."""

from __future__ import annotations

from functools import cache

from jobs.arbiter import creator
from jobs.config import settings
from jobs.queue import connect
from jobs.truth import Truth
from pipeline.storage import open_store


@cache
def open_truth() -> Truth:
    """The records in the configured store. A store that does not keep its create-only promise gets a lock in Redis.

    Raises: AccessDenied, StorageUnavailable, ConfigError.
    """
    config = settings()
    store = open_store(config.store, config.store_options())
    return Truth(store, creator(store, lambda: connect()[0]))
