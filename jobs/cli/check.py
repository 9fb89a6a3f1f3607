"""The command that says what a job file would make, and touches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from jobs.cli.looking import Json
from jobs.cli.running import JobFile

if TYPE_CHECKING:
    from jobs.records import Plan


def check(file: JobFile, as_json: Json = False) -> None:
    """Check a job file and say what it would make, or everything that is wrong with it."""
    from jobs.cli import guard, show
    from jobs.cli.running import planned
    from jobs.spec import JobSpecProblems

    try:
        _, plan = planned(file, token="")
    except JobSpecProblems as error:
        if not as_json:
            raise
        show.print_json({"ok": False, "problems": error.problems})
        raise typer.Exit(guard.BAD_INPUT) from error
    if as_json:
        show.print_json({"ok": True, **summary(plan)})
    else:
        _tell(plan)


def summary(plan: Plan) -> dict[str, Any]:
    """The plan without what is long: for scripts."""
    body = plan.model_dump(mode="json", exclude={"chunks", "inputs", "names"})
    source = {name: value for name, value in plan.inputs.get("source", {}).items() if name not in ("pts", "names")}
    inputs = {name: value for name, value in plan.inputs.items() if name != "source"}
    return {**body, "chunks": len(plan.chunks), "source": source, "inputs": inputs, "painted": _painted(plan)}


def _tell(plan: Plan) -> None:
    from rich.markup import escape

    from jobs.cli import show

    console = show.out()
    console.print(f"[bold green]✓[/] a {plan.kind} job; it would be [bold]{plan.job}[/]", soft_wrap=True)
    for name, fact in _facts(plan):
        console.print(f"  [dim]{name:<10}[/]{escape(fact)}", soft_wrap=True)
    for note in plan.notes:
        console.print(f"  [yellow]{'note':<10}[/]{escape(note)}", soft_wrap=True)


def _facts(plan: Plan) -> list[tuple[str, str]]:
    from jobs.cli import show

    source = plan.inputs.get("source", {})
    facts = []
    if source:
        facts += [("source", source["url"]), ("", _source_facts(source))]
    span = f"{plan.first}-{plan.first + plan.frames - 1}"
    rate = plan.rate_fraction
    lasts = f", {show.duration(float(plan.frames / rate))} at {float(rate):.6g} fps" if rate else ""
    facts.append(("frames", f"{show.count(plan.frames, 'frame')} ({span}){lasts}"))
    longest = max(stop - start for start, stop in plan.chunks)
    chunks = show.count(len(plan.chunks), "chunk")
    facts.append(("chunks", f"{chunks} of at most {show.count(longest, 'frame')}, priority {plan.priority}"))
    painted = _painted(plan)
    if painted:
        facts.append(("painted", f"{painted[0]}x{painted[1]} px, {'16' if plan.deep else '8'} bits a channel"))
    if plan.model is not None:
        strength = plan.inputs.get("strength", 1.0)
        facts.append(("style", plan.model.name + (f", strength {strength:g}" if strength != 1 else "")))
    return [*facts, ("deliver", ", ".join(plan.deliver)), ("output", plan.output)]


def _source_facts(source: dict[str, Any]) -> str:
    from fractions import Fraction

    parts = [f"{source['kind']}, {source['width']}x{source['height']} px, {source['frames']:,} frames"]
    if source.get("rate"):
        parts.append(f"{float(Fraction(source['rate'])):.6g} fps")
    parts.append(f"{source['bit_depth']} bits")
    if source["kind"] == "film":
        parts.append(f"sound: {source['audio_codec']}" if source.get("audio_codec") else "silent")
    if source.get("timecode"):
        parts.append(f"timecode {source['timecode']}")
    return ", ".join(parts)


def _painted(plan: Plan) -> tuple[int, int] | None:
    from pipeline.film.geometry import fitted_size

    source = plan.inputs.get("source")
    return fitted_size(source["width"], source["height"], plan.inputs.get("size")) if source else None
