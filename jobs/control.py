"""Steering a job after its submission: pause, resume, cancel, redo, prioritise. Storage is told first, then the ledger.

So a steer survives the loss of Redis, and a job that was paused stays paused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from jobs import tracing
from jobs.config import settings
from jobs.dispatch import dispatch, send_stitch
from jobs.expiry import settle
from jobs.ledger import Ledger
from jobs.queue import Queue
from jobs.records import Generation, Plan
from jobs.truth import Truth
from jobs.webhooks.announce import announce
from pipeline.errors import InputError, IntegrityError, JobNotFound, Untimely


def enter(plan: Plan, truth: Truth, ledger: Ledger, *, force: bool = False) -> bool:
    """Enter a job into the ledger as storage knows it. False if the ledger has it already (unless `force`)."""
    submitted = datetime.fromisoformat(truth.submitted_at(plan.job)).timestamp()
    return ledger.create(
        plan,
        generation=truth.current(plan.job).number,
        done=truth.done(plan.job, len(plan.chunks)),
        submitted=submitted,
        paused=truth.paused(plan.job),
        priority=truth.priority(plan.job),
        force=force,
    )


def publish(job: str, truth: Truth, ledger: Ledger, queue: Queue, *, ahead: int) -> None:
    """Publish whatever can be published: chunks of every job, and the stitch if this job is ready for it."""
    publish_stitch(job, truth, ledger, queue)
    dispatch(ledger, queue, ahead=ahead)


def publish_stitch(job: str, truth: Truth, ledger: Ledger, queue: Queue) -> bool:
    """Publish the job's stitch if it is ready for it. False if it is not, or if the stitch is on its way already."""
    return ledger.state(job) == "stitching" and send_stitch(ledger, queue, job, truth.current(job).number)


def resubmit(job: str, truth: Truth, ledger: Ledger) -> bool:
    """A job that failed or was cancelled goes on with what it has. False if it is finished."""
    plan, generation = truth.plan(job), truth.current(job).number
    if truth.result(job, generation) is not None:
        return False
    stopped = truth.ending(job, generation) is not None
    truth.clear_ending(job, generation)
    truth.set_paused(job, False)
    truth.activate(job)
    settle(job, truth)
    if enter(plan, truth, ledger, force=stopped) and stopped:
        ledger.record(job, "submitted again; it goes on with the chunks it has")
    ledger.steer(job, "running")
    return True


def check_output(job: str, output: str, truth: Truth) -> None:
    """Raises: Untimely if another unfinished job, running or paused, writes to the same output."""
    for other in truth.active():
        if other != job and _output_of(other, truth).rstrip("/") == output.rstrip("/"):
            raise Untimely(
                f"job {other} is not finished and writes to {output} as well; "
                f"choose another output, or `atelier cancel {other}` first"
            )


def _output_of(job: str, truth: Truth) -> str:
    try:
        return truth.plan(job).output
    except (JobNotFound, IntegrityError):
        # Just deleted, or damaged: it will write nothing.
        return ""


def pause(job: str, truth: Truth, ledger: Ledger | None) -> None:
    """Stop giving out chunks; workers return theirs at the next batch. Raises: JobNotFound, Untimely if it ended."""
    _check_unfinished(job, truth)
    truth.set_paused(job, True)
    if ledger is not None:
        ledger.steer(job, "paused")
        ledger.record(job, "paused")


def resume(job: str, truth: Truth, ledger: Ledger, queue: Queue, *, ahead: int) -> None:
    """A paused job goes on. Raises: JobNotFound, Untimely if it ended."""
    _check_unfinished(job, truth)
    truth.set_paused(job, False)
    enter(truth.plan(job), truth, ledger)
    ledger.steer(job, "running")
    ledger.record(job, "resumed")
    publish(job, truth, ledger, queue, ahead=ahead)


def prioritise(job: str, priority: int, truth: Truth, ledger: Ledger | None) -> None:
    """Give a job another priority, 1 to 9, from its next chunk on. Raises: as `pause`; InputError if it is none."""
    if not 1 <= priority <= 9:
        raise InputError(
            f"priority: {priority} is none; write 1 to 9, where each step doubles the share of the workers"
        )
    _check_unfinished(job, truth)
    truth.set_priority(job, priority)
    if ledger is not None:
        ledger.prioritise(job, priority)
        ledger.record(job, f"priority {priority}")


def cancel(job: str, truth: Truth, ledger: Ledger | None, *, reason: str = "cancelled by its user") -> None:
    """Stop a job for good; its receipts stay. Raises: JobNotFound, Untimely if it ended."""
    generation = _check_unfinished(job, truth)
    truth.put_ending(job, generation, state="cancelled", reason=reason)
    announce(job, generation, truth, settings())
    truth.retire(job, generation)
    if ledger is not None:
        ledger.record(job, reason)
        ledger.end(job, "cancelled", generation=generation, error=reason)
    trace_end(truth.plan(job), generation, truth, ledger, state="cancelled", reason=reason)


def fail(job: str, generation: int, reason: str, truth: Truth, ledger: Ledger) -> None:
    """Stop a job that cannot succeed, with the reason for its user."""
    truth.put_ending(job, generation, state="failed", reason=reason)
    announce(job, generation, truth, settings())
    truth.retire(job, generation)
    ledger.record(job, reason)
    ledger.end(job, "failed", generation=generation, error=reason)
    trace_end(truth.plan(job), generation, truth, ledger, state="failed", reason=reason)


def trace_end(
    plan: Plan, generation: int, truth: Truth, ledger: Ledger | None, *, state: str, reason: str = ""
) -> None:
    """Tell whoever collects traces that the job has ended; nothing if nobody does."""
    if not tracing.is_on():
        return
    begun = datetime.fromisoformat(truth.submitted_at(plan.job)).timestamp()
    if generation > 1 and ledger is not None:
        # A redo began when its first chunk was taken: what its user did before is no part of it.
        seen = ledger.snapshot(plan.job)
        begun = seen.started or begun if seen is not None else begun
    tracing.job_ended(
        plan.job,
        generation,
        begun,
        state=state,
        reason=reason,
        kind=plan.kind,
        frames=plan.frames,
        chunks=len(plan.chunks),
    )


def redo(job: str, frames: Iterable[int], truth: Truth) -> Generation:
    """Order the chunks that hold these frames (as people number them) to be rendered and the job stitched again.

    The job must then be entered into a ledger (`enter(…, force=True)`), by the caller or by the reconciler.

    Raises: JobNotFound; InputError if a frame is not of this job; Untimely if the job is still at work.
    """
    plan, current = truth.plan(job), truth.current(job)
    if not truth.is_over(job, current.number):
        raise Untimely(f"{job} is still at work; wait for it, or `atelier cancel {job}` first")
    check_output(job, plan.output, truth)
    numbers = sorted(set(frames))
    places = [plan.frame_of(number) for number in numbers]
    if None in places or not numbers:
        outside = numbers[places.index(None)] if numbers else f"no {plan.numbered}"
        raise InputError(f"{job} has {plan.extent}; {outside} is not among them")
    wanted = {plan.chunk_of(frame) for frame in places if frame is not None}
    # What an ended job never rendered is still to do.
    wanted |= {chunk for chunk, is_done in enumerate(truth.done(job, len(plan.chunks))) if not is_done}
    generation = Generation(
        number=current.number + 1,
        chunks=tuple(sorted(wanted)),
        reason=f"redo of {plan.numbered}s {numbers[0]}-{numbers[-1]} ({len(numbers)})",
    )
    if not truth.add_generation(job, generation):
        raise Untimely(f"{job} is being redone by somebody else right now; look with `atelier status {job}`")
    truth.set_paused(job, False)
    truth.activate(job)
    settle(job, truth, ordered=generation.number)
    return generation


def _check_unfinished(job: str, truth: Truth) -> int:
    truth.plan(job)
    generation = truth.current(job).number
    if truth.result(job, generation) is not None:
        raise Untimely(f"{job} is finished already; its result is in {truth.plan(job).output}")
    ending = truth.ending(job, generation)
    if ending is not None:
        raise Untimely(f"{job} has {ending.state} already: {ending.reason}; submit its file again to go on")
    return generation
