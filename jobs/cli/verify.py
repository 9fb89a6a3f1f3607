"""The command that checks a finished job byte for byte: verify."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.looking import Json

if TYPE_CHECKING:
    from jobs.examine import Report
    from jobs.verify import Verdict

_TOLD = 40
"""Damages and surplus files beyond this are only counted; --json has them all."""

What = Annotated[
    str,
    typer.Argument(
        metavar="JOB|DIR",
        help="A job's name, or its beginning; or an output: a folder or s3://bucket/prefix.",
        show_default=False,
    ),
]


def verify(what: What, as_json: Json = False) -> None:
    """Check a finished job again, every byte of it, against its certificate.

    Of a folder: what was delivered, with nothing else at hand. Of a job: that, and all that the store keeps of it.
    """
    from jobs.cli import guard, show

    with _progress() as report:
        verdict = _of_folder(what, report) if _is_folder(what) else _of_job(what, report)
    if as_json:
        show.print_json(verdict.as_json())
    else:
        _tell(verdict)
    if not verdict.is_whole:
        raise typer.Exit(guard.JOB_FAILED)


def _is_folder(what: str) -> bool:
    """Whether people mean an output: an address, a path, or a folder that is there."""
    return "/" in what or os.path.isdir(what)


def _of_folder(what: str, report: Report) -> Verdict:
    from jobs import naming
    from jobs.config import settings
    from jobs.verify import verify_folder
    from pipeline.errors import InputError
    from pipeline.storage import is_remote

    folder = what.removesuffix(naming.CERTIFICATE)
    if not is_remote(folder) and not os.path.isdir(folder.removeprefix("file://")):
        raise InputError(f"{what}: no such folder; name the output of a finished job, or the job itself")
    return verify_folder(folder, settings().store_options(), report=report)


def _of_job(what: str, report: Report) -> Verdict:
    from jobs.find import find_job
    from jobs.session import viewing
    from jobs.verify import verify_job

    with viewing() as view:
        found = find_job(what, view.truth)
        return verify_job(found, view.truth, view.config.store_options(), report=report)


def _tell(verdict: Verdict) -> None:
    from rich.markup import escape

    from jobs.cli import show

    console = show.out()
    read = f"{show.count(verdict.files, 'file')}, {show.size(verdict.size)}"
    if verdict.is_whole:
        generation = f", generation {verdict.generation}" if verdict.generation > 1 else ""
        told = f"[bold green]✓[/] [bold]{verdict.job}[/]{generation} is whole: {read} read, each byte as certified"
        console.print(told, soft_wrap=True)
    for damage in verdict.damages[:_TOLD]:
        line = f"[bold red]✗[/] [bold]{escape(damage.what)}[/] {escape(damage.why)}: {escape(damage.where)}"
        console.print(f"{line}  [dim]→ {escape(damage.mend)}[/]", soft_wrap=True)
    if len(verdict.damages) > _TOLD:
        console.print(f"and {len(verdict.damages) - _TOLD:,} more; `--json` tells all", soft_wrap=True)
    if not verdict.is_whole:
        name = verdict.job or "the job"
        wrong = show.count(len(verdict.damages), "thing")
        console.print(f"[bold red]{name} is damaged:[/] {wrong} of {read} read", soft_wrap=True)
        if verdict.remedy:
            console.print(f"`{verdict.remedy}` renders again and delivers anew", soft_wrap=True)
    for name in verdict.surplus[:_TOLD]:
        console.print(f"[dim]not of this job: {escape(name)}[/]", soft_wrap=True)
    if len(verdict.surplus) > _TOLD:
        console.print(f"[dim]and {len(verdict.surplus) - _TOLD:,} more that are not of this job[/]", soft_wrap=True)
    if verdict.certificate:
        console.print(f"[dim]certificate {verdict.certificate}[/]", soft_wrap=True)


@contextmanager
def _progress() -> Iterator[Report]:
    """Tells on standard error how much has been read, if it takes a while."""
    from rich.progress import DownloadColumn, TimeRemainingColumn, TransferSpeedColumn

    from jobs.cli import show
    from jobs.cli.progress import progress

    columns = DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with progress(
        "verifying", *columns, count=lambda done, total: f"{show.size(done)} of {show.size(total)}"
    ) as report:
        yield report
