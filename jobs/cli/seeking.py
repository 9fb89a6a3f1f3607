"""What is shown while a film is searched for cuts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seeking() -> Iterator[None]:
    """Tell on standard error how far the search for cuts has come, if the block takes one."""
    from rich.progress import TaskProgressColumn, TimeRemainingColumn

    from jobs.cli.progress import progress
    from jobs.cuts import reported

    columns = TaskProgressColumn(), TimeRemainingColumn()
    with (
        progress("looking for cuts", *columns, count=lambda done, total: f"{done:,}/{total:,} frames") as report,
        reported(report),
    ):
        yield
