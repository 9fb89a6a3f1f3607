"""Delivers webhooks, beside everything else: nobody's work waits for a server that does not answer.

A worker that ends a job tries at once, in a thread. Reconcilers try what is due then, at each look, in threads of their
own: one for each host that is told, so that one that hangs holds up its own notices and no others.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from jobs.config import Settings, host_name
from jobs.records import Notice
from jobs.truth import Truth
from jobs.webhooks.courier import Courier, due_at
from pipeline.errors import AtelierError

log = logging.getLogger(__name__)

_HOSTS_AT_ONCE = 8
_TURN_S = 20.0
"""How long one host is told things before others have their turn."""

_FIRST_S = 5.0
"""Longest that a worker's own try may take, and the end of a process waits for."""


class Postman:
    """Delivers what is due, of all jobs."""

    def __init__(self, truth: Truth, config: Settings) -> None:
        self._courier = Courier(truth, config, by=_us())
        self._config = config
        self._thread: threading.Thread | None = None
        self._known: dict[tuple[str, str], tuple[Notice, float]] = {}
        """Notices that are not due yet, and when they are: what was read once need not be read at each look."""
        self._leaving = threading.Event()

    def tick(self) -> None:
        """Begin a round, unless one goes on. Never waits for it."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._guarded, name="postman", daemon=True)
            self._thread.start()

    def leave(self) -> None:
        """Tell what ended just now, and wait a moment for it: of a process that ends."""
        self._leaving.set()
        if self._thread is not None:
            self._thread.join(_FIRST_S / 2)
        last = threading.Thread(target=self._guarded, name="postman", daemon=True)
        last.start()
        last.join(_FIRST_S)

    def round(self) -> int:
        """Try everything that is due; how many notices arrived. Raises: StorageUnavailable and the like."""
        due = set(self._courier.outbox.due())
        self._known = {key: row for key, row in list(self._known.items()) if key in due}
        hosts: dict[str, list[Notice]] = {}
        for job, name in sorted(due):
            notice = self._due(job, name)
            if notice is not None:
                hosts.setdefault(urlsplit(notice.url).netloc.lower(), []).append(notice)
        if not hosts:
            return 0
        with ThreadPoolExecutor(_HOSTS_AT_ONCE, thread_name_prefix="postman") as pool:
            return sum(pool.map(self._tell, hosts.values()))

    def _guarded(self) -> None:
        try:
            self.round()
        except AtelierError as error:
            log.warning("nobody is told anything: %s", error)

    def _due(self, job: str, name: str) -> Notice | None:
        """The notice if its time has come."""
        known = self._known.get((job, name))
        if known is not None and known[1] > time.time():
            return None
        outbox = self._courier.outbox
        try:
            notice = known[0] if known is not None else outbox.notice(job, name)
        except AtelierError as error:
            log.error("%s: a notice cannot be used: %s", job, error)
            return None
        if notice is None:
            outbox.settle(job, name)
            return None
        when = due_at(notice, outbox.last(notice), self._config)
        if when == float("inf"):
            outbox.settle(job, name)
            return None
        self._known[job, name] = notice, when
        return notice if when <= time.time() else None

    def _tell(self, notices: Sequence[Notice]) -> int:
        """Tell one host, for as long as it answers and has not had its turn; how many arrived."""
        arrived, ends = 0, time.monotonic() + _TURN_S
        for notice in notices:
            if time.monotonic() > ends:
                break
            try:
                answer = self._courier.deliver(notice, timeout_s=_FIRST_S if self._leaving.is_set() else None)
            except AtelierError as error:
                log.warning("%s: a notice stays where it is: %s", notice.job, error)
                break
            self._known.pop((notice.job, notice.name), None)
            if answer is not None and answer.status is None and not answer.is_final:
                # Who does not answer now is not asked about the next job either.
                break
            arrived += answer is not None and not answer.error
        return arrived


_telling: list[threading.Thread] = []


def tell_soon(job: str, truth: Truth, config: Settings) -> None:
    """Try once to deliver what is to be told of a job, in a thread. Reconcilers go on with what does not arrive."""
    _telling[:] = [thread for thread in _telling if thread.is_alive()]
    thread = threading.Thread(target=_tell_now, args=(job, truth, config), name="postman", daemon=True)
    thread.start()
    _telling.append(thread)


def wait() -> None:
    """Wait a moment for what is being told: of a process that ends."""
    ends = time.monotonic() + _FIRST_S
    for thread in _telling:
        thread.join(max(0.0, ends - time.monotonic()))


def _tell_now(job: str, truth: Truth, config: Settings) -> None:
    courier = Courier(truth, config, by=_us())
    try:
        for owner, name in courier.outbox.due(job):
            notice = courier.outbox.notice(owner, name)
            if notice is not None:
                courier.deliver(notice, timeout_s=_FIRST_S)
    except AtelierError as error:
        log.warning("%s: nobody is told yet: %s", job, error)


def _us() -> str:
    return f"{host_name()}:{os.getpid()}"
