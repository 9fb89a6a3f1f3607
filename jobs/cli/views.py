"""How a job under way looks: bars on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from jobs.cli import show
from jobs.cli.previews import NewestPreview
from jobs.kinds import kind_of, noun
from jobs.records import Plan
from jobs.snapshot import STITCH, Running, Snapshot

_CHUNK_BARS = 12
"""More running chunks than this are only counted."""
_LINE_EVERY_S = 15.0
_LINE_EVERY_PERCENT = 5


class ProgressView(Protocol):
    """Shows a job's progress until the block ends."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, snapshot: Snapshot | None, *, workers: int, remark: str = "") -> None:
        """The job now; None if the ledger does not know it. `remark` says what is unusual."""


def view_for(plan: Plan, console: Console, *, advice: str = "") -> ProgressView:
    """The view that suits the console. `advice` is shown below the bars."""
    return LiveView(plan, console, advice=advice) if show.is_live(console) else PlainView(plan, console)


class LiveView:
    """A bar for the job, and one for each chunk in a worker's hands."""

    def __init__(self, plan: Plan, console: Console, *, advice: str = "") -> None:
        self._plan = plan
        self._advice = advice
        self._preview = NewestPreview(plan)
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, snapshot: Snapshot | None, *, workers: int, remark: str = "") -> None:
        """Draw the job as it is now."""
        self._live.update(self._picture(snapshot, workers, remark), refresh=True)

    def _picture(self, snapshot: Snapshot | None, workers: int, remark: str) -> RenderableType:
        parts: list[RenderableType] = [self._head(snapshot, workers)]
        if snapshot is not None:
            parts.append(self._job_bar(snapshot))
            if snapshot.running:
                parts.append(self._chunk_bars(snapshot))
        if preview := self._preview(snapshot):
            parts.append(Text(f"newest preview: {preview}", style="dim", overflow="fold"))
        if remark:
            parts.append(Text(remark, style="yellow"))
        if self._advice:
            parts.append(Text(self._advice, style="dim"))
        return Group(*parts)

    def _head(self, snapshot: Snapshot | None, workers: int) -> Text:
        name = snapshot.state if snapshot is not None else "waiting"
        text = Text.assemble((self._plan.job, "bold"), "  ", (name, show.STATE_STYLES.get(name, "")))
        return text.append(f"  {show.count(workers, 'worker')}", style="dim")

    def _job_bar(self, snapshot: Snapshot) -> RenderableType:
        row = Table.grid(padding=(0, 2), expand=True)
        row.add_column(ratio=1)
        for _ in range(4):
            row.add_column(justify="right", no_wrap=True)
        row.add_row(
            ProgressBar(total=snapshot.frames, completed=snapshot.frames_done),
            f"{percent(snapshot)} %",
            f"{snapshot.frames_done:,}/{snapshot.frames:,} {noun(self._plan.kind)}s",
            show.rate(snapshot.rate, noun(self._plan.kind)),
            f"ETA {show.duration(snapshot.eta_s)}",
        )
        return row

    def _chunk_bars(self, snapshot: Snapshot) -> RenderableType:
        rows = Table.grid(padding=(0, 2))
        rows.add_column(no_wrap=True)
        rows.add_column(width=24)
        rows.add_column(justify="right", no_wrap=True)
        rows.add_column(style="dim", no_wrap=True, overflow="ellipsis")
        for item in snapshot.running[:_CHUNK_BARS]:
            name, total = self._chunk(item)
            bar = ProgressBar(total=total, completed=item.frames, width=24)
            rows.add_row(f"  {name}", bar, f"{item.frames}/{total}", escape(item.note or item.worker))
        if len(snapshot.running) > _CHUNK_BARS:
            rows.add_row(f"  and {len(snapshot.running) - _CHUNK_BARS} more chunks", "", "", "")
        return rows

    def _chunk(self, item: Running) -> tuple[str, int]:
        if item.chunk == STITCH or not isinstance(item.chunk, int):
            return "stitch", self._plan.frames
        start, stop = self._plan.chunks[item.chunk]
        return f"chunk {item.chunk}", stop - start


class PlainView:
    """One line when 5 % more is done, when the state changes, and every quarter of a minute at most."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._plan, self._console = plan, console
        self._said: tuple[object, ...] = ()
        self._next = 0.0
        self._preview, self._shown = NewestPreview(plan), ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def show(self, snapshot: Snapshot | None, *, workers: int, remark: str = "") -> None:
        """Say how the job stands, if that is news."""
        step = percent(snapshot) // _LINE_EVERY_PERCENT if snapshot is not None else 0
        news = (snapshot.state if snapshot is not None else "waiting", step, remark)
        if news == self._said and time.monotonic() < self._next:
            return
        self._said, self._next = news, time.monotonic() + _LINE_EVERY_S
        told = line(self._plan.job, snapshot, workers=workers, remark=remark)
        self._console.print(told, soft_wrap=True, markup=False)
        preview = self._preview(snapshot)
        if preview != self._shown:
            self._shown = preview
            self._console.print(f"newest preview: {preview}", soft_wrap=True, markup=False)


def line(job: str, snapshot: Snapshot | None, *, workers: int, remark: str = "") -> str:
    """A job's progress in one line."""
    what = noun(kind_of(job))
    if snapshot is None:
        parts = [job, "waiting"]
    else:
        parts = [job, snapshot.state, f"{percent(snapshot)} %", f"{snapshot.frames_done}/{snapshot.frames} {what}s"]
        if snapshot.state == "running":
            parts += [show.rate(snapshot.rate, what), f"ETA {show.duration(snapshot.eta_s)}"]
    notes = [item.note for item in snapshot.running if item.note][:1] if snapshot is not None else []
    parts += [show.count(workers, "worker"), *notes, remark]
    return "  ".join(part for part in parts if part)


def percent(snapshot: Snapshot) -> int:
    """Whole percents that are done; 100 only when all is."""
    return 100 * snapshot.frames_done // max(1, snapshot.frames)
