"""A worker's presence: every few seconds it says that it lives and what it does, and looks whether it is deaf.

A Celery that takes no messages any more, for what reason ever, is idle while messages wait: it ends, and its supervisor
starts it anew. The reason that was met is mended in acks.py.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.ledger import WorkerInfo
from jobs.queue import connect
from pipeline.errors import AtelierError
from workers import stages
from workers.slot import Slot

log = logging.getLogger(__name__)

_EVERY_S = 3.0
_DEAF_S = 15.0
"""How long a worker may be idle while messages wait for it."""

_WAITING = "waiting"


class Presence:
    """Reports one slot from a thread of its own."""

    doing = _WAITING
    """What the process is at."""
    device = ""
    taken = 0
    """Messages that Celery gave to this process: between two looks it may have been busy, and wait at both."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._heard, self._taken = time.monotonic(), 0
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    @classmethod
    @contextmanager
    def at(cls, what: str) -> Iterator[None]:
        """Say what this process is at, for as long as the block lasts."""
        cls.doing = what
        try:
            yield
        finally:
            cls.doing = _WAITING

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self._report()
                self._listen()
            except AtelierError as error:
                self._heard = time.monotonic()
                log.warning("presence not reported: %s", error)
            pause.wait(_EVERY_S)

    def _report(self) -> None:
        connect()[0].report_worker(
            WorkerInfo(
                slot=self._slot.name,
                host=self._slot.host,
                pid=os.getpid(),
                device=Presence.device,
                queues=self._slot.queues,
                doing=Presence.doing,
            )
        )

    def _listen(self) -> None:
        """End the worker if messages wait for it and it does not take them."""
        is_idle = Presence.doing == _WAITING and Presence.taken == self._taken and stages.listens()
        self._taken = Presence.taken
        if not is_idle or not connect()[0].messages(self._slot.queues):
            self._heard = time.monotonic()
        elif time.monotonic() - self._heard > _DEAF_S:
            log.error("messages have waited for %.0f s and Celery takes none; ending this worker", _DEAF_S)
            os.kill(os.getppid(), signal.SIGKILL)
