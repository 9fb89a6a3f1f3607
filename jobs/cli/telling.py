"""The command that shows whom a job's end was told, and tells them now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.looking import Json
from jobs.cli.steering import Job

if TYPE_CHECKING:
    from jobs.config import Settings
    from jobs.truth import Truth
    from jobs.webhooks.account import Delivery


def webhooks(
    job: Job,
    send: Annotated[bool, typer.Option("--send", help="Try now what waits for its next try.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a job's webhooks were told, how often it was tried, and what they answered."""
    from jobs.cli import show
    from jobs.cli.steering import steering
    from jobs.config import settings
    from jobs.webhooks.account import deliveries

    config = settings()
    with steering(job) as (found, atelier):
        if send:
            _send(found, atelier.truth, config)
        rows = deliveries(found, atelier.truth, config)
    if as_json:
        show.print_json([row.as_json() for row in rows])
    else:
        _tell(found, rows)


def _send(job: str, truth: Truth, config: Settings) -> None:
    import os

    from jobs.config import host_name
    from jobs.webhooks.courier import Courier

    courier = Courier(truth, config, by=f"{host_name()}:{os.getpid()}")
    for owner, name in list(courier.outbox.due(job)):
        notice = courier.outbox.notice(owner, name)
        if notice is not None:
            courier.deliver(notice, early=True)


def _tell(job: str, rows: list[Delivery]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from jobs.cli import show
    from jobs.explain import moment

    if not rows:
        show.talk().print(f"nobody was told anything of {job}", soft_wrap=True)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("event", "address", "state", "tries", "answer", "last try", "next try"):
        table.add_column(name, overflow="fold")
    for row in rows:
        answer = str(row.status) if row.status is not None else row.error
        times = (moment(at) if at else "" for at in (row.tried_at, row.next_at))
        table.add_row(row.event, escape(row.url), row.state, f"{row.tries}", escape(answer), *times)
    show.out().print(table)
