"""A store, a Redis and a queue without workers: the tests say what the workers did."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from jobs.config import Settings
from jobs.control import enter
from jobs.dispatch import dispatch
from jobs.ledger import Ledger
from jobs.queue import Queue
from jobs.records import Plan
from jobs.snapshot import Snapshot
from jobs.truth import Truth
from tests.jobs.making import make_receipt, make_result
from workers.reconcile import Findings, Reconciler


@dataclass(frozen=True)
class Deployment:
    """Where jobs live, and hands in place of workers."""

    truth: Truth
    ledger: Ledger
    queue: Queue
    settings: Settings

    def accept(self, plan: Plan) -> None:
        """Enter a job as a submission does, and publish its first chunks."""
        self.truth.accept(plan, {"kind": "film"})
        enter(plan, self.truth, self.ledger)
        dispatch(self.ledger, self.queue, ahead=self.settings.window)

    def store_receipt(self, plan: Plan, chunk: int, *, generation: int = 1) -> None:
        """A worker rendered a chunk and died before the ledger heard of it."""
        self.truth.put_receipt(make_receipt(plan, chunk, generation=generation))

    def finish(self, plan: Plan, chunk: int, *, generation: int = 1) -> str:
        """A worker rendered a chunk."""
        self.store_receipt(plan, chunk, generation=generation)
        return self.ledger.complete(plan.job, chunk, generation, frames=10, seconds=2.0)

    def publish_result(self, plan: Plan, *, generation: int = 1) -> None:
        """A stitcher finished the job and died before the ledger heard of it."""
        self.truth.put_result(make_result(plan, generation=generation))

    def kill_worker(self, job: str, chunk: int | str, *, slot: str = "a") -> None:
        """A worker takes a chunk and is never heard of again."""
        token, why = self.ledger.acquire(job, chunk, self.truth.current(job).number, slot=slot, lease_s=60)
        assert token is not None, why
        self.ledger.redis.delete(f"{self.ledger.prefix}lease:{job}:{chunk}")

    def look(self, **changes: Any) -> Findings:
        """One look of a reconciler that has just been started."""
        config = self.settings.model_copy(update=changes)
        return Reconciler(self.truth, self.ledger, self.queue, config).look()

    def wipe(self) -> None:
        """Redis loses its memory."""
        self.ledger.redis.flushall()

    def messages(self, queue: str = "gpu") -> list[dict[str, Any]]:
        """The messages in a queue, the oldest first, as they lie in Redis."""
        return [json.loads(line) for line in reversed(self.ledger.redis.lrange(f"{self.ledger.prefix}{queue}", 0, -1))]

    def take(self, queue: str = "gpu") -> list[list[Any]]:
        """The arguments of each message in a queue, which is empty afterwards."""
        taken = [json.loads(base64.b64decode(message["body"]))[0] for message in self.messages(queue)]
        self.ledger.redis.delete(f"{self.ledger.prefix}{queue}")
        return taken

    def seen(self, job: str = "film-1") -> Snapshot:
        """What the ledger says of a job that it knows."""
        snapshot = self.ledger.snapshot(job)
        assert snapshot is not None
        return snapshot
