"""Commands that make something: run, submit, redo, and check, which only says what would be made."""

from __future__ import annotations

import shlex
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from jobs.draft import Draft
    from jobs.kinds.base import JobSpec
    from jobs.records import Plan
    from jobs.session import Session

JobFile = Annotated[str, typer.Argument(metavar="FILE", help="A job file, as in examples/.", show_default=False)]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=256,
        help="Workers on a machine without GPUs; default one for two cores.",
        show_default=False,
    ),
]
Again = Annotated[bool, typer.Option("--again", help="Make it anew, even if this very job is finished already.")]


def run(file: JobFile, workers: Workers = None, again: Again = False) -> None:
    """Make what a job file asks for, here and now.

    Starts Redis and workers on this machine unless ATELIER_REDIS_URL names a cluster, or `atelier up` runs here.

    Ctrl-C pauses the job; run the same file again to go on.
    """
    from jobs.cli import machine, show
    from jobs.cli.drive import drive
    from jobs.cli.keeping import Keeper
    from jobs.submit import submit as accept

    begun = drafted(file, token=uuid.uuid4().hex if again else "")
    _tell_schedule(begun.spec, file)
    with machine.place_beside_up() as where:
        session = where.session
        spec, plan = _completed(begun, session)
        keeper = Keeper(where, plan.job, go_on=f"atelier run {shlex.quote(file)}")
        with keeper.keeping():
            submission = accept(spec, plan, session.truth, session.ledger, session.queue, session.config)
            show.talk().print(f"[bold]{plan.job}[/] {'accepted' if submission.created else 'was submitted before'}")
            drive(where, submission.plan, keeper, workers=workers)


def submit(
    file: JobFile,
    token: Annotated[str, typer.Option(help="Makes another job of the same file: a retry keeps its token.")] = "",
    again: Again = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay and watch it.")] = False,
) -> None:
    """Give a job file to the cluster, and print the job's name."""
    from jobs.cli import show
    from jobs.cli.drive import watch_only
    from jobs.session import connected
    from jobs.status import status_of
    from jobs.submit import submit as accept

    begun = drafted(file, token=uuid.uuid4().hex if again else token)
    _tell_schedule(begun.spec, file)
    with connected() as session:
        spec, plan = _completed(begun, session)
        submission = accept(spec, plan, session.truth, session.ledger, session.queue, session.config)
        if not submission.created:
            state = status_of(plan.job, session.truth, session.ledger).state
            show.talk().print(f"it was submitted before and is {state}; `--again` makes another of it", soft_wrap=True)
        typer.echo(plan.job)
        if watch:
            watch_only(submission.plan, session.truth, session.ledger)


def redo(
    job: Annotated[str, typer.Argument(metavar="JOB", help="A job's name, or its beginning.", show_default=False)],
    frames: Annotated[str, typer.Option(help="Frames to make again, as 120-140 or 120-140,155.", show_default=False)],
    workers: Workers = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay and watch it, on a cluster.")] = False,
) -> None:
    """Render some frames of an ended job again, and deliver anew.

    Whole chunks are rendered. Without a cluster, or an `atelier up`, it works here, as `run` does.
    """
    from jobs.cli import machine, show
    from jobs.cli.drive import drive, watch_only
    from jobs.cli.keeping import Keeper
    from jobs.control import enter, publish
    from jobs.control import redo as order
    from jobs.find import find_job
    from jobs.ranges import frame_numbers

    with machine.place_beside_up() as where:
        session = where.session
        job = find_job(job, session.truth)
        plan = session.truth.plan(job)
        generation = order(job, frame_numbers(frames, plan), session.truth)
        keeper = Keeper(where, job, go_on=f"atelier resume {job}")
        with keeper.keeping():
            enter(plan, session.truth, session.ledger, force=True)
            publish(job, session.truth, session.ledger, session.queue, ahead=session.config.window)
            ordered = f"{show.count(len(generation.chunks or plan.chunks), 'chunk')} of {len(plan.chunks):,}"
            show.talk().print(f"[bold]{job}[/]: {ordered} will be rendered again", soft_wrap=True)
            if where.is_own:
                drive(where, plan, keeper, workers=workers)
        if watch and not where.is_own:
            watch_only(plan, session.truth, session.ledger)


def drafted(file: str, *, token: str) -> Draft:
    """The checked job file, planned without asking anybody. Raises: JobSpecProblems, StorageUnavailable."""
    from jobs.cli.seeking import seeking
    from jobs.config import settings
    from jobs.draft import draft
    from jobs.spec import read

    spec, located = read(file)
    with seeking():
        return draft(spec, located, settings(), token=token)


def _completed(begun: Draft, session: Session) -> tuple[JobSpec, Plan]:
    """Spec and plan with what others were asked for, and how far that has come is told."""
    from jobs.cli.progress import progress
    from jobs.desk import Desk

    with progress("asking for copy", count=lambda done, total: f"{done:,}/{total:,} answers") as report:
        whole = begun.completed(Desk(session.config, session.truth, may_ask=True, report=report))
    return whole.spec, whole.plan


def _tell_schedule(spec: JobSpec, file: str) -> None:
    from rich.markup import escape

    from jobs.cli import show

    if spec.schedule is not None:
        add = escape(f"atelier campaign add {shlex.quote(file)}")
        show.talk().print(f"[dim]made once, now; its schedule is for `{add}`[/]", soft_wrap=True)
