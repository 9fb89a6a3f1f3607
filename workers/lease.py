"""A chunk's lease while a worker holds it: renewed by a thread, checked between batches.

The same thread notices work that hangs: a decode, an upload or a GPU call that never comes back cannot be interrupted,
so the chunk is given up and the process ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from jobs.ledger import Ledger
from jobs.metrics.tally import count
from pipeline.errors import AtelierError, HandedBack, JobHalted, LeaseLost
from pipeline.stream import Stopwatch
from workers import stages

log = logging.getLogger(__name__)

_LEAST_S = 30.0
"""A machine may be that busy with other things."""
_WORTH_A_WORD_S = 15.0
"""After so long without a step, people are told."""


@dataclass(frozen=True)
class Patience:
    """How long work may go on; all in seconds, None where there is no limit."""

    step_s: float | None = None
    """From one step to the next, where it may be long: loading a model, the end of an upload."""
    frame_s: float | None = None
    """From one batch to the next, once frames come."""
    chunk_s: float | None = None
    """All in all."""

    @classmethod
    def of(cls, pace_s: float | None, frames: int, stall_s: float) -> Patience:
        """For a chunk of so many frames, if a frame of its job takes `pace_s` as far as is known."""
        if pace_s is None:
            return cls(step_s=stall_s, frame_s=stall_s)
        return cls(
            step_s=stall_s,
            frame_s=min(stall_s, max(_LEAST_S, 100 * pace_s)),
            chunk_s=max(2 * stall_s, 20 * pace_s * frames),
        )

    def lost(self, begun: float, stepped: float, *, in_frames: bool) -> str:
        """Why it is over, by time.monotonic(); empty while it is not."""
        now = time.monotonic()
        step_s = self.frame_s if in_frames else self.step_s
        if step_s is not None and now - stepped > step_s:
            return f"no step for {now - stepped:.0f} s"
        if self.chunk_s is not None and now - begun > self.chunk_s:
            return f"not done after {now - begun:.0f} s, when others took a twentieth"
        return ""


class Lease:
    """One held chunk (or stitch). Use as a context manager.

    While Redis is away the work goes on: the receipt in storage decides in the end.
    """

    def __init__(
        self,
        ledger: Ledger,
        job: str,
        chunk: int | str,
        generation: int,
        *,
        token: int,
        slot: str,
        lease_s: float,
        patience: Patience | None = None,
        stuck: Callable[[str], None] = lambda why: None,
    ) -> None:
        """`stuck(why)` is called from the lease's thread when the work has made no step for too long."""
        self._ledger, self._stuck = ledger, stuck
        self.job, self.chunk, self.generation = job, chunk, generation
        self.token = token
        self._slot, self._lease_s = slot, lease_s
        self._frames = 0
        self._note = self._told = ""
        self._verdict = "ok"
        self._patience = patience or Patience()
        self._begun = self._stepped = time.monotonic()
        self._in_frames = False
        self._watch: Stopwatch | None = None
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
        self._in_frames = self._in_frames or frames > 0
        self._frames, self._note, self._stepped = frames, note, time.monotonic()
        if stages.ends():
            raise HandedBack(f"{self.job} chunk {self.chunk}: this worker is shutting down")
        self._tick()
        match self._verdict:
            case "ok" | "gone":
                return
            case "lost":
                raise LeaseLost(f"{self.job} chunk {self.chunk}: another worker holds it now")
            case why:
                raise JobHalted(f"{self.job} chunk {self.chunk}: the job is {why}")

    def follow(self, watch: Stopwatch) -> None:
        """From now on this stopwatch knows what the work is at."""
        self._watch = watch

    def finishing(self) -> None:
        """The last frame is painted; what follows may take longer than a frame does."""
        self._in_frames, self._stepped = False, time.monotonic()

    def _beat(self) -> None:
        while not self._stop.wait(self._lease_s / 4):
            why = self._patience.lost(self._begun, self._stepped, in_frames=self._in_frames)
            if why and not self._stop.is_set():
                self._stuck(f"{why}, at frame {self._frames}{self._stage()}")
            self._tick()

    def _stage(self) -> str:
        longest = self._watch.longest(but="wall_s") if self._watch else None
        return f", in {longest[0].removesuffix('_s')} for {longest[1]:.0f} s" if longest else ""

    def _standing(self) -> str:
        idle = time.monotonic() - self._stepped
        if idle < _WORTH_A_WORD_S:
            return self._note
        return f"{self._note} · no step for {idle:.0f} s{self._stage()}".removeprefix(" · ")

    def _tick(self) -> None:
        note = self._note
        try:
            self._verdict = self._ledger.tick(
                self.job,
                self.chunk,
                self.generation,
                token=self.token,
                slot=self._slot,
                lease_s=self._lease_s,
                frames=self._frames,
                note=self._standing(),
                moved=note != self._told,
            )
            self._told = note
        except AtelierError as error:
            count("atelier_leases_unrenewed_total")
            log.warning("%s chunk %s: lease not renewed: %s", self.job, self.chunk, error)
