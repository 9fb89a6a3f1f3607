"""A worker's presence: every few seconds it tells the ledger that it lives and what it does."""

from __future__ import annotations

import logging
import os
import threading

from jobs.ledger import WorkerInfo
from jobs.queue import connect
from pipeline.errors import QueueUnavailable
from workers.slot import Slot

log = logging.getLogger(__name__)

_EVERY_S = 3.0


class Presence:
    """Reports one slot from a thread of its own."""

    doing = "waiting"
    """What the process is at; the task sets it."""
    device = ""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
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
            except QueueUnavailable as error:
                log.warning("presence not reported: %s", error)
            pause.wait(_EVERY_S)
