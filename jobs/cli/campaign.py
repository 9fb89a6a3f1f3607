"""Commands for campaigns: job files that are made again and again, on schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.looking import Json
from jobs.cli.running import JobFile

if TYPE_CHECKING:
    from datetime import datetime

    from jobs.campaigns.enlist import Enlisted
    from jobs.campaigns.standing import Standing

app = typer.Typer(
    no_args_is_help=True,
    help="Make a job file again and again, at the times of its `schedule`. `atelier scheduler` fires the runs.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A campaign's name.", show_default=False)]
MaybeName = Annotated[str | None, typer.Argument(metavar="[NAME]", help="A campaign's name.", show_default=False)]
NewName = Annotated[
    str | None,
    typer.Option("--name", help="What the campaign is called; default the job file's name.", show_default=False),
]
Count = Annotated[int, typer.Option("-n", "--count", min=1, max=1000, help="How many.")]


@app.callback()
def _campaign() -> None:
    """Make a job file again and again, at the times of its `schedule`. `atelier scheduler` fires the runs."""


@app.command()
def add(file: JobFile, name: NewName = None) -> None:
    """Begin a campaign: from now on, the job file is made at the times of its `schedule`."""
    from jobs.campaigns.book import Book
    from jobs.campaigns.enlist import enlist
    from jobs.cli.seeking import seeking
    from jobs.config import settings
    from jobs.session import recording

    with recording() as truth, seeking():
        enlisted = enlist(file, name, Book(truth), settings(), _now())
    _tell_added(enlisted)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the campaigns: when each fires next, and what became of its last run."""
    from jobs.campaigns.standing import standings
    from jobs.cli import show
    from jobs.session import viewing

    with viewing() as view:
        found = standings(view.truth, view.ledger, _now(), _warn)
        schedulers = view.ledger.schedulers() if view.ledger is not None else []
    if as_json:
        show.print_json({"campaigns": [row.as_json() for row in found], "schedulers": schedulers})
        return
    _tell(found)
    if found and not schedulers:
        why = f" ({view.absence})" if view.absence else ""
        show.talk().print(
            f"no scheduler is alive{why}; start one with `atelier scheduler`", soft_wrap=True, markup=False
        )


@app.command()
def pause(name: Name) -> None:
    """Fire nothing of a campaign until it is resumed. What is missed meanwhile is not caught up."""
    from jobs.campaigns.book import Book
    from jobs.cli import show
    from jobs.session import recording

    with recording() as truth:
        Book(truth).pause(name)
    show.talk().print(f"[bold]{name}[/] is paused; `atelier campaign resume {name}` lets it go on", soft_wrap=True)


@app.command()
def resume(name: Name) -> None:
    """Let a paused campaign go on, from now."""
    from jobs.campaigns.book import Book
    from jobs.cli import show
    from jobs.session import recording

    with recording() as truth:
        campaign = Book(truth).resume(name, _now())
    timetable = campaign.timing.timetable
    first = timetable.first(_now())
    then = f"; it fires next on {_clock(timetable.local(first))}" if first else "; but no time of it is to come"
    show.talk().print(f"[bold]{name}[/] goes on{then}", soft_wrap=True)


@app.command()
def remove(name: Name) -> None:
    """End a campaign. The jobs that it made stay, and go on."""
    from jobs.campaigns.book import Book
    from jobs.cli import show
    from jobs.session import recording

    with recording() as truth:
        Book(truth).remove(name)
    show.talk().print(f"[bold]{name}[/] is no campaign any more; its jobs stay", soft_wrap=True)


@app.command("next")
def next_(name: MaybeName = None, count: Count = 5, as_json: Json = False) -> None:
    """Say when a campaign fires next, or which of all do."""
    from jobs.campaigns.book import Book
    from jobs.campaigns.standing import upcoming
    from jobs.cli import show
    from jobs.session import viewing

    with viewing() as view:
        book = Book(view.truth)
        campaigns = book.campaigns(_warn) if name is None else [book.campaign(name)]
    found = upcoming(campaigns, _now(), count)
    if as_json:
        show.print_json([{"name": campaign.name, "at": at.isoformat()} for at, campaign in found])
        return
    width = max((len(campaign.name) for _, campaign in found), default=0)
    for at, campaign in found:
        show.out().print(f"{campaign.name:<{width}}  {_clock(at)}")
    if not found:
        paused = name is not None and campaigns[0].is_paused
        show.talk().print(f"{name} is paused" if paused else "nothing is to come", markup=False)


@app.command("run-now")
def run_now(name: Name) -> None:
    """Fire a campaign at once, beside its schedule, and print the job's name."""
    from jobs.campaigns.order import order
    from jobs.session import connected

    with connected() as session:
        typer.echo(order(name, session, _now()))


def _warn(problem: str) -> None:
    from rich.markup import escape

    from jobs.cli import show

    show.talk().print(f"[yellow]damaged:[/] {escape(problem)}", soft_wrap=True)


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _clock(at: datetime) -> str:
    """`Mon 2026-12-07 06:00 CET`, as the campaign's clock shows it."""
    return f"{at:%a %Y-%m-%d %H:%M %Z}"


def _tell_added(enlisted: Enlisted) -> None:
    from rich.markup import escape

    from jobs.cli import show

    campaign = enlisted.campaign
    timing = campaign.timing
    console = show.out()
    console.print(f"[bold green]✓[/] [bold]{campaign.name}[/] is a campaign of {campaign.kind} jobs", soft_wrap=True)
    facts = [
        ("fires", f"{timing.timetable.cron.said}, {timing.timezone}"),
        ("next", _clock(timing.timetable.local(enlisted.first))),
        ("output", enlisted.plan.output),
    ]
    for fact, said in facts:
        console.print(f"  [dim]{fact:<8}[/]{escape(said)}", soft_wrap=True)
    for note in enlisted.notes:
        console.print(f"  [yellow]{'note':<8}[/]{escape(note)}", soft_wrap=True)


def _tell(found: list[Standing]) -> None:
    """A table of campaigns, and below it why runs failed."""
    from rich.markup import escape
    from rich.table import Table

    from jobs.cli import show

    if not found:
        show.talk().print("there is no campaign; `atelier campaign add FILE` makes one")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("campaign", "kind", "cron", "zone", "next", "last", "job", "state"):
        table.add_column(column, no_wrap=True)
    for row in found:
        timing, last = row.campaign.timing, row.last
        table.add_row(
            f"[bold]{row.campaign.name}[/]",
            row.campaign.kind,
            escape(timing.cron),
            timing.timezone,
            f"{row.next:%a %Y-%m-%d %H:%M}" if row.next else row.state,
            f"{last.at:%Y-%m-%d %H:%M}{' (now)' if last.ordered else ''}" if last else "-",
            last.job or "-" if last else "-",
            show.state(last.state) if last else "-",
        )
    console = show.out()
    console.print(table)
    for row in found:
        if row.last is not None and row.last.why:
            of = f"{row.campaign.name}, {row.last.at:%Y-%m-%d %H:%M}"
            console.print(f"[bold]{of}[/]  {show.state(row.last.state)}: {escape(row.last.why)}", soft_wrap=True)
