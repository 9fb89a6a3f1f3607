"""How statuses, lists of jobs and explanations look."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from jobs.cli import show
from jobs.cli.results import deliverable_lines
from jobs.explain import Explanation, Happening, moment
from jobs.kinds import kind_of, noun
from jobs.ledger import WorkerInfo
from jobs.snapshot import STITCH
from jobs.status import Status


def tell_status(status: Status, price_per_hour: float, *, absence: str) -> None:
    """Everything about one job, a fact a line."""
    console, what = show.out(), noun(kind_of(status.job))
    console.print(f"[bold]{status.job}[/]  {show.state(status.state)}")
    for name, fact in _facts(status, price_per_hour):
        console.print(f"  {name:<11}{fact}", soft_wrap=True)
    for item in status.running:
        name = "stitch" if item.chunk == STITCH else f"chunk {item.chunk}"
        console.print(f"  {name:<11}{show.count(item.frames, what)} so far, {escape(item.worker)}", soft_wrap=True)
    for row in deliverable_lines(status.deliverables):
        console.print(f"  {row}", soft_wrap=True)
    if absence and not status.is_final:
        show.talk().print(f"[dim]from storage alone: {escape(absence)}[/]", soft_wrap=True)


def _facts(status: Status, price_per_hour: float) -> list[tuple[str, str]]:
    done = f"{status.frames_done:,} of {status.frames:,} ({100 * status.frames_done // max(1, status.frames)} %)"
    what = noun(kind_of(status.job))
    facts = [(f"{what}s", done), ("chunks", f"{status.chunks_done:,} of {status.chunks:,}")]
    if status.state == "running":
        facts.append(("speed", f"{show.rate(status.rate, what)}, ETA {show.duration(status.eta_s)}"))
    if status.compute_s is not None:
        cost = status.cost(price_per_hour)
        price = f", costs {cost:,.2f} so far" if cost is not None and not status.is_final else ""
        price = f", cost {cost:,.2f}" if cost is not None and status.is_final else price
        facts.append(("compute", f"{status.compute_s:,.1f} worker seconds{price}"))
    if status.submitted:
        facts.append(("submitted", moment(status.submitted)))
    if status.finished:
        facts.append(("ended", moment(status.finished)))
    if status.generation > 1:
        facts.append(("generation", str(status.generation)))
    if status.priority is not None:
        facts.append(("priority", str(status.priority)))
    if status.error:
        facts.append(("reason", f"[red]{escape(status.error)}[/]"))
    facts.append(("output", escape(status.output)))
    return facts + [("note", escape(note)) for note in dict.fromkeys(status.notes)]


def tell_workers(alive: list[WorkerInfo], withdrawn: dict[str, str]) -> None:
    """A table of workers, and below it who took itself out and why."""
    console = show.out()
    if alive:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for name in ("worker", "device", "queues", "memory", "models", "doing"):
            table.add_column(name, no_wrap=True)
        for worker in alive:
            queues = ", ".join(worker.queues)
            said = (worker.slot, worker.device or "?", queues, _memory(worker), worker.model or "-", worker.doing)
            table.add_row(*map(escape, said))
        console.print(table)
    else:
        show.talk().print("no worker is alive; start one with `atelier worker`")
    for slot, why in sorted(withdrawn.items()):
        console.print(f"[red]{escape(slot)}[/] took itself out: it {escape(why)}", soft_wrap=True)


def _memory(worker: WorkerInfo) -> str:
    """What its process takes, and of a GPU what is taken of all there is."""
    said = show.size(worker.memory) if worker.memory else "?"
    if not worker.device_memory_total:
        return said
    return f"{said}, GPU {show.size(worker.device_memory)} of {show.size(worker.device_memory_total)}"


def tell_jobs(found: list[Status], *, ended: int, absence: str) -> None:
    """A table of jobs."""
    console = show.out()
    if found:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for name in ("job", "state", "frames", "", "ETA", "submitted", "output"):
            table.add_column(name, justify="right" if name in ("frames", "", "ETA") else "left", no_wrap=True)
        table.columns[-1].no_wrap, table.columns[-1].overflow = False, "fold"
        for row in found:
            table.add_row(
                row.job,
                show.state(row.state),
                f"{row.frames_done:,}/{row.frames:,}",
                f"{100 * row.frames_done // max(1, row.frames)} %",
                show.duration(row.eta_s),
                moment(row.submitted)[:16] if row.submitted else "-",
                escape(row.output),
            )
        console.print(table)
    else:
        show.talk().print("no job has work to do")
    if ended:
        show.talk().print(f"[dim]{show.count(ended, 'job')} ended; `atelier jobs --all` lists them[/]")
    if absence and any(not row.is_final for row in found):
        show.talk().print(f"[dim]from storage alone: {escape(absence)}[/]", soft_wrap=True)


def tell_explanation(explanation: Explanation) -> None:
    """Sentences first, then the facts behind them."""
    console = show.out()
    console.print(f"[bold]{escape(explanation.title)}[/]", soft_wrap=True)
    for sentence in explanation.sentences:
        console.print(escape(sentence), soft_wrap=not console.is_terminal)
    if explanation.timings:
        console.print("\n[dim]seconds by stage (stages overlap)[/]")
        for name, seconds in explanation.timings:
            console.print(f"  {name.removesuffix('_s'):<12}{seconds:>9.2f}")
    if explanation.files:
        console.print("\n[dim]where it lies[/]")
        width = max(len(name) for name, _ in explanation.files) + 2
        for name, place in explanation.files:
            console.print(f"  {name:<{width}}{escape(place)}", soft_wrap=True)
    if explanation.history:
        console.print("\n[dim]what happened[/]")
        for happening in explanation.history:
            console.print(f"  {_line(happening)}", soft_wrap=True)


def _line(happening: Happening) -> str:
    chunk = happening.chunk
    where = "" if chunk is None else "stitch: " if chunk == STITCH else f"chunk {chunk}: "
    worker = f"  [dim]{escape(happening.worker)}[/]" if happening.worker else ""
    return f"[dim]{moment(happening.at)}[/]  {where}{escape(happening.what)}{worker}"
