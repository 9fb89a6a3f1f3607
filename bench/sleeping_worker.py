"""A worker whose model only sleeps: everything else is the real worker's code, and torch is never imported.

Run by bench/scale.py in the place of `workers.app`. For each chunk it writes down when what happened, by the clock that
all processes of a machine share: into $BENCH_NOTES/<pid>, one `Note` a chunk.
"""

from __future__ import annotations

import os
import random
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from jobs.ledger import Ledger
from jobs.records import Plan, Receipt, Result
from jobs.snapshot import STITCH
from jobs.truth import Truth, now

_FORM = struct.Struct("<IIIIddddd")

NOTE_BYTES = _FORM.size
"""What a note takes in its file."""


class Note(NamedTuple):
    """One chunk in a worker's hands. Times are time.monotonic(), in seconds."""

    job: int
    chunk: int
    begun: int
    """Chunks that this process has begun to paint so far, this one included."""
    counted: int
    """1 if the ledger counted the chunk now, 0 if it had done so before."""
    asked: float
    """Its message was there, and the ledger is asked for the lease."""
    leased: float
    started: float
    """The plan is read, and whatever a process needs for its first chunk is there."""
    painted: float
    completed: float
    """The receipt is stored, and the ledger knows."""

    @property
    def painting_s(self) -> float:
        """How long the model slept: what the ledger is told, and charges the job with."""
        return self.painted - self.started


def read_notes(path: Path) -> Iterator[Note]:
    """What one process wrote down, in order; what it is only just writing is left out."""
    data = path.read_bytes()
    whole = len(data) - len(data) % NOTE_BYTES
    return (Note(*fields) for fields in _FORM.iter_unpack(data[:whole]))


def job_name(number: int) -> str:
    """How the benchmark calls its jobs."""
    return f"sleep-{number:05d}"


class Diary:
    """Writes this process's notes."""

    def __init__(self) -> None:
        self.begun = 0
        self.asked = self.leased = self.started = self.painted = 0.0

    def write(self, job: str, chunk: int, *, counted: bool) -> None:
        """The chunk is completed."""
        number = int(job.rpartition("-")[2])
        times = self.asked, self.leased, self.started, self.painted, time.monotonic()
        note = _FORM.pack(number, chunk, self.begun, counted, *times)
        # Opened after the fork, one file a process.
        with open(Path(os.environ["BENCH_NOTES"]) / str(os.getpid()), "ab") as file:
            file.write(note)


diary = Diary()


class SleepingRenderer:
    """In the place of workers.render's: sleeps, and writes a real receipt for a chunk without pictures."""

    device = "none"
    models = ""

    def __init__(self, truth: Truth, config: object, slot: str) -> None:
        self._truth, self._slot = truth, slot
        self._sleep_s = float(os.environ.get("BENCH_SLEEP_S", "0"))

    @staticmethod
    def device_memory() -> tuple[int, int]:
        """It has no GPU."""
        return 0, 0

    def render(self, plan: Plan, chunk: int, generation: int, lease: Any, history: tuple[str, ...]) -> Receipt:
        """The receipt, stored."""
        diary.begun += 1
        diary.started = time.monotonic()
        if self._sleep_s:
            # Not all for as long: else the workers of one machine wake at once, for ever, and queue for its cores.
            time.sleep(self._sleep_s * random.uniform(0.5, 1.5))
        start, stop = plan.chunks[chunk]
        lease.check(stop - start)
        diary.painted = time.monotonic()
        receipt = Receipt(
            job=plan.job,
            chunk=chunk,
            generation=generation,
            start=start,
            stop=stop,
            token=lease.token,
            worker=self._slot,
            device=self.device,
            frames=(),
            timings={"wall_s": diary.painted - diary.started},
            finished_at=now(),
            history=history,
        )
        self._truth.put_receipt(receipt)
        return receipt


class MissingReceipt(Exception):
    """A stitch came before every receipt was there: bench/scale.py sees that its job is not finished."""

    chunk = -1


class SleepingStitcher:
    """In the place of workers.stitch's: sees that every receipt is there, and publishes a result without pictures."""

    def __init__(self, plan: Plan, generation: int, truth: Truth, config: object, lease: object) -> None:
        self._plan, self._generation, self._truth = plan, generation, truth

    def stitch(self) -> None:
        """Publish the result. Raises: MissingReceipt."""
        plan, truth = self._plan, self._truth
        missing = [chunk for chunk, there in enumerate(truth.done(plan.job, len(plan.chunks))) if not there]
        if missing:
            error = MissingReceipt(f"chunk {missing[0]} has no receipt")
            error.chunk = missing[0]
            raise error
        result = Result(
            job=plan.job,
            generation=self._generation,
            frames=plan.frames,
            frames_sha256="",
            deliverables=(),
            models=(),
            submitted_at=truth.submitted_at(plan.job),
            finished_at=now(),
            compute_s=0.0,
        )
        truth.put_result(result)
        truth.retire(plan.job, self._generation)


def _stand_in(name: str, **contents: object) -> None:
    """Put our own in the place of a module that would import torch, for the tasks and the warm-up to find."""
    module = ModuleType(name)
    module.__dict__.update(contents)
    sys.modules[name] = module


class WatchedLedger(Ledger):
    """The ledger, with a note of when chunks are asked for, leased and completed."""

    def acquire(self, job: str, chunk: int | str, generation: int, **options: Any) -> tuple[int | None, str]:
        """As the ledger does."""
        asked = time.monotonic()
        answer = super().acquire(job, chunk, generation, **options)
        if chunk != STITCH:
            diary.asked, diary.leased = asked, time.monotonic()
        return answer

    def complete(self, job: str, chunk: int, generation: int, **options: Any) -> str:
        """As the ledger does."""
        answer = super().complete(job, chunk, generation, **options)
        diary.write(job, chunk, counted=answer in ("ok", "last"))
        return answer


def main() -> Any:
    """The Celery application of such a worker."""
    import jobs.queue

    _stand_in("workers.render", Renderer=SleepingRenderer)
    _stand_in("workers.stitch", Stitcher=SleepingStitcher, MissingReceipt=MissingReceipt)
    jobs.queue.Ledger = WatchedLedger  # type: ignore[misc]
    from workers.app import app

    return app


if "BENCH_NOTES" in os.environ:
    app = main()
