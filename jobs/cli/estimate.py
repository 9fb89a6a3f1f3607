"""The command that says what a job will take, by rendering a few of its frames."""

from __future__ import annotations

import math
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli.looking import Json
from jobs.cli.running import JobFile

if TYPE_CHECKING:
    from jobs.estimate.project import Bytes, Estimate
    from jobs.ledger import WorkerInfo
    from jobs.records import Plan
    from jobs.session import Session

_USUAL = (1, 4, 16, 64)
"""Workers that it is told for."""

_RUNS_ON_A_CLUSTER = 2
"""At a time: others work there."""

_CLUSTER_START_S = 600.0
"""How long a cluster may have no worker: an autoscaler has to get a machine first, and that its images."""

_WORTH_A_ROW = 0.001
"""Of all worker hours: a stage that takes less is left out."""

_WAIT_S = 0.1


def estimate(
    file: JobFile,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=100_000, help="Tell it for so many workers as well.", show_default=False),
    ] = None,
    price: Annotated[
        float | None,
        typer.Option(
            "--price",
            min=0,
            help="What one worker costs an hour; default the setting price_per_hour.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Render nine spread frames, and say what the job will take: time, worker hours, storage, price.

    On this machine, or on the cluster that ATELIER_REDIS_URL names. Nothing of it is kept.
    """
    from jobs.cli import show
    from jobs.cli.progress import progress
    from jobs.cli.running import drafted
    from jobs.config import settings
    from jobs.estimate.choose import spots
    from jobs.estimate.estimate import check_can_be_estimated
    from jobs.estimate.estimate import estimate as measure
    from jobs.estimate.neighbours import Clock, taken_by_others
    from jobs.kinds import noun

    begun = drafted(file, token="")
    spec, plan = begun.spec, begun.plan
    check_can_be_estimated(plan)
    per_hour = settings().price_per_hour if price is None else price
    frames = show.count(sum(stop - start for start, stop in spots(plan)), noun(plan.kind))
    show.talk().print(f"[dim]rendering {frames} of {plan.frames:,}, and some neighbours; Ctrl-C leaves[/]")
    before = Clock.now()
    with (
        _place(plan) as where,
        progress("rendering", count=lambda done, total: f"{done:,}/{total:,} {noun(plan.kind)}s") as report,
    ):
        made = measure(
            spec,
            plan,
            where.session,
            start_s=where.start_s,
            most_runs=where.most_runs,
            report=report,
            check=where.check,
        )
    # On a cluster it is not this machine that counts.
    others = taken_by_others(before, Clock.now()) if where.is_own else None
    counts = tuple(sorted({*_USUAL, *([workers] if workers is not None else [])}))
    if as_json:
        show.print_json(summary(made, counts, per_hour) | {"taken_by_others": others})
    else:
        _tell(made, counts, per_hour, file)
        _tell_others(others)


@dataclass(frozen=True)
class _Place:
    """Where a job is tried."""

    session: Session
    start_s: float | None
    """What its workers took to come up; None if they were there."""
    most_runs: int
    check: Callable[[list[WorkerInfo]], object]
    is_own: bool
    """Whether its workers are ours, on this machine."""


@contextmanager
def _place(plan: Plan) -> Iterator[_Place]:
    """The configured cluster, or what is at work on this machine already, or else workers of our own.

    Those work with a store of their own, which is removed: so nothing can be left in that of others.
    Raises: as machine.place; AtelierError if no worker comes up.
    """
    from jobs.cli import machine
    from jobs.interrupts import orderly_end

    with ExitStack() as stack:
        with machine.working() as session:
            if session is not None:
                with orderly_end():
                    watch = _Absence(plan.queue)
                    yield _Place(session, None, _RUNS_ON_A_CLUSTER, watch.check, is_own=False)
                return
        stack.enter_context(_own_store())
        where = stack.enter_context(machine.place())
        begun = time.monotonic()
        startup = stack.enter_context(machine.workers(where, count=None, queue=plan.queue))
        while startup.check(found := where.session.ledger.workers()):
            time.sleep(_WAIT_S)
        yield _Place(where.session, time.monotonic() - begun, max(1, len(found)), startup.check, is_own=True)


@contextmanager
def _own_store() -> Iterator[None]:
    """A store that is removed in the end, if ours is a folder. In a bucket a canary has a folder of its own anyway."""
    import shutil

    from jobs.config import other_store, settings
    from jobs.local import socket_path
    from pipeline.scratch import scratch_folder, sweep_scratch
    from pipeline.storage import is_remote

    if is_remote(settings().store):
        yield
        return
    # What an estimate left that was killed.
    sweep_scratch()
    with scratch_folder("estimate") as folder, other_store(str(folder / "store")):
        try:
            yield
        finally:
            shutil.rmtree(socket_path().parent, ignore_errors=True)


@dataclass
class _Absence:
    """Notices that nobody serves a queue."""

    queue: str
    seen: float = 0.0

    def check(self, workers: list[WorkerInfo]) -> None:
        """Raises: AtelierError when there was no worker for a while."""
        from jobs.cli import show
        from jobs.cli.follow import no_workers
        from pipeline.errors import AtelierError

        now = time.monotonic()
        remark = no_workers(self.queue, workers)
        if not remark:
            self.seen = now
            return
        if not self.seen:
            self.seen = now
            patience = show.duration(_CLUSTER_START_S)
            show.talk().print(f"[dim]{remark}, or an autoscaler does: it is waited for, {patience} at most[/]")
        if now - self.seen > _CLUSTER_START_S:
            raise AtelierError(f"{remark}, and estimate again")


def summary(made: Estimate, counts: tuple[int, ...], per_hour: float) -> dict[str, Any]:
    """The estimate for scripts; times in seconds where their names do not say hours, sizes in bytes."""
    low, high = 1 - made.margin, 1 + made.margin

    def amounts(some: dict[str, Bytes]) -> dict[str, dict[str, int]]:
        return {name: {"bytes": amount.size, "files": amount.files} for name, amount in some.items()}

    def between(value: float) -> dict[str, float]:
        return {"expected": value, "least": value * low, "most": value * high}

    return {
        "kind": made.plan.kind,
        "frames": made.plan.frames,
        "chunks": len(made.plan.chunks),
        "frames_rendered": made.frames_rendered,
        "device": made.device,
        "margin": made.margin,
        "parts": [
            {
                "frames": pace.part.frames,
                "frame_s": {
                    "median": pace.frame_s,
                    "least": pace.frame_s * min(pace.ratios),
                    "most": pace.frame_s * max(pace.ratios),
                },
                "chunk_overhead_s": pace.overhead_s,
            }
            for pace in made.paces
        ],
        "frames_per_worker_hour": made.frames_per_hour,
        "start_s": made.start_s,
        "stitch_s": made.stitch_s,
        "worker_hours": between(made.worker_s / 3600),
        "stages": [
            {"stage": name, "worker_hours": seconds / 3600, "price": seconds / 3600 * per_hour if per_hour else None}
            for name, seconds in made.stages.items()
        ],
        "hours": [
            {
                "workers": count,
                **between(made.hours(count)),
                "worker_hours": made.paid_s(count) / 3600,
                "price": made.paid_s(count) / 3600 * per_hour if per_hour else None,
            }
            for count in counts
        ],
        "price": between(made.price(per_hour)) if per_hour else None,
        "price_per_hour": per_hour or None,
        "store": amounts(made.store),
        "delivered": amounts(made.delivered),
        "memory_bytes": made.memory,
        "device_memory_bytes": made.device_memory,
    }


def _tell(made: Estimate, counts: tuple[int, ...], per_hour: float, file: str) -> None:
    from rich.markup import escape

    from jobs.cli import show
    from jobs.kinds import noun

    console, plan, what = show.out(), made.plan, noun(made.plan.kind)
    rendered = f"{made.frames_rendered:,} of {show.count(plan.frames, what)} were rendered, on {made.device}"
    console.print(f"[bold green]✓[/] {escape(rendered)}", soft_wrap=True)
    for name, fact in (*_facts(made, what), *_amounts(made), *_prices(made, per_hour)):
        console.print(f"  [dim]{name:<14}[/]{escape(fact)}", soft_wrap=True)
    console.print()
    told = {stage: seconds for stage, seconds in made.stages.items() if seconds >= _WORTH_A_ROW * made.worker_s}
    width, unit = max(map(len, told)), _unit(made)
    console.print(f"  [dim]{'stage':<{width}}  {unit:>12}{'       price' if per_hour else ''}[/]")
    for stage, seconds in told.items():
        console.print(f"  {escape(stage):<{width}}  {_paid(seconds, per_hour)}", soft_wrap=True)
    console.print()
    console.print(f"  [dim]workers  {unit:>12}{'       price' if per_hour else ''}  from submission to result[/]")
    for count in counts:
        paid = _paid(made.paid_s(count), per_hour)
        console.print(f"  {count:>7}  {paid}  {_between(made, 3600 * made.hours(count))}", soft_wrap=True)
    console.print()
    console.print(f"  [dim]`{escape(f'atelier run {shlex.quote(file)}')}` makes it[/]", soft_wrap=True)


def _tell_others(share: float | None) -> None:
    from jobs.cli import show
    from jobs.estimate.neighbours import WORTH_A_WORD

    if share is not None and share > WORTH_A_WORD:
        show.talk().print(
            f"[yellow]other work took {share:.0%} of this machine meanwhile; without it all of this is quicker[/]",
            soft_wrap=True,
        )


def _facts(made: Estimate, what: str) -> Iterator[tuple[str, str]]:
    from jobs.cli import show

    for pace in made.paces:
        name = f"a {what}" if pace is made.paces[0] else "of the film"
        least, most = (pace.frame_s * edge(pace.ratios) for edge in (min, max))
        yield name, f"{_seconds(pace.frame_s)} of a worker, {_seconds(least)} to {_seconds(most)} among those rendered"
    held = f"{show.size(made.memory)} of memory"
    held += f" and {show.size(made.device_memory)} of the GPU's" if made.device_memory else ""
    yield "a worker", f"{made.frames_per_hour:,.0f} {what}s an hour; {held}; ready after {_seconds(made.start_s)}"
    chunks = show.count(len(made.plan.chunks), "chunk")
    overhead = max(pace.overhead_s for pace in made.paces)
    yield "the job", f"{chunks}, each {_seconds(overhead)} besides its {what}s; stitched in {_seconds(made.stitch_s)}"
    hours, low, high = (made.worker_s / 3600 * share for share in (1, 1 - made.margin, 1 + made.margin))
    yield _unit(made), f"{_hours(hours)}, between {_hours(low)} and {_hours(high)}"


def _unit(made: Estimate) -> str:
    return "GPU hours" if made.device != "cpu" else "worker hours"


def _hours(value: float) -> str:
    """To three digits, and never as a power of ten."""
    digits = max(0, 2 - math.floor(math.log10(value))) if value else 0
    told = f"{value:,.{digits}f}"
    return told.rstrip("0").rstrip(".") if digits else told


def _paid(seconds: float, per_hour: float) -> str:
    """Worker hours and what they cost, for a row."""
    hours = seconds / 3600
    return f"{_hours(hours):>12}" + (f"{_money(hours * per_hour):>12}" if per_hour else "")


def _amounts(made: Estimate) -> Iterator[tuple[str, str]]:
    from jobs.cli import show

    def told(some: dict[str, Bytes]) -> str:
        return ", ".join(
            f"{name} {show.size(amount.size)}" + (f" in {amount.files:,} files" if amount.files > 1 else "")
            for name, amount in some.items()
        )

    yield "storage", f"{show.size(sum(amount.size for amount in made.store.values()))}: {told(made.store)}"
    if made.delivered:
        yield "delivered", told(made.delivered)


def _prices(made: Estimate, per_hour: float) -> Iterator[tuple[str, str]]:
    if per_hour:
        shares = (1, 1 - made.margin, 1 + made.margin)
        price, low, high = (_money(made.price(per_hour) * share) for share in shares)
        yield "price", f"{price} at {_money(per_hour)} an hour, between {low} and {high}"


def _money(amount: float) -> str:
    """In cents, and to three digits where it is less than one of the currency."""
    digits = 2 if amount >= 1 or amount == 0 else 2 - math.floor(math.log10(amount))
    units, _, cents = f"{amount:,.{digits}f}".partition(".")
    return f"{units}.{cents.rstrip('0').ljust(2, '0')}"


def _between(made: Estimate, seconds: float) -> str:
    from jobs.cli import show

    low, high = (show.duration(seconds * share) for share in (1 - made.margin, 1 + made.margin))
    return f"{show.duration(seconds):>12}   between {low} and {high}"


def _seconds(value: float) -> str:
    from jobs.cli import show

    return show.duration(value) if value >= 100 else f"{value:.3g} s"
