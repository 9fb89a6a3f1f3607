"""A worker whose chunks are empty: it leases, writes a receipt, completes and dispatches, and paints nothing.

Run by bench/queue.py as `celery -A bench.empty_worker worker`.
"""

from __future__ import annotations

import workers.tasks
from jobs.open import open_truth
from jobs.records import Plan, Receipt
from jobs.truth import now
from workers import counting
from workers.app import app
from workers.lease import Lease

__all__ = ["app"]


class EmptyRenderer:
    """Writes a real receipt for a chunk without frames."""

    def render(self, plan: Plan, chunk: int, generation: int, lease: Lease, history: tuple[str, ...]) -> Receipt:
        """The receipt, stored."""
        start, stop = plan.chunks[chunk]
        receipt = Receipt(
            job=plan.job,
            chunk=chunk,
            generation=generation,
            start=start,
            stop=stop,
            token=lease.token,
            worker="empty",
            device="none",
            frames=(),
            timings={"wall_s": 0.001},
            finished_at=now(),
            history=history,
        )
        counting.rendered(plan, receipt, is_ours=open_truth().put_receipt(receipt))
        return receipt


workers.tasks._renderer = EmptyRenderer  # type: ignore[assignment]
