"""The command that sweeps the store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.looking import Json

if TYPE_CHECKING:
    from jobs.sweep import Report

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")]
KeepDays = Annotated[
    float | None,
    typer.Option(
        "--keep-days",
        min=0,
        help="Days that ended jobs are kept; 0 is for ever. Default: keep_days.",
        show_default=False,
    ),
]
OlderThan = Annotated[
    str | None,
    typer.Option(
        "--older-than",
        metavar="TIME",
        help="What is younger stays; as 24h, 90m or 7d. Default: sweep_after_h.",
        show_default=False,
    ),
]

_UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0}


def sweep(
    dry_run: DryRun = False, keep_days: KeepDays = None, older_than: OlderThan = None, as_json: Json = False
) -> None:
    """Remove from the store what nobody needs any more: lost attempts, broken uploads, expired jobs."""
    from jobs.cli import show
    from jobs.config import settings
    from jobs.sweep import Sweep
    from jobs.truth import Truth
    from pipeline.storage import open_store

    config = settings()
    report = Sweep(
        Truth(open_store(config.store, config.store_options())),
        older_than_s=config.sweep_after_h * 3600 if older_than is None else _seconds(older_than),
        keep_days=config.keep_days if keep_days is None else keep_days,
        dry_run=dry_run,
    ).run()
    if as_json:
        show.print_json(report.as_json())
    else:
        _tell(report)


def _seconds(said: str) -> float:
    """Raises: BadParameter unless it is a time of at least a minute."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)([mhd])", said.strip())
    if found is None:
        raise typer.BadParameter(f"{said!r} is no time; write 24h, 90m or 7d", param_hint="--older-than")
    seconds = float(found[1]) * _UNITS[found[2]]
    if seconds < _UNITS["m"]:
        raise typer.BadParameter("what is younger than 1m may be in use; write 1m or more", param_hint="--older-than")
    return seconds


def _tell(report: Report) -> None:
    from rich.markup import escape

    from jobs.cli import show
    from jobs.sweep import KINDS

    console = show.out()
    rows = [(KINDS[kind], heap) for kind, heap in report.heaps.items() if heap.count]
    verb = "would be removed" if report.dry_run else "removed"
    if not rows:
        console.print("nothing to sweep")
    width = max((len(name) for name, _ in rows), default=0)
    for name, heap in rows:
        console.print(f"{name:<{width}}  {show.size(heap.size):>8} in {show.count(heap.count, 'object')} {verb}")
    if report.expired:
        console.print(f"[dim]expired: {escape(', '.join(report.expired))}[/]", soft_wrap=True)
    for sentence in report.left:
        show.talk().print(f"[yellow]left alone:[/] {escape(sentence)}", soft_wrap=True)
