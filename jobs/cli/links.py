"""The command that gives links to what a job delivered."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from jobs.cli.looking import Json
from jobs.cli.steering import Job

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def links(
    job: Job,
    expires: Annotated[str, typer.Option(metavar="TIME", help="How long they last: 30m, 12h; at most 7d.")] = "7d",
    as_json: Json = False,
) -> None:
    """Give links to what a finished job delivered, for people without credentials. Of a folder they are paths."""
    from rich.markup import escape

    from jobs.cli import show
    from jobs.config import settings
    from jobs.explain import moment
    from jobs.find import find_job
    from jobs.links import links as make
    from jobs.session import viewing

    lasting_s = _seconds(expires)
    with viewing() as view:
        rows = list(make(find_job(job, view.truth), view.truth, settings().store_options(), expires_s=lasting_s))
    if as_json:
        show.print_json([row.as_json() for row in rows])
        return
    for row in rows:
        show.out().print(f"[bold]{escape(row.name)}[/]  {show.size(row.size)}", soft_wrap=True)
        typer.echo(f"  {row.link}")
    ends = next((row.expires for row in rows if row.expires is not None), None)
    if ends is not None:
        show.talk().print(f"[dim]whoever has a link can fetch its file until {moment(ends)}[/]", soft_wrap=True)


def _seconds(text: str) -> float:
    """`7d`, `12h`, `30m`, `90s`. Raises: InputError."""
    from pipeline.errors import InputError
    from pipeline.storage.base import check_lasting

    found = re.fullmatch(r"([0-9]{1,7})([smhd])", text.strip().lower())
    if found is None:
        raise InputError(f"--expires: {text!r} is no time; write 7d, 12h, 30m or 90s")
    seconds = float(found[1]) * _UNITS[found[2]]
    try:
        check_lasting(seconds)
    except InputError as error:
        raise InputError(f"--expires {text}: {error}") from error
    return seconds
