"""How an ended job is told: what was made and where it is, or why it stopped."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from jobs.cli import guard, show
from jobs.kinds import kind_of, noun
from jobs.records import Deliverable
from jobs.status import Status
from pipeline.storage import is_remote


def tell_end(status: Status, *, elapsed_s: float | None = None, frames: int | None = None) -> None:
    """Print how the job ended, and end the command with exit code 1 unless it is done.

    `elapsed_s` and `frames`: how long we watched, and how many frames were painted meanwhile.
    """
    if status.state == "done":
        _tell_result(status, show.out(), elapsed_s, frames)
        return
    word = "failed" if status.state == "failed" else "was cancelled"
    reason = status.error or "no reason was given"
    show.talk().print(f"[bold red]{status.job} {word}:[/] {escape(reason)}", soft_wrap=True)
    show.talk().print(
        f"[dim]{status.chunks_done} of {show.count(status.chunks, 'chunk')} are kept; submit its file again to go on; "
        f"`atelier explain {status.job}` tells more[/]",
        soft_wrap=True,
    )
    raise typer.Exit(guard.JOB_FAILED)


def _tell_result(status: Status, console: Console, elapsed_s: float | None, frames: int | None) -> None:
    what = noun(kind_of(status.job))
    parts = [show.count(status.frames - status.left_out, what)]
    if elapsed_s is not None and frames:
        parts.append(f"{frames:,} of them now" if frames != status.frames else "")
        parts += [f"in {show.duration(elapsed_s)}", show.rate(frames / elapsed_s, what)]
    elif status.submitted and status.finished:
        parts.append(f"in {show.duration(status.finished - status.submitted)} from submission to result")
    parts += [f"{status.left_out:,} left out"] if status.left_out else []
    told = ", ".join(part for part in parts if part).replace(", in ", " in ")
    console.print(f"[bold green]✓[/] [bold]{status.job}[/] is finished: {told}", soft_wrap=True)
    console.print()
    for row in deliverable_lines(status.deliverables):
        console.print(f"  {row}", soft_wrap=True)
    notes = list(dict.fromkeys(status.notes))
    if notes:
        console.print()
    for note in notes:
        console.print(f"  [dim]{escape(note)}[/]", soft_wrap=True)


def deliverable_lines(rows: tuple[Deliverable, ...]) -> list[str]:
    """One line of markup a deliverable: name, size, where. The place stands last, so that long paths stay whole."""
    if not rows:
        return []
    amounts = [show.size(row.size) + (f" in {row.files:,} files" if row.files > 1 else "") for row in rows]
    names = max(len(row.name) for row in rows)
    width = max(map(len, amounts))
    lines = []
    for row, amount in zip(rows, amounts, strict=True):
        notes = f"  [dim]({escape('; '.join(row.notes))})[/]" if row.notes else ""
        gone = "" if is_there(row) else "  [yellow](not there any more)[/]"
        place = escape(row.url)
        if not is_remote(row.url):
            place = f"[link={Path(row.url).as_uri()}]{place}[/]"
        lines.append(f"[bold]{row.name:<{names}}[/]  {amount:>{width}}  {place}{notes}{gone}")
    return lines


def is_there(row: Deliverable) -> bool:
    """Whether a local deliverable is still where it was put. Remote ones are not asked."""
    return is_remote(row.url) or Path(row.url).exists()
