"""Commands that make something: run, submit, redo, and check, which only says what would be made."""

from __future__ import annotations

import shlex
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from jobs.client import Atelier
    from jobs.draft import Draft
    from jobs.kinds.base import JobSpec

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
    from jobs.client import Atelier

    begun = drafted(file, token=uuid.uuid4().hex if again else "")
    _tell_schedule(begun.spec, file)
    with machine.place_beside_up() as where:
        atelier = Atelier.of(where.session)
        begun = _completed(begun, atelier)
        job = begun.plan.job
        keeper = Keeper(where, job, go_on=f"atelier run {shlex.quote(file)}")
        with keeper.keeping():
            submission = atelier.submit(begun)
            show.talk().print(f"[bold]{job}[/] {'accepted' if submission.created else 'was submitted before'}")
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
    from jobs.client import Atelier
    from jobs.session import connected

    begun = drafted(file, token=uuid.uuid4().hex if again else token)
    _tell_schedule(begun.spec, file)
    with connected() as session:
        atelier = Atelier.of(session)
        submission = atelier.submit(_completed(begun, atelier))
        job = submission.plan.job
        if not submission.created:
            state = atelier.status(job).state
            show.talk().print(f"it was submitted before and is {state}; `--again` makes another of it", soft_wrap=True)
        typer.echo(job)
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
    from jobs.client import Atelier

    with machine.place_beside_up() as where:
        session = where.session
        atelier = Atelier.of(session)
        job = atelier.find(job)
        plan = atelier.truth.plan(job)
        keeper = Keeper(where, job, go_on=f"atelier resume {job}")
        with keeper.keeping():
            generation = atelier.redo(job, frames)
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


def _completed(begun: Draft, atelier: Atelier) -> Draft:
    """The same with what others were asked for, and how far that has come is told."""
    from jobs.cli.progress import progress

    with progress("asking for copy", count=lambda done, total: f"{done:,}/{total:,} answers") as report:
        return atelier.completed(begun, report)


def _tell_schedule(spec: JobSpec, file: str) -> None:
    from rich.markup import escape

    from jobs.cli import show

    if spec.schedule is not None:
        add = escape(f"atelier campaign add {shlex.quote(file)}")
        show.talk().print(f"[dim]made once, now; its schedule is for `{add}`[/]", soft_wrap=True)
