"""The reconciler: makes the ledger agree with storage, and gives out again what nobody works on.

Any number may run; every step is safe to do twice. One look:

    1. every active job in storage is in the ledger, else it is entered again with the receipts it has
    2. what ended in storage has ended in the ledger
    3. chunks done in storage are done in the ledger
    4. chunks whose worker died, and messages that got lost, are published again
    5. a job with every receipt is being stitched
    6. a job that has stood still for long is told to whom it concerns

Steps 1 and 3 read a job's records and list its receipts. That is done at once where the ledger shows something amiss,
and otherwise by turns (turns.py), so that a look costs about the same in a farm of any size.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from jobs.config import Settings, settings
from jobs.control import enter, fail, publish_stitch
from jobs.dispatch import dispatch
from jobs.ledger import Glance, Ledger, Overdue
from jobs.logs import lines
from jobs.logs import work as logged
from jobs.logs.setup import set_up_logs
from jobs.metrics.flush import Flusher
from jobs.metrics.storage import count_storage
from jobs.metrics.tally import count, observe
from jobs.open import open_truth
from jobs.queue import Queue, connect
from jobs.snapshot import FINAL, STITCH
from jobs.truth import Truth
from jobs.webhooks.announce import announce
from pipeline.errors import AtelierError, IntegrityError, JobNotFound, ObjectNotFound
from workers.isolate import MOST_FAILURES, can_isolate
from workers.postman import Postman
from workers.stalls import Stalls
from workers.sweeper import Sweeper
from workers.turns import Turns

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Findings:
    """What one look found and did."""

    entered: int = 0
    """Jobs that the ledger had forgotten."""
    ended: int = 0
    """Jobs that had ended without the ledger knowing."""
    counted: int = 0
    """Chunks done in storage that the ledger did not know of."""
    republished: int = 0
    """Chunks and stitches whose worker died or whose message was lost."""


class Reconciler:
    """Looks at storage and the ledger, and mends the difference."""

    def __init__(self, truth: Truth, ledger: Ledger, queue: Queue, config: Settings) -> None:
        self._truth, self._ledger, self._queue, self._config = truth, ledger, queue, config
        self._turns = Turns()
        self._stalls = Stalls(truth, ledger, config)

    def look(self) -> Findings:
        """One round. Raises: TransientError if Redis or the store is away."""
        active = self._truth.active()
        overdue = self._overdue()
        seen = self._ledger.glance(active)
        closely = self._closely(active, seen, {item.job for item in overdue})
        entered = self._each(closely, self._enter)
        known = set(active)
        ended = self._each([job for job in self._ledger.jobs() if job not in known], self._end)
        counted = self._each(closely, self._count)
        # What was counted or entered just now is overdue no more.
        republished = sum(self._give_back(item) for item in (self._overdue() if overdue else ()))
        near = set(closely)
        self._each([job for job in active if job in near or seen[job].has_failures], self._condemn)
        self._each([job for job in active if job in near or _awaits_stitch(seen[job])], self._stitch)
        self._each([job for job in active if job in seen and self._stalls.is_new(seen[job])], self._stalls.tell)
        dispatch(self._ledger, self._queue, ahead=self._config.window)
        return Findings(entered, ended, counted, republished)

    def _overdue(self) -> list[Overdue]:
        return self._ledger.overdue(self._config.published_s, longest_lease_s=2 * self._config.lease_s)

    def _closely(self, active: list[str], seen: Mapping[str, Glance], overdue: set[str]) -> list[str]:
        """The jobs whose records are read and whose receipts are listed now: where something is amiss, and by turns."""
        turn = self._turns.choose({job: seen[job].chunks_done if job in seen else 0 for job in active})
        return [job for job in active if job in turn or job in overdue or job not in seen or seen[job].state in FINAL]

    def _each(self, jobs: list[str], step: Callable[[str], int]) -> int:
        """The sum of a step over jobs. A job whose records are gone or damaged holds up no other."""
        total = 0
        for job in jobs:
            try:
                total += step(job)
            except (JobNotFound, ObjectNotFound, IntegrityError) as error:
                log.error("%s: its records cannot be used: %s", job, error)
        return total

    def _enter(self, job: str) -> bool:
        try:
            generation = self._truth.current(job).number
            if self._truth.is_over(job, generation):
                # Whoever ended it may have died before he could say so.
                announce(job, generation, self._truth, self._config)
                self._truth.retire(job, generation)
                return False
            # A steer that broke off between storage and ledger left the job ended here and alive there.
            is_over = self._ledger.state(job) in FINAL
            if self._ledger.knows(job, generation) and not is_over:
                return False
            enter(self._truth.plan(job), self._truth, self._ledger, force=is_over)
        except (JobNotFound, ObjectNotFound):
            # Deleted by its owner between two looks.
            self._truth.retire(job, 0)
            return False
        with logged.at(job):
            log.warning("%s: the ledger had forgotten it; entered again from storage", job)
        self._ledger.record(job, "the ledger had forgotten the job; it was entered again from storage")
        return True

    def _end(self, job: str) -> bool:
        """End a job in the ledger that storage says is over. A job that is only just being accepted stays."""
        try:
            generation = self._truth.current(job).number
        except JobNotFound:
            return False
        ending = self._truth.ending(job, generation)
        if ending is not None:
            self._ledger.end(job, ending.state, generation=generation, error=ending.reason)
        elif self._truth.result(job, generation) is not None:
            self._ledger.end(job, "done", generation=generation)
        else:
            return False
        return True

    def _count(self, job: str) -> int:
        plan = self._truth.plan(job)
        generation = self._truth.current(job).number
        stored = self._truth.counting(job, len(plan.chunks))
        known = self._ledger.done_chunks(job, len(plan.chunks))
        missed = [(chunk, by) for chunk, by in enumerate(stored) if by is not None and not known[chunk]]
        for chunk, by in missed:
            start, stop = plan.chunks[chunk]
            receipt = self._truth.receipt(job, chunk, by)
            seconds = receipt.timings.get("wall_s", 0.0) if receipt and not receipt.recalled else 0.0
            self._ledger.complete(job, chunk, generation, frames=stop - start, seconds=seconds)
        return len(missed)

    def _condemn(self, job: str) -> bool:
        """Fail a job with a chunk that crashes one worker again and again: such messages come back by themselves."""
        seen = self._ledger.snapshot(job)
        if seen is None or seen.is_final:
            return False
        for chunk, failures in seen.failures.items():
            if self._condemns(job, chunk, failures):
                self._fail(job, chunk, seen.generation, failures)
                return True
        return False

    def _condemns(self, job: str, chunk: int | str, failures: int) -> bool:
        """Whether that is enough. A chunk whose frames can be told apart is looked through for the one that kills."""
        if chunk != STITCH and can_isolate(self._truth.plan(job)):
            return failures > MOST_FAILURES + self._config.max_attempts
        return failures >= self._config.max_attempts

    def _stitch(self, job: str) -> bool:
        return publish_stitch(job, self._truth, self._ledger, self._queue)

    def _fail(self, job: str, chunk: int | str, generation: int, failures: int) -> None:
        name = "the stitch" if chunk == STITCH else f"chunk {chunk}"
        reason = f"{name} killed its worker {failures} times; look at the worker's log for what it died of"
        fail(job, generation, reason, self._truth, self._ledger)

    def _give_back(self, item: Overdue) -> bool:
        died = item.cause == "died"
        what = "the worker on it died" if died else "its message was lost"
        failures = self._ledger.give_back(item.job, item.chunk, item.generation, token=None, failed=died)
        if failures < 0:
            return False
        count("atelier_retries_total", cause="expired" if died else "message_lost")
        if died:
            count("atelier_leases_expired_total")
        with logged.at(item.job, item.chunk):
            log.warning("%s %s: %s; published again", item.job, _name(item.chunk), what)
        self._ledger.record(item.job, f"{what}; published again", chunk=item.chunk)
        if self._condemns(item.job, item.chunk, failures):
            self._fail(item.job, item.chunk, item.generation, failures)
        return True


def _name(chunk: int | str) -> str:
    return "stitch" if chunk == STITCH else f"chunk {chunk}"


def _awaits_stitch(seen: Glance) -> bool:
    return seen.state == "stitching" and not seen.stitch_is_published


def main() -> None:
    """Look every `reconcile_s` until told to stop (SIGTERM, SIGINT). Raises: ConfigError before the first look."""
    set_up_logs("reconciler")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ledger, queue = connect()
    count_storage()
    lines.keep("reconciler")
    with Flusher(lambda: ledger):
        _look_on(stop, ledger, queue, settings())


def _look_on(stop: threading.Event, ledger: Ledger, queue: Queue, config: Settings) -> None:
    reconciler: Reconciler | None = None
    sweeper: Sweeper | None = None
    postman: Postman | None = None
    while not stop.is_set():
        try:
            reconciler = reconciler or Reconciler(open_truth(), ledger, queue, config)
            log.info("looked: %s", _counted(reconciler))
            sweeper = sweeper or Sweeper(open_truth(), config)
            sweeper.tick()
            postman = postman or Postman(open_truth(), config)
            postman.tick()
        except AtelierError as error:
            # Rights that somebody took away may be given back.
            log.warning("not looked: %s", error)
            count("atelier_reconciler_looks_total", outcome="failed")
        stop.wait(config.reconcile_s)
    if postman is not None:
        postman.leave()


def _counted(reconciler: Reconciler) -> Findings:
    """One look, and how long it took."""
    begun = time.perf_counter()
    findings = reconciler.look()
    observe("atelier_reconciler_look_seconds", time.perf_counter() - begun)
    count("atelier_reconciler_looks_total", outcome="done")
    for what, number in asdict(findings).items():
        if number:
            count("atelier_reconciler_repairs_total", number, what=what)
    return findings


if __name__ == "__main__":
    main()
