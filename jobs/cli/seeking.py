"""What is shown while a film is searched for cuts, which may take minutes: a bar, or in a log a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_SILENT_S = 1.0
"""A search that is over sooner than this is not spoken of."""
_LINE_EVERY_S = 15.0


@contextmanager
def seeking() -> Iterator[None]:
    """Tell on standard error how far the search for cuts has come, if the block takes one."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from jobs.cli import show
    from jobs.cuts import reported

    console = show.talk()
    live = show.is_live(console)
    columns = TextColumn("looking for cuts"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    progress = Progress(*columns, console=console, transient=True, disable=not live)
    task = progress.add_task("cuts", visible=False)
    begun = said = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        progress.update(task, completed=done, total=total, visible=now - begun > _SILENT_S)
        if not live and now - said > _LINE_EVERY_S:
            said = now
            console.print(f"looking for cuts  {100 * done // max(1, total)} %  {done:,}/{total:,} frames")

    with progress, reported(report):
        yield
