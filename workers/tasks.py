"""The two Celery tasks, and what follows when one goes wrong.

Interrupted       the chunk goes back, nothing is wrong
InputError        the job fails with the reason: retrying cannot help
anything else     the chunk is tried again, elsewhere if possible; after `max_attempts` the job fails
worker death      the chunk is tried again, elsewhere if possible; after `max_attempts` it is halved until the frame
                  that kills is found (isolate.py), and the job's `on_error` says what becomes of it
work that hangs   counts as a failure; the process ends, for nothing else stops it
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

from celery import shared_task

from jobs import tracing
from jobs.config import settings
from jobs.control import cancel, enter, fail, trace_end
from jobs.dispatch import dispatch, send_stitch
from jobs.logs import work as logged
from jobs.metrics.flush import flush
from jobs.metrics.tally import count
from jobs.open import open_truth
from jobs.queue import RENDER, STITCH_TASK, connect
from jobs.records import Plan, Receipt
from jobs.snapshot import STITCH
from pipeline.errors import (
    AccessDenied,
    AtelierError,
    ConfigError,
    InputError,
    Interrupted,
    JobNotFound,
    QueueUnavailable,
    SourceMissing,
    StorageUnavailable,
    TransientError,
)
from workers import counting, postman, slot, strikes
from workers.allowance import can_be_kept, charged
from workers.health import Presence
from workers.isolate import Isolation, can_isolate
from workers.lease import Lease, Patience
from workers.plans import Plans

if TYPE_CHECKING:
    from workers.render import Renderer

log = logging.getLogger(__name__)

_plans = Plans()

_KEPT_LOSING = 4
"""Times `max_attempts` that a chunk is rendered again because the store lost it."""

_SAID = 300
"""Characters of another's error that are repeated."""

_ELSEWHERE_PAUSE_S = 0.5
"""How long a worker waits after it has left a chunk that failed in its hands to others."""

_STORAGE_PAUSE_S = 3.0
"""How long a worker waits before it gives a chunk back because the store is away."""


@shared_task(name=RENDER, acks_late=True, reject_on_worker_lost=True, Request="workers.deaths:Request")
def render(job: str, chunk: int, generation: int) -> None:
    """Render one chunk, if nobody has, and publish the next ones."""
    with _left_to_the_reconciler(f"{job} chunk {chunk}"):
        _with_lease(job, chunk, generation, _render_leased)
        ledger, queue = connect()
        dispatch(ledger, queue, ahead=settings().window)


@shared_task(name=STITCH_TASK, acks_late=True, reject_on_worker_lost=True, Request="workers.deaths:Request")
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
    Presence.taken += 1
    ledger, config = connect()[0], settings()
    token, why = ledger.acquire(
        job, chunk, generation, slot=slot.this().name, lease_s=config.lease_s, hopeless=config.max_attempts
    )
    if token is None:
        counting.refused(why)
        log.info("%s %s: not done here: %s", job, _name(chunk), why)
        if why == "elsewhere":
            # The others are at it for longer than this; then it comes to them first.
            time.sleep(_ELSEWHERE_PAUSE_S)
        return
    with Presence.at(job, chunk), logged.process_at(job, chunk, token):
        try:
            counting.took()
            with (
                tracing.span(_span_name(chunk), job, generation, **_span_facts(chunk, token)),
                _lease(job, chunk, generation, token) as lease,
                charged(ledger, job, generation, config),
            ):
                work(lease)
        except Exception as error:
            _recover(job, chunk, generation, token, error)


def _lease(job: str, chunk: int | str, generation: int, token: int) -> Lease:
    return Lease(
        connect()[0],
        job,
        chunk,
        generation,
        token=token,
        slot=slot.this().name,
        lease_s=settings().lease_s,
        patience=_patience(job, chunk),
        stuck=partial(_give_up, job, chunk, generation, token),
    )


def _patience(job: str, chunk: int | str) -> Patience:
    frames = 1
    if chunk != STITCH:
        start, stop = _plan(job).chunks[int(chunk)]
        frames = stop - start
    pace_s = None if chunk == STITCH else connect()[0].pace(job)
    return Patience.of(pace_s, frames, settings().stall_s)


def _give_up(job: str, chunk: int | str, generation: int, token: int, why: str) -> None:
    """Called from the lease's thread: the work hangs, and this process with it."""
    log.error("%s %s: %s; given up, and this process ends", job, _name(chunk), why)
    try:
        ledger, queue = connect()
        if ledger.give_back(job, chunk, generation, token=token, failed=True) >= 0:
            count("atelier_retries_total", cause="hung")
            ledger.record(job, f"it hung: {why}; given up", chunk=chunk, worker=slot.this().name)
            strikes.count(ledger, job, chunk, f"it hung: {why}", celery=os.getppid())
            dispatch(ledger, queue, ahead=settings().window)
        flush(ledger)
    except AtelierError as error:
        log.warning("not given back: %s; the reconciler notices it", error)
    finally:
        # What hangs in a library's or the kernel's hands hears no exception.
        os.kill(os.getpid(), signal.SIGKILL)


def _render_leased(lease: Lease) -> None:
    job, chunk, generation = lease.job, int(lease.chunk), lease.generation
    ledger, queue = connect()
    plan = _plan(job)
    receipt = _receipt(plan, chunk, lease)
    answer = ledger.complete(
        job,
        chunk,
        generation,
        frames=receipt.stop - receipt.start,
        # Chunks that were partly found say nothing of how long others take, and a canary's frames are no whole chunks.
        seconds=0.0 if receipt.recalled or plan.canary else receipt.timings.get("wall_s", 0.0),
        slot=slot.this().name,
    )
    if answer not in ("ok", "last"):
        return
    if can_be_kept(ledger, receipt, settings()) and answer == "last":
        send_stitch(ledger, queue, job, generation)


def _receipt(plan: Plan, chunk: int, lease: Lease) -> Receipt:
    """Render the chunk; if that failed too often, without the frames that it fails of."""
    ledger, _ = connect()
    history = _history(plan.job, chunk)
    counting.begins(f"{plan.job} {_name(chunk)}", _what(plan, chunk), after=_cause(history) if history else "")
    if not can_isolate(plan):
        return _renderer().render(plan, chunk, lease.generation, lease, history)
    isolation = Isolation(_renderer(), open_truth(), ledger, plan, chunk, lease.generation, lease)
    if ledger.failures(plan.job, chunk) >= settings().max_attempts:
        return isolation.render(history, why=_cause(history))
    try:
        return _renderer().render(plan, chunk, lease.generation, lease, history)
    except InputError as error:
        if plan.on_error == "fail" or isinstance(error, AccessDenied | SourceMissing):
            raise
        return isolation.render(history, why=str(error))


def _cause(history: tuple[str, ...]) -> str:
    """What the last attempt died or hung of; that it was published again says nothing."""
    told = [what for what in history if what.startswith(("its process died", "it hung", "failed"))]
    return told[-1] if told else "its worker died each time"


def _stitch_leased(lease: Lease) -> None:
    job, generation = lease.job, lease.generation
    ledger, queue = connect()
    truth, begun = open_truth(), time.monotonic()
    if _plan(job).canary:
        from workers.rehearse import rehearse

        rehearse(_plan(job), generation, truth, settings(), lease)
        cancel(job, truth, ledger, reason="it was an estimate's, and is measured")
        return
    from workers.stitch import MissingReceipt, Stitcher

    counting.begins(f"{job} stitch", "making the deliverables")
    try:
        result = Stitcher(_plan(job), generation, truth, settings(), lease).stitch()
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
        count("atelier_retries_total", cause="lost_by_store")
        truth.drop_receipt(job, missing.chunk)
        ledger.record(job, f"{missing}; it is rendered again", chunk=missing.chunk)
        enter(_plan(job), truth, ledger, force=True)
        dispatch(ledger, queue, ahead=settings().window)
        return
    counting.stitched(_plan(job), time.monotonic() - begun, len(result.deliverables))
    ledger.record(job, "finished", chunk=STITCH, worker=slot.this().name)
    ledger.end(job, "done", generation=generation)
    trace_end(_plan(job), generation, truth, ledger, state="done")
    postman.tell_soon(job, truth, settings())


def _recover(job: str, chunk: int | str, generation: int, token: int, error: Exception) -> None:
    """Decide what a failed chunk or stitch means for its job."""
    ledger, _ = connect()
    what = _name(chunk)
    counting.failed(_kind(job), chunk, error)
    if isinstance(error, QueueUnavailable):
        raise error
    if isinstance(error, Interrupted):
        log.info("%s", error)
        counting.given_back(error)
        ledger.give_back(job, chunk, generation, token=token, failed=False)
        return
    if isinstance(error, ConfigError | JobNotFound):
        # This worker is set up for another Redis or store than the job's; a better one will come.
        log.error("%s %s: %s; is this worker's ATELIER_STORE the submitter's?", job, what, error)
        _pause()
        counting.given_back(error)
        ledger.give_back(job, chunk, generation, token=token, failed=False)
        return
    sentence = f"{error}" if isinstance(error, AtelierError) else _foreign(error)
    if isinstance(error, InputError):
        log.error("%s %s: %s", job, what, sentence)
        fail(job, generation, sentence, open_truth(), ledger)
        postman.tell_soon(job, open_truth(), settings())
        return
    log.warning("%s %s: %s", job, what, sentence, exc_info=not isinstance(error, AtelierError))
    away = isinstance(error, StorageUnavailable)
    if away:
        # No worker could do better now, and the job is not to blame.
        _pause()
    failures = ledger.give_back(job, chunk, generation, token=token, failed=not away)
    counting.given_back(error)
    ledger.record(job, f"failed: {sentence}", chunk=chunk, worker=slot.this().name)
    if away:
        return
    strikes.count(ledger, job, chunk, sentence, celery=os.getppid(), may_be_shared=isinstance(error, TransientError))
    if failures < settings().max_attempts:
        return
    if chunk == STITCH or isinstance(error, TransientError) or not _goes_on_without(job):
        fail(job, generation, f"{what} failed {failures} times; the last time: {sentence}", open_truth(), ledger)
        postman.tell_soon(job, open_truth(), settings())


def _pause() -> None:
    """Wait a little while nobody renews the lease any more: it must not run out, or this worker would pass for dead."""
    time.sleep(min(_STORAGE_PAUSE_S, settings().lease_s / 2))


def _goes_on_without(job: str) -> bool:
    """Whether the job does without frames that cannot be painted; then they are looked for."""
    return _plan(job).on_error != "fail" and can_isolate(_plan(job))


def _foreign(error: Exception) -> str:
    """An error that is not ours, in one line: some carry pages."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first[:_SAID]}"


def _what(plan: Plan, chunk: int) -> str:
    """What is to be done, for people."""
    start, stop = plan.chunks[chunk]
    return f"{stop - start} frames, {plan.noun(start)}s {plan.span(start, stop)}"


def _span_name(chunk: int | str) -> str:
    return "stitch" if chunk == STITCH else "chunk"


def _span_facts(chunk: int | str, token: int) -> dict[str, tracing.Value]:
    facts: dict[str, tracing.Value] = {"attempt": token, "worker": slot.this().name}
    return facts if chunk == STITCH else {**facts, "chunk": int(chunk)}


def _kind(job: str) -> str:
    """A job's kind, which is known even if its plan cannot be read: it begins its name."""
    return job.rpartition("-")[0] or "unknown"


def _name(chunk: int | str) -> str:
    return "stitch" if chunk == STITCH else f"chunk {chunk}"


@cache
def _renderer() -> Renderer:
    from workers.render import Renderer

    renderer = Renderer(open_truth(), settings(), slot.this().name)
    Presence.device = str(renderer.device)
    Presence.device_memory = renderer.device_memory
    Presence.models = lambda: renderer.models
    return renderer


def _plan(job: str) -> Plan:
    return _plans.get(job, open_truth().plan)


def _history(job: str, chunk: int) -> tuple[str, ...]:
    ledger = connect()[0]
    if not ledger.failures(job, chunk):
        return ()
    events = ledger.events(job)
    return tuple(str(event["what"]) for event in events if event["chunk"] == chunk)
