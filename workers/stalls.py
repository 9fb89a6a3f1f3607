"""Jobs that stand still: they have work to do, and nothing of it has been done for `stalled_s`. Told once each time.

When something of a job was done last is in the ledger (lua/keys.lua, `move`): a chunk, or frames that no attempt had
come to before, or a step of long work. So a job whose chunks fail at the same place again and again, for a store is
away, stands still as well as one that no worker is there for. A paused job has no work to do.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from jobs.config import Settings
from jobs.ledger import Glance, Ledger
from jobs.logs import work as logged
from jobs.truth import Truth
from jobs.webhooks.announce import announce_stall

log = logging.getLogger(__name__)

_AT_WORK = ("running", "stitching")


class Stalls:
    """Finds such jobs and tells of them."""

    def __init__(self, truth: Truth, ledger: Ledger, config: Settings) -> None:
        self._truth, self._ledger, self._config = truth, ledger, config

    def is_new(self, seen: Glance) -> bool:
        """Whether the job stands still, and nobody has been told yet."""
        return seen.state in _AT_WORK and seen.idle_s > self._config.stalled_s and not seen.stall_is_told

    def tell(self, job: str) -> bool:
        """Tell whom it concerns, and people who look. True if it was told. Raises: JobNotFound, TransientError."""
        seen = self._ledger.glance([job]).get(job)
        if seen is None or not self.is_new(seen):
            return False
        why = self._why(job, seen)
        # Several reconcilers say the same moment, so that it is told once.
        since = datetime.fromtimestamp(seen.moved, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        generation = self._truth.current(job).number
        announce_stall(job, generation, since, self._truth, self._config, state=seen.state, reason=why)
        self._ledger.note_stall(job)
        self._ledger.record(job, f"no progress for {_duration(seen.idle_s)}: {why}")
        with logged.at(job):
            log.warning("%s: no progress for %s: %s", job, _duration(seen.idle_s), why)
        return True

    def _why(self, job: str, seen: Glance) -> str:
        """As far as the ledger can tell."""
        queue = "cpu" if seen.state == "stitching" else seen.queue
        serving = [worker for worker in self._ledger.workers() if queue in worker.queues]
        if not serving:
            return f"no worker is alive that serves the queue {queue!r}"
        mine = [worker.slot for worker in serving if worker.job == job]
        if mine:
            return f"it is in the hands of {', '.join(mine[:8])}, where nothing comes of it"
        last = self._last_failure(job)
        if last:
            return f"its chunks fail; the last time: {last}"
        if all(worker.job for worker in serving):
            return f"every worker of the queue {queue!r} is busy with other jobs"
        return f"workers of the queue {queue!r} are idle, and take none of it; `atelier explain {job}` may tell more"

    def _last_failure(self, job: str) -> str:
        told = [f"{event['what']}" for event in self._ledger.events(job)]
        return told[-1].removeprefix("failed: ") if told and told[-1].startswith("failed: ") else ""


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
