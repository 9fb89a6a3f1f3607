"""What a command works with: settings, records, ledger and queue, opened for one command and closed after it.

Workers open theirs once a process instead (open.py, queue.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from jobs import tracing
from jobs.arbiter import creator
from jobs.config import Settings, settings
from jobs.ledger import Ledger
from jobs.local import running_url
from jobs.queue import Queue, make_ledger
from jobs.truth import Truth
from pipeline.errors import QueueUnavailable
from pipeline.storage import open_store


@dataclass(frozen=True)
class Session:
    """Everything that submitting and steering need."""

    config: Settings
    truth: Truth
    ledger: Ledger
    queue: Queue


@dataclass(frozen=True)
class View:
    """Everything that looking needs. Storage is always there; the ledger is if its Redis answers."""

    config: Settings
    truth: Truth
    ledger: Ledger | None
    absence: str = ""
    """Why there is no ledger."""


def redis_url() -> str | None:
    """The address of the Redis to use: the configured one, else that of an `atelier run` on this machine."""
    return settings().redis_url or running_url()


@contextmanager
def connected(own_url: str | None = None) -> Iterator[Session]:
    """A session with the Redis at `own_url` (one of this machine, without a password), else with `redis_url()`.

    Raises: ConfigError if there is no Redis; QueueUnavailable if it does not answer; AccessDenied, StorageUnavailable.
    """
    config = _with_local_redis(settings(), own_url or (None if settings().redis_url else running_url()))
    with closing(make_ledger(config)) as ledger:
        ledger.ping()
        store = open_store(config.store, config.store_options())
        truth = Truth(store, creator(store, lambda: ledger))
        with closing(Queue(config)) as queue:
            try:
                yield Session(config, truth, ledger, queue)
            finally:
                tracing.flush()


@contextmanager
def recording() -> Iterator[Truth]:
    """The records, to write down what no worker must hear of. Redis is needed only by stores that need an arbiter.

    Raises: AccessDenied, StorageUnavailable; ConfigError or QueueUnavailable if an arbiter is needed and not there.
    """
    config = _with_local_redis(settings(), None if settings().redis_url else running_url())
    store = open_store(config.store, config.store_options())
    with ExitStack() as opened:
        yield Truth(store, creator(store, lambda: opened.enter_context(closing(make_ledger(config)))))


@contextmanager
def viewing() -> Iterator[View]:
    """A view of the jobs. Nothing may be created through its records: that takes a session.

    Raises: ConfigError, AccessDenied, StorageUnavailable. That Redis is away is no error here.
    """
    config = settings()
    truth = Truth(open_store(config.store, config.store_options()))
    local = None if config.redis_url else running_url()
    if config.redis_url is None and local is None:
        yield View(config, truth, None, "no Redis is configured, and no `atelier run` is at work on this machine")
        return
    config = _with_local_redis(config, local)
    with closing(make_ledger(config)) as ledger:
        absence = _absence(ledger)
        yield View(config, truth, None if absence else ledger, absence)


def _absence(ledger: Ledger) -> str:
    try:
        ledger.ping()
    except QueueUnavailable as error:
        return str(error)
    return ""


def _with_local_redis(config: Settings, url: str | None) -> Settings:
    return config if url is None else config.model_copy(update={"redis_url": url, "redis_password": None})
