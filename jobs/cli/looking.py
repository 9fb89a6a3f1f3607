"""Commands that look at jobs and workers: watch, status, jobs, workers, explain."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.steering import Job

if TYPE_CHECKING:
    from jobs.session import View
    from jobs.status import Status

All = Annotated[bool, typer.Option("--all", help="Those that have ended, too.")]
Frame = Annotated[str | None, typer.Argument(metavar="[FRAME]", help="A frame's number.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="JSON for scripts, on standard output.")]


def watch(job: Job) -> None:
    """Watch a job until it ends. Ctrl-C leaves and the job goes on."""
    from jobs.cli.drive import watch_only
    from jobs.cli.results import tell_end
    from jobs.find import find_job
    from jobs.session import viewing
    from jobs.status import status_of
    from pipeline.errors import QueueUnavailable

    with viewing() as view:
        found = find_job(job, view.truth)
        status = status_of(found, view.truth, view.ledger)
        if status.is_final:
            tell_end(status)
        elif view.ledger is None:
            raise QueueUnavailable(f"{found} cannot be watched: {view.absence}; see `atelier status {found}`")
        else:
            watch_only(view.truth.plan(found), view.truth, view.ledger)


def status(job: Job, as_json: Json = False) -> None:
    """Say how a job stands: progress, workers, cost, deliverables."""
    from jobs.cli import show
    from jobs.cli.tables import tell_status
    from jobs.find import find_job
    from jobs.session import viewing
    from jobs.status import status_of

    with viewing() as view:
        found = status_of(find_job(job, view.truth), view.truth, view.ledger)
        if as_json:
            show.print_json(found.as_json(view.config.price_per_hour))
        else:
            tell_status(found, view.config.price_per_hour, absence=view.absence)


def jobs(everything: All = False, as_json: Json = False) -> None:
    """List the jobs with work to do, or all of them; the newest first."""
    from jobs.cli import show
    from jobs.cli.tables import tell_jobs
    from jobs.session import viewing

    with viewing() as view:
        names = view.truth.jobs()
        unfinished = {*view.truth.active(), *(view.ledger.jobs() if view.ledger else ())} & set(names)
        found = _statuses(view, names if everything else sorted(unfinished))
        if as_json:
            show.print_json([row.as_json(view.config.price_per_hour) for row in found])
        else:
            tell_jobs(found, ended=0 if everything else len(names) - len(found), absence=view.absence)


def _statuses(view: View, names: list[str]) -> list[Status]:
    from jobs.status import status_of

    found = [status_of(name, view.truth, view.ledger) for name in names]
    return sorted(found, key=lambda row: row.submitted or 0.0, reverse=True)


def workers(as_json: Json = False) -> None:
    """List the workers that are alive, and those that took themselves out."""
    from jobs.cli import show
    from jobs.cli.tables import tell_workers
    from jobs.session import connected

    with connected() as session:
        alive, withdrawn = session.ledger.workers(), session.ledger.withdrawn()
    if as_json:
        show.print_json({"alive": [asdict(worker) for worker in alive], "withdrawn": withdrawn})
    else:
        tell_workers(alive, withdrawn)


def explain(job: Job, frame: Frame = None) -> None:
    """Say why a job waits, failed or was done again, or what became of one of its frames."""
    from jobs.cli.tables import tell_explanation
    from jobs.explain import explain_frame, explain_job
    from jobs.find import find_job
    from jobs.session import viewing

    number = None if frame is None else _frame_number(frame)
    with viewing() as view:
        found = find_job(job, view.truth)
        if number is None:
            tell_explanation(explain_job(found, view.truth, view.ledger, absence=view.absence))
        else:
            tell_explanation(explain_frame(found, number, view.truth, view.ledger, absence=view.absence))


def _frame_number(text: str) -> int:
    from pipeline.errors import InputError

    if not re.fullmatch("[0-9]{1,10}", text):
        raise InputError(f"frame: {text!r} is no frame's number; write one, as in `atelier explain JOB 30`")
    return int(text)
