"""A worker's presence: every few seconds it says that it lives and what it does, and looks whether it is deaf.

With that goes what it has counted and logged meanwhile (jobs/metrics/flush.py).

A Celery that takes no messages any more, for what reason ever, is idle while messages wait: it ends, and its supervisor
starts it anew. The reason that was met is mended in acks.py.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.ledger import WorkerInfo
from jobs.metrics.devices import device_kind
from jobs.metrics.flush import EVERY_S, flush
from jobs.metrics.tally import count
from jobs.queue import connect
from jobs.snapshot import STITCH
from pipeline.errors import AtelierError
from workers import stages
from workers.slot import Slot, this

log = logging.getLogger(__name__)

_DEAF_S = 15.0
"""How long a worker may be idle while messages wait for it."""

_WAITING = "waiting"
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Presence:
    """Reports one slot from a thread of its own."""

    doing = _WAITING
    """What the process is at, for people."""
    job = ""
    chunk: int | str | None = None
    device = ""
    models: Callable[[], str] = staticmethod(lambda: "")
    """Names of the models in its memory."""
    device_memory: Callable[[], tuple[int, int]] = staticmethod(lambda: (0, 0))
    """Bytes of its GPU's memory: taken, and all."""
    taken = 0
    """Messages that Celery gave to this process: between two looks it may have been busy, and wait at both."""
    _counted = time.monotonic()
    """Up to when its seconds are counted."""
    _counting = threading.Lock()

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._heard, self._taken = time.monotonic(), 0
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    @classmethod
    @contextmanager
    def at(cls, job: str, chunk: int | str) -> Iterator[None]:
        """Say what this process is at, for as long as the block lasts."""
        cls._turn_to(job, chunk)
        try:
            yield
        finally:
            cls._turn_to("", None)

    @classmethod
    def device_kind(cls) -> str:
        """`cuda` or `cpu`; before it has painted, by the name of its slot."""
        return device_kind(cls.device, this().name)

    def start(self) -> None:
        """Begin to report."""
        # What its parent did before it was forked is not this worker's time.
        Presence._counted = time.monotonic()
        self._thread.start()

    @classmethod
    def _turn_to(cls, job: str, chunk: int | str | None) -> None:
        cls.count_seconds()
        cls.job, cls.chunk = job, chunk
        cls.doing = f"{job} {'stitch' if chunk == STITCH else f'chunk {chunk}'}" if job else _WAITING

    @classmethod
    def count_seconds(cls) -> None:
        """Count the seconds since the last time: an hour's training is an hour in small pieces."""
        with cls._counting:
            now = time.monotonic()
            seconds, cls._counted = now - cls._counted, now
            doing = "wait" if not cls.job else "stitch" if cls.chunk == STITCH else "render"
        count("atelier_worker_seconds_total", seconds, device=cls.device_kind(), doing=doing)

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self._report()
                self._listen()
                self.count_seconds()
                flush(connect()[0])
            except AtelierError as error:
                self._heard = time.monotonic()
                log.warning("presence not reported: %s", error)
            except Exception:
                # A worker that others believe dead for a bug in its report would lose its chunks.
                log.exception("presence not reported")
            pause.wait(EVERY_S)

    def _report(self) -> None:
        taken, total = Presence.device_memory()
        connect()[0].report_worker(
            WorkerInfo(
                slot=self._slot.name,
                host=self._slot.host,
                pid=os.getpid(),
                device=Presence.device,
                queues=self._slot.queues,
                doing=Presence.doing,
                job=Presence.job,
                chunk=Presence.chunk,
                model=Presence.models(),
                memory=_memory(),
                device_memory=taken,
                device_memory_total=total,
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


def _memory() -> int:
    """Bytes of this process that are in memory; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    except (OSError, ValueError):
        return 0
