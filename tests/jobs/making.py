"""Small jobs made by hand, for tests of what happens to jobs and not of how they are planned."""

from __future__ import annotations

import time
from collections.abc import Iterable

from jobs.ledger import Ledger
from jobs.records import Plan, Receipt, Result

LEASE_S = 30.0


def make_plan(
    job: str = "film-1",
    *,
    kind: str = "film",
    chunks: int = 4,
    size: int = 10,
    priority: int = 5,
    output: str = "/out",
    first: int = 1,
) -> Plan:
    """A plan of equal chunks that nobody could render."""
    return Plan(
        job=job,
        kind=kind,
        priority=priority,
        queue="gpu",
        fingerprint="f",
        frames=chunks * size,
        first=first,
        chunks=tuple((n * size, (n + 1) * size) for n in range(chunks)),
        deliver=("png",),
        output=output,
        stem="film",
        inputs={},
    )


def make_receipt(plan: Plan, chunk: int, *, generation: int = 1, wall_s: float = 2.0, worker: str = "a") -> Receipt:
    """A receipt that names no frames."""
    start, stop = plan.chunks[chunk]
    return Receipt(
        job=plan.job,
        chunk=chunk,
        generation=generation,
        start=start,
        stop=stop,
        token=1,
        worker=worker,
        device="cpu",
        frames=(),
        timings={"wall_s": wall_s},
    )


def make_result(plan: Plan, *, generation: int = 1) -> Result:
    """The result of a job that delivered nothing."""
    return Result(
        job=plan.job,
        generation=generation,
        frames=plan.frames,
        frames_sha256="0",
        deliverables=(),
        models=(),
        submitted_at="",
        finished_at="",
        compute_s=1.0,
    )


class Hand:
    """A ledger driven by hand: each call says only what its test is about."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def create(self, plan: Plan, *, done: Iterable[int] = (), generation: int = 1, **options: bool) -> bool:
        """Enter the plan with some chunks done."""
        ready = set(done)
        flags = [chunk in ready for chunk in range(len(plan.chunks))]
        return self.ledger.create(plan, generation=generation, done=flags, submitted=time.time(), **options)

    def reserve(self, window: int = 100) -> list[int]:
        """The chunks that were chosen; of one job, as a rule."""
        return [chosen.chunk for chosen in self.ledger.reserve("gpu", window=window, limit=64)]

    def acquire(
        self, chunk: int | str, slot: str = "a", *, job: str = "film-1", generation: int = 1, lease_s: float = LEASE_S
    ) -> tuple[int | None, str]:
        """Lease a chunk: (token, 'ok') or (None, why not)."""
        return self.ledger.acquire(job, chunk, generation, slot=slot, lease_s=lease_s)

    def token(self, chunk: int | str, slot: str = "a", *, lease_s: float = LEASE_S) -> int:
        """Lease a chunk that must be free."""
        token, why = self.acquire(chunk, slot, lease_s=lease_s)
        assert token is not None, why
        return token

    def tick(
        self,
        chunk: int | str,
        token: int,
        slot: str = "a",
        *,
        frames: int = 0,
        generation: int = 1,
        lease_s: float = LEASE_S,
    ) -> str:
        """Renew a lease."""
        return self.ledger.tick("film-1", chunk, generation, token=token, slot=slot, lease_s=lease_s, frames=frames)

    def complete(
        self, chunk: int, *, job: str = "film-1", generation: int = 1, frames: int = 10, seconds: float = 2.0
    ) -> str:
        """Count a chunk as done."""
        return self.ledger.complete(job, chunk, generation, frames=frames, seconds=seconds)

    def give_back(self, chunk: int | str, token: int | None, *, failed: bool = False, generation: int = 1) -> int:
        """Give a chunk back."""
        return self.ledger.give_back("film-1", chunk, generation, token=token, failed=failed)

    def lose_lease(self, chunk: int | str, *, job: str = "film-1") -> None:
        """What time does to the lease of a dead worker."""
        self.ledger.redis.delete(f"{self.ledger.prefix}lease:{job}:{chunk}")

    def wipe(self) -> None:
        """Redis loses its memory."""
        self.ledger.redis.flushall()

    def state(self, job: str = "film-1") -> str:
        """The job's state."""
        return self.ledger.state(job)
