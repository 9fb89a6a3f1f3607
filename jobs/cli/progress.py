"""How far something has come that may take minutes: a bar, or in a log a line now and then. What is quick is silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

_SILENT_S = 1.0
"""What is over sooner than this is not spoken of."""
_LINE_EVERY_S = 15.0


@contextmanager
def progress(
    doing: str, *columns: ProgressColumn, count: Callable[[int, int], str]
) -> Iterator[Callable[[int, int], None]]:
    """Gives `report(done, total)`, which tells it on standard error.

    `columns` follow the bar; `count(done, total)` follows the share in a log's line.
    """
    from rich.progress import BarColumn, Progress, TextColumn

    from jobs.cli import show

    console = show.talk()
    live = show.is_live(console)
    shown = Progress(TextColumn(doing), BarColumn(), *columns, console=console, transient=True, disable=not live)
    task = shown.add_task(doing, visible=False)
    begun = said = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        shown.update(task, completed=done, total=total, visible=now - begun > _SILENT_S)
        if not live and now - said > _LINE_EVERY_S:
            said = now
            console.print(f"{doing}  {100 * done // max(1, total)} %  {count(done, total)}", soft_wrap=True)

    with shown:
        yield report
