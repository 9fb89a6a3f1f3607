"""Why a job waits, failed or was done again, and what became of one frame: facts from records and ledger, as sentences.

How they look on a terminal is cli's matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs import naming
from jobs.config import settings
from jobs.kinds import noun
from jobs.ledger import Ledger, WorkerInfo
from jobs.records import Plan, Receipt
from jobs.snapshot import STITCH
from jobs.status import WAITING, Status, seconds, status_of
from jobs.truth import Truth
from jobs.webhooks.account import deliveries
from pipeline.errors import InputError
from pipeline.film.deliverables import EVERY
from pipeline.stream import spread

_NAMED = 20
"""Frames that could not be painted, beyond which they are only counted."""
_THREADS = 8


@dataclass(frozen=True)
class Happening:
    """One line of a job's history."""

    at: float
    """Seconds since the epoch."""
    what: str
    chunk: int | str | None
    worker: str


@dataclass(frozen=True)
class Explanation:
    """What is to be said about a job, or about one frame of it."""

    title: str
    sentences: tuple[str, ...]
    timings: tuple[tuple[str, float], ...] = ()
    """Seconds by stage, as the chunk's receipt has them; stages overlap."""
    files: tuple[tuple[str, str], ...] = ()
    """(what it is, where it lies)."""
    history: tuple[Happening, ...] = ()


def explain_job(job: str, truth: Truth, ledger: Ledger | None, *, absence: str = "") -> Explanation:
    """Why a job is where it is. Raises: JobNotFound, StorageUnavailable, QueueUnavailable."""
    plan, status = truth.plan(job), status_of(job, truth, ledger)
    sentences = [
        *_state(plan, status, truth, ledger, absence),
        *_failures(plan, status),
        *_unpainted(plan, truth),
        *_redone(job, truth),
        *(row.sentence for row in deliveries(job, truth, settings())),
    ]
    files = [("output", plan.output), ("records", f"{truth.store.url.rstrip('/')}/jobs/{job}/")]
    return Explanation(
        title=f"{job} is {status.state}, with {status.frames_done:,} of {_count(status.frames, noun(plan.kind))}",
        sentences=tuple(sentences),
        files=tuple(files),
        history=tuple(_history(job, ledger)),
    )


def explain_frame(job: str, number: int, truth: Truth, ledger: Ledger | None, *, absence: str = "") -> Explanation:
    """What became of the frame that people know by `number`.

    Raises: InputError if the job has no such frame; JobNotFound, StorageUnavailable, QueueUnavailable.
    """
    plan = truth.plan(job)
    frame = plan.frame_of(number)
    if frame is None:
        raise InputError(f"{job} has {plan.extent}; {number} is not among them")
    chunk = plan.chunk_of(frame)
    receipt = truth.receipt_that_counts(plan, chunk)
    sentences = [f"{plan.noun(frame).capitalize()} {number} is in chunk {chunk}, which holds {_span(plan, chunk)}."]
    if receipt is not None:
        sentences += _rendered(receipt, frame, plan)
    else:
        status = status_of(job, truth, ledger)
        sentences += _unrendered(plan, chunk, status, ledger)
        if not any(item.chunk == chunk for item in status.running):
            sentences += _state(plan, status, truth, ledger, absence)
    return Explanation(
        title=f"{job}, {plan.noun(frame)} {number}",
        sentences=(*sentences, *_redone(job, truth, chunk)),
        timings=tuple(sorted(receipt.timings.items(), key=lambda item: -item[1])) if receipt else (),
        files=tuple(_files(plan, frame, receipt, truth)) if receipt else (),
        history=tuple(_history(job, ledger, chunk)),
    )


# The job's state


def _state(plan: Plan, status: Status, truth: Truth, ledger: Ledger | None, absence: str) -> Iterator[str]:
    job = plan.job
    match status.state:
        case "done":
            yield f"It is finished; its deliverables are in {plan.output}."
        case "failed" | "cancelled":
            when = f" on {moment(status.finished)}" if status.finished else ""
            what = "failed" if status.state == "failed" else "was cancelled"
            yield f"It {what}{when}: {status.error or 'no reason was given'}."
            yield (
                f"{status.chunks_done:,} of its {status.chunks:,} chunks are kept; "
                "submit its file again and it goes on with them."
            )
        case "paused":
            since = _paused_since(job, ledger)
            yield f"It is paused{f' since {moment(since)}' if since else ''}; `atelier resume {job}` lets it go on."
        case "stitching":
            yield from _stitching(status, ledger)
        case _ if status.state == WAITING:
            yield from _unknown_to_ledger(job, ledger, absence)
        case _:
            yield from _running(plan, status, ledger)


def _paused_since(job: str, ledger: Ledger | None) -> float | None:
    if ledger is None:
        return None
    pauses = [float(event["at"]) for event in ledger.events(job) if event["what"] == "paused"]
    return pauses[-1] if pauses else None


def _unknown_to_ledger(job: str, ledger: Ledger | None, absence: str) -> Iterator[str]:
    if ledger is None:
        yield f"Nobody works on it: {absence.rstrip('.')}. `atelier resume {job}` goes on with it."
    else:
        yield (
            "It is in storage, but Redis does not know it: Redis lost its memory, or the redo was only just ordered. "
            "A running reconciler enters it again (`atelier reconcile`)."
        )


def _stitching(status: Status, ledger: Ledger | None) -> Iterator[str]:
    stitcher = next((item.worker for item in status.running if item.chunk == STITCH), None)
    if stitcher:
        yield f"Every chunk is there; {stitcher} makes the deliverables."
    elif ledger is not None:
        yield "Every chunk is there; the deliverables wait to be made."
        yield from _no_worker("cpu", ledger.workers())


def _running(plan: Plan, status: Status, ledger: Ledger | None) -> Iterator[str]:
    for item in status.running:
        if isinstance(item.chunk, int):
            start, stop = plan.chunks[item.chunk]
            painted = f"{item.frames} of {stop - start} are painted" + (f", {item.note}" if item.note else "")
            yield f"{item.worker} renders chunk {item.chunk} ({_span(plan, item.chunk)}): {painted}."
    if ledger is not None and not status.running:
        yield from _why_waiting(plan, status, ledger)


def _why_waiting(plan: Plan, status: Status, ledger: Ledger) -> Iterator[str]:
    workers = ledger.workers()
    missing = list(_no_worker(plan.queue, workers))
    yield from missing
    if missing:
        return
    serving = [worker for worker in workers if plan.queue in worker.queues]
    ready = ledger.ready(plan.queue)
    ahead = ready.index(plan.job) if plan.job in ready else 0
    if ahead:
        others = f"{_count(ahead, 'job')} {'is' if ahead == 1 else 'are'} ahead in the queue {plan.queue!r}"
        yield f"It waits for its share: {others} ({', '.join(ready[:ahead][:5])})."
        yield f"Its priority is {status.priority}; each step doubles a job's share."
    busy = [worker for worker in serving if worker.doing != "waiting"]
    published = ledger.published(plan.job)
    if published:
        yield f"Its next {_count(len(published), 'chunk')} {'is' if len(published) == 1 else 'are'} in the queue."
    if len(busy) == len(serving):
        yield f"Every worker of the queue is busy: {'; '.join(f'{w.slot} with {w.doing}' for w in busy[:8])}."
    elif published:
        yield "A worker is free and takes it in a moment."


def _no_worker(queue: str, workers: list[WorkerInfo]) -> Iterator[str]:
    if not any(queue in worker.queues for worker in workers):
        others = f" ({_count(len(workers), 'worker')} of other queues)" if workers else ""
        yield f"It waits because no worker is alive for the queue {queue!r}{others}; start one with `atelier worker`."


def _failures(plan: Plan, status: Status) -> Iterator[str]:
    for chunk, count in sorted(status.failures.items()):
        name = "The stitch" if chunk == STITCH else f"Chunk {chunk} ({_span(plan, int(chunk))})"
        yield f"{name} has failed {count} {'time' if count == 1 else 'times'} and is tried again."


def _unpainted(plan: Plan, truth: Truth) -> Iterator[str]:
    """A line for each of the first frames that could not be painted, and how many more there are."""
    bad = _bad_frames(plan, truth)
    for number, why in sorted(bad.items())[:_NAMED]:
        yield f"{plan.numbered.capitalize()} {number} could not be painted: {why}."
    if len(bad) > _NAMED:
        more = _count(len(bad) - _NAMED, "more frame")
        yield f"{more} could not be painted; `result.json` of the finished job names all."


def _bad_frames(plan: Plan, truth: Truth) -> dict[int, str]:
    """Frames that could not be painted, as people number them, and why."""
    result = truth.result(plan.job, truth.current(plan.job).number)
    if result is not None:
        return result.bad
    if plan.on_error == "fail":
        # Receipts, thousands of them, name none.
        return {}
    counting = enumerate(truth.counting(plan.job, len(plan.chunks)))
    done = [(chunk, generation) for chunk, generation in counting if generation is not None]
    receipts = spread(lambda which: truth.receipt(plan.job, *which), done, threads=_THREADS, name="receipts")
    return {plan.number(frame): why for receipt in receipts if receipt for frame, why in receipt.bad.items()}


def _redone(job: str, truth: Truth, chunk: int | None = None) -> Iterator[str]:
    for generation in truth.generations(job)[1:]:
        if chunk is None:
            what = f"{_count(len(generation.chunks), 'chunk')}" if generation.chunks is not None else "everything"
            yield f"Generation {generation.number} renders {what} again: {generation.reason}."
        elif generation.chunks is None or chunk in generation.chunks:
            yield f"It was ordered again in generation {generation.number}: {generation.reason}."


# One chunk


def _rendered(receipt: Receipt, frame: int, plan: Plan) -> Iterator[str]:
    count, what = receipt.stop - receipt.start, noun(plan.kind)
    wall = receipt.timings.get("wall_s")
    took = f" in {wall:.1f} s ({count / wall:.1f} {what}s/s)" if wall else ""
    when = f" on {moment(seconds(receipt.finished_at))}" if receipt.finished_at else ""
    yield (
        f"It is done: {receipt.worker} ({receipt.device}) rendered the chunk's {_count(count, what)}{took}{when}, "
        f"{_count(receipt.batch, what)} a batch."
    )
    if frame in receipt.bad:
        skipped = "; its picture is not delivered" if plan.on_error == "skip" else ""
        stands_in = f"a neighbour stands in for it{' in movies' if skipped else ''}{skipped}"
        yield f"The frame itself could not be painted, and {stands_in}: {receipt.bad[frame]}."
    if receipt.history:
        yield f"Before that: {'; '.join(receipt.history)}."


def _unrendered(plan: Plan, chunk: int, status: Status, ledger: Ledger | None) -> Iterator[str]:
    start, stop = plan.chunks[chunk]
    holder = next((item for item in status.running if item.chunk == chunk), None)
    failures = status.failures.get(str(chunk), 0)
    if failures:
        yield f"The chunk has failed {failures} {'time' if failures == 1 else 'times'}."
    if holder is not None:
        yield f"{holder.worker} renders it now: {holder.frames} of {stop - start} {noun(plan.kind)}s are painted."
        return
    published = ledger.published(plan.job).get(chunk) if ledger is not None else None
    if published is not None:
        yield f"The chunk is in the queue since {moment(published)} and waits for a worker."
    elif status.state == "running":
        yield "The chunk is not in the queue yet: only a few chunks a worker are, and each finished one sends the next."
    else:
        yield "The chunk is not rendered."


def _files(plan: Plan, frame: int, receipt: Receipt, truth: Truth) -> Iterator[tuple[str, str]]:
    root, at = truth.store.url.rstrip("/"), frame - receipt.start
    yield noun(plan.kind), f"{root}/{receipt.frames[at].key}"
    for name, blobs in receipt.extra.items():
        yield name, f"{root}/{blobs[at].key}"
    for name, blob in receipt.segments.items():
        yield f"{name} segment", f"{root}/{blob.key}"
    is_delivered = truth.result(plan.job, truth.current(plan.job).number) is not None
    for name in plan.deliver if is_delivered else ():
        row = EVERY.get(name)
        if row is not None and naming.is_a_frames(plan, row) and frame in plan.pictured:
            yield f"delivered {name}", f"{plan.output.rstrip('/')}/{naming.picture_name(plan, row, frame)}"


# Shared


def _history(job: str, ledger: Ledger | None, chunk: int | None = None) -> Iterator[Happening]:
    events: list[dict[str, Any]] = ledger.events(job) if ledger is not None else []
    for event in events:
        if chunk is None or event["chunk"] in (None, chunk):
            yield Happening(float(event["at"]), str(event["what"]), event["chunk"], str(event["worker"]))


def _span(plan: Plan, chunk: int) -> str:
    start, stop = plan.chunks[chunk]
    return f"{plan.noun(start)}s {plan.span(start, stop)}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def moment(at: float) -> str:
    """A time as its reader's clock shows it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
