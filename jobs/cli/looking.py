"""Commands that look at jobs and workers: watch, status, jobs, workers, explain."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Annotated

import typer

from jobs.cli.steering import Job

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
    from jobs.client import Atelier

    with Atelier.open() as atelier:
        found = atelier.status(job)
        if as_json:
            show.print_json(found.as_json(atelier.config.price_per_hour))
        else:
            tell_status(found, atelier.config.price_per_hour, absence=atelier.absence)


def jobs(everything: All = False, as_json: Json = False) -> None:
    """List the jobs with work to do, or all of them; the newest first."""
    from jobs.cli import show
    from jobs.cli.tables import tell_jobs
    from jobs.client import Atelier

    with Atelier.open() as atelier:
        found = atelier.jobs(ended=everything)
        if as_json:
            show.print_json([row.as_json(atelier.config.price_per_hour) for row in found])
        else:
            ended = 0 if everything else len(atelier.truth.jobs()) - len(found)
            tell_jobs(found, ended=ended, absence=atelier.absence)


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
    from jobs.client import Atelier

    number = None if frame is None else _frame_number(frame)
    with Atelier.open() as atelier:
        tell_explanation(atelier.explain(job, number))


def _frame_number(text: str) -> int:
    from pipeline.errors import InputError

    if not re.fullmatch("[0-9]{1,10}", text):
        raise InputError(f"frame: {text!r} is no frame's number; write one, as in `atelier explain JOB 30`")
    return int(text)
