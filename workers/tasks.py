"""The two Celery tasks, and what follows when one goes wrong.

Interrupted       the chunk goes back, nothing is wrong
InputError        the job fails with the reason: retrying cannot help
anything else     the chunk is tried again, elsewhere if possible; after `max_attempts` the job fails
worker death      the lease runs out and the reconciler gives the chunk to another worker
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from celery import shared_task

from jobs.config import settings
from jobs.control import enter, fail
from jobs.dispatch import dispatch, send_stitch
from jobs.open import open_truth
from jobs.queue import RENDER, STITCH_TASK, connect
from jobs.records import Plan
from jobs.snapshot import STITCH
from pipeline.errors import (
    AtelierError,
    ConfigError,
    InputError,
    Interrupted,
    JobNotFound,
    QueueUnavailable,
    StorageUnavailable,
    TransientError,
)
from workers import slot
from workers.health import Presence
from workers.lease import Lease

if TYPE_CHECKING:
    from workers.render import Renderer

log = logging.getLogger(__name__)

_KEPT_LOSING = 4
"""Times `max_attempts` that a chunk is rendered again because the store lost it."""

_SAID = 300
"""Characters of another's error that are repeated."""

_STORAGE_PAUSE_S = 3.0
"""How long a worker waits before it gives a chunk back because the store is away."""


@shared_task(name=RENDER, acks_late=True, reject_on_worker_lost=True)
def render(job: str, chunk: int, generation: int) -> None:
    """Render one chunk, if nobody has, and publish the next ones."""
    with _left_to_the_reconciler(f"{job} chunk {chunk}"):
        _with_lease(job, chunk, generation, _render_leased)
        ledger, queue = connect()
        dispatch(ledger, queue, ahead=settings().window)


@shared_task(name=STITCH_TASK, acks_late=True, reject_on_worker_lost=True)
def stitch(job: str, generation: int) -> None:
    """Make a job's deliverables, if nobody has."""
    with _left_to_the_reconciler(f"{job} stitch"):
        _with_lease(job, STITCH, generation, _stitch_leased)


@contextmanager
def _left_to_the_reconciler(what: str) -> Iterator[None]:
    """Redis or the store went away in between: what is stored counts, and the reconciler goes on from it."""
    try:
        yield
    except TransientError as error:
        log.warning("%s: %s; the reconciler goes on from storage", what, error)


def _with_lease(job: str, chunk: int | str, generation: int, work: Callable[[Lease], None]) -> None:
    ledger, _ = connect()
    me = slot.this().name
    token, why = ledger.acquire(job, chunk, generation, slot=me, lease_s=settings().lease_s)
    if token is None:
        log.info("%s %s: not done here: %s", job, _name(chunk), why)
        return
    Presence.doing = f"{job} {_name(chunk)}"
    try:
        with Lease(ledger, job, chunk, generation, token=token, slot=me, lease_s=settings().lease_s) as lease:
            work(lease)
    except Exception as error:
        _recover(job, chunk, generation, token, error)
    finally:
        Presence.doing = "waiting"


def _render_leased(lease: Lease) -> None:
    job, chunk, generation = lease.job, int(lease.chunk), lease.generation
    receipt = _renderer().render(_plan(job), chunk, generation, lease, _history(job, chunk))
    ledger, queue = connect()
    seconds = receipt.timings.get("wall_s", 0.0)
    if ledger.complete(job, chunk, generation, frames=receipt.stop - receipt.start, seconds=seconds) == "last":
        send_stitch(ledger, queue, job, generation)


def _stitch_leased(lease: Lease) -> None:
    from workers.stitch import MissingReceipt, Stitcher

    job, generation = lease.job, lease.generation
    ledger, queue = connect()
    truth = open_truth()
    try:
        Stitcher(_plan(job), generation, truth, settings(), lease).stitch()
    except MissingReceipt as missing:
        # Storage is the truth: what it does not hold is rendered again, but not for ever.
        attempts = truth.attempts(job, missing.chunk)
        if attempts >= _KEPT_LOSING * settings().max_attempts:
            fail(
                job,
                generation,
                f"{missing}, after {attempts} attempts; the store loses what it is given",
                truth,
                ledger,
            )
            return
        log.warning("%s: %s; rendering it again", job, missing)
        truth.drop_receipt(job, missing.chunk)
        ledger.record(job, f"{missing}; it is rendered again", chunk=missing.chunk)
        enter(_plan(job), truth, ledger, force=True)
        dispatch(ledger, queue, ahead=settings().window)
        return
    ledger.record(job, "finished", chunk=STITCH, worker=slot.this().name)
    ledger.end(job, "done", generation=generation)


def _recover(job: str, chunk: int | str, generation: int, token: int, error: Exception) -> None:
    """Decide what a failed chunk or stitch means for its job."""
    ledger, _ = connect()
    what = _name(chunk)
    if isinstance(error, QueueUnavailable):
        raise error
    if isinstance(error, Interrupted):
        log.info("%s", error)
        ledger.give_back(job, chunk, generation, token=token, failed=False)
        return
    if isinstance(error, ConfigError | JobNotFound):
        # This worker is set up for another Redis or store than the job's; a better one will come.
        log.error("%s %s: %s; is this worker's ATELIER_STORE the submitter's?", job, what, error)
        time.sleep(_STORAGE_PAUSE_S)
        ledger.give_back(job, chunk, generation, token=token, failed=False)
        return
    sentence = f"{error}" if isinstance(error, AtelierError) else _foreign(error)
    if isinstance(error, InputError):
        log.error("%s %s: %s", job, what, sentence)
        fail(job, generation, sentence, open_truth(), ledger)
        return
    log.warning("%s %s: %s", job, what, sentence, exc_info=not isinstance(error, AtelierError))
    away = isinstance(error, StorageUnavailable)
    if away:
        # No worker could do better now, and the job is not to blame.
        time.sleep(_STORAGE_PAUSE_S)
    failures = ledger.give_back(job, chunk, generation, token=token, failed=not away)
    ledger.record(job, f"failed: {sentence}", chunk=chunk, worker=slot.this().name)
    if failures >= settings().max_attempts:
        fail(job, generation, f"{what} failed {failures} times; the last time: {sentence}", open_truth(), ledger)


def _foreign(error: Exception) -> str:
    """An error that is not ours, in one line: some carry pages."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first[:_SAID]}"


def _name(chunk: int | str) -> str:
    return "stitch" if chunk == STITCH else f"chunk {chunk}"


@cache
def _renderer() -> Renderer:
    from workers.render import Renderer

    renderer = Renderer(open_truth(), settings(), slot.this().name)
    Presence.device = str(renderer.device)
    return renderer


@lru_cache(maxsize=16)
def _plan(job: str) -> Plan:
    return open_truth().plan(job)


def _history(job: str, chunk: int) -> tuple[str, ...]:
    ledger = connect()[0]
    if not ledger.failures(job, chunk):
        return ()
    events = ledger.events(job)
    return tuple(str(event["what"]) for event in events if event["chunk"] == chunk)
