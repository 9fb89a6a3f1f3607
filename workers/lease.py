"""A chunk's lease while a worker holds it: renewed by a thread, checked between batches."""

from __future__ import annotations

import logging
import threading

from jobs.ledger import Ledger
from pipeline.errors import AtelierError, HandedBack, JobHalted, LeaseLost
from workers import draining

log = logging.getLogger(__name__)


class Lease:
    """One held chunk (or stitch). Use as a context manager.

    While Redis is away the work goes on: the receipt in storage decides in the end.
    """

    def __init__(
        self, ledger: Ledger, job: str, chunk: int | str, generation: int, *, token: int, slot: str, lease_s: float
    ) -> None:
        self._ledger = ledger
        self.job, self.chunk, self.generation = job, chunk, generation
        self.token = token
        self._slot, self._lease_s = slot, lease_s
        self._frames = 0
        self._note = ""
        self._verdict = "ok"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def check(self, frames: int, note: str = "") -> None:
        """Report progress, and stop if there is reason to: call between batches. `note` is for people.

        Raises: LeaseLost, JobHalted, HandedBack.
        """
        self._frames, self._note = frames, note
        if draining.has_begun():
            raise HandedBack(f"{self.job} chunk {self.chunk}: this worker is shutting down")
        self._tick()
        match self._verdict:
            case "ok" | "gone":
                return
            case "lost":
                raise LeaseLost(f"{self.job} chunk {self.chunk}: another worker holds it now")
            case why:
                raise JobHalted(f"{self.job} chunk {self.chunk}: the job is {why}")

    def _beat(self) -> None:
        while not self._stop.wait(self._lease_s / 4):
            self._tick()

    def _tick(self) -> None:
        try:
            self._verdict = self._ledger.tick(
                self.job,
                self.chunk,
                self.generation,
                token=self.token,
                slot=self._slot,
                lease_s=self._lease_s,
                frames=self._frames,
                note=self._note,
            )
        except AtelierError as error:
            log.warning("%s chunk %s: lease not renewed: %s", self.job, self.chunk, error)
