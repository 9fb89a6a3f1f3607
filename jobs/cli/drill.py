"""The command drill: trouble on purpose, and whether the film comes out all the same."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from jobs.drill.drill import Drill
    from jobs.drill.farm import Farm
    from jobs.drill.report import Played, Report
    from jobs.drill.seeds import Round

_LIMIT_S = 120.0
"""A round of an embedded drill that takes longer hangs."""


def drill(
    rounds: Annotated[int, typer.Option(min=1, max=100_000, help="How many films, each with troubles of its own.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="Of the first round; the next has the next one.")] = 1,
    only: Annotated[
        str | None, typer.Option(metavar="TROUBLE,…", help="Only these troubles.", show_default=False)
    ] = None,
    film: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A film of your own, painted at its beginning.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report: .json, or .md.", show_default=False)
    ] = None,
    deployment: Annotated[
        bool, typer.Option("--deployment", help="Against the configured Redis and store, not a deployment of its own.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Say which troubles there are, and do nothing.")] = False,
) -> None:
    """Paint a film again and again while everything goes wrong, and compare it bit for bit.

    Starts a Redis, an S3 server, workers and a reconciler of its own, and hurts them. Each round follows from its seed.
    """
    from jobs.drill.drill import Drill
    from jobs.drill.film import first_frames
    from jobs.drill.seeds import rounds as draws
    from jobs.drill.table import chosen
    from jobs.interrupts import orderly_end

    names = chosen(only)
    if listed:
        _list()
        return
    _check_report(report)
    if film is not None:
        # Refused here, a film that cannot be used costs no deployment.
        first_frames(film)
    command = _command(rounds, seed, only, film, deployment)
    with orderly_end(), _farm(deployment) as farm:
        possible, missing = _sorted_out(names, farm)
        made = Drill(farm, film=film, limit_s=_limit(farm, deployment))
        with made.ready():
            told = _report(made, farm, missing, command, seed)
            _play(made, told, draws(seed, rounds, possible), report)
    _tell(told)
    if not told.passed:
        raise typer.Exit(1)


def _farm(deployment: bool) -> AbstractContextManager[Farm]:
    from jobs.cli import show
    from jobs.drill import setups

    show.talk().print("starting workers of the drill's own…" if deployment else "starting a deployment to hurt…")
    return setups.deployment() if deployment else setups.embedded()


def _sorted_out(names: list[str], farm: Farm) -> tuple[list[str], dict[str, str]]:
    """The troubles that can be had on this farm, and the others with the reason. Raises: InputError if none can."""
    from jobs.cli import show
    from jobs.drill.table import left_out
    from pipeline.errors import InputError

    missing = left_out(names, farm.lacks)
    for name, why in missing.items():
        show.talk().print(f"[yellow]{name} is left out[/]: {why}", soft_wrap=True)
    possible = [name for name in names if name not in missing]
    if not possible:
        raise InputError("--only: none of these troubles can be had here; `atelier drill --list` names others")
    return possible, missing


def _report(made: Drill, farm: Farm, missing: dict[str, str], command: str, seed: int) -> Report:
    from jobs.cli import show
    from jobs.drill.report import Report

    told = made.undisturbed(
        lambda plan, reference, seconds: Report(
            command=command,
            seed=seed,
            frames=plan.frames,
            chunks=len(plan.chunks),
            undisturbed_s=seconds,
            frames_sha256=reference.frames_sha256,
            store="a folder" if farm.proxy is None else "S3",
            left_out=missing,
        )
    )
    show.talk().print(f"undisturbed: {told.frames} frames in {told.chunks} chunks, {told.undisturbed_s:.1f} s")
    return told


def _play(made: Drill, told: Report, planned: list[Round], file: Path | None) -> None:
    """Play the rounds. The report is written after each, so that an interrupt loses nothing."""
    import time

    from rich.markup import escape

    from jobs.cli import show
    from jobs.drill.report import describe, judgement

    began = time.monotonic()
    for number, each in enumerate(planned, 1):
        played = made.round(each)
        told.rounds.append(played)
        told.seconds = round(time.monotonic() - began, 1)
        if file is not None:
            file.write_text(told.as_markdown() if file.suffix == ".md" else told.as_json(), encoding="utf-8")
        colour = "yellow" if played.is_untouched else "green" if played.verdict == "identical" else "bold red"
        what = escape("; ".join(describe(row) for row in played.struck))
        verdict = f"[{colour}]{judgement(played)}[/]  {played.seconds:.1f} s"
        show.talk().print(f"{number}/{len(planned)}  seed {played.seed}  {verdict}  {what}", soft_wrap=True)
        _tell_wrong(played, told)


def _tell_wrong(played: Played, told: Report) -> None:
    from rich.markup import escape

    from jobs.cli import show

    for line in played.trouble:
        show.talk().print(f"    {escape(line)}", soft_wrap=True)
    if played.logs:
        again = told.command.partition(" --seed ")[0]
        show.talk().print(f"    logs: {played.logs}", soft_wrap=True)
        show.talk().print(f"    again: {again} --seed {played.seed} --rounds 1", soft_wrap=True)


def _command(rounds: int, seed: int, only: str | None, film: str | None, deployment: bool) -> str:
    import shlex

    words = ["atelier", "drill"]
    words += ["--only", only] if only else []
    words += ["--film", film] if film else []
    words += ["--deployment"] if deployment else []
    return shlex.join([*words, "--seed", str(seed), "--rounds", str(rounds)])


def _limit(farm: Farm, deployment: bool) -> float:
    """How long a round may take: a deployment of the user's is as patient as its settings."""
    config = farm.config
    return _LIMIT_S + (4 * (config.lease_s + config.reconcile_s + config.published_s) if deployment else 0)


def _tell(told: Report) -> None:
    from rich.table import Table

    from jobs.cli import show
    from jobs.drill.report import cells

    console = show.out()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("trouble", "struck", "missed", "recovery, median", "max", "frames repeated"):
        table.add_column(name, justify="left" if name == "trouble" else "right", no_wrap=True)
    for row in told.summaries():
        table.add_row(*cells(row))
    console.print(table)
    mark = "[green]✓[/]" if told.passed else "[bold red]✗[/]"
    total = show.count(len(told.rounds), "round")
    outcome = f"{told.identical} of {total} bit-identical to the undisturbed film, in {show.duration(told.seconds)}"
    console.print(f"{mark} {outcome}{told.caveat}", soft_wrap=True)


def _list() -> None:
    from rich.table import Table

    from jobs.cli import show
    from jobs.drill.table import TROUBLES

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("trouble", "what it does", "recovered when"):
        table.add_column(name)
    for name, row in TROUBLES.items():
        table.add_row(name, row.does, row.recovered)
    show.out().print(table)


def _check_report(path: Path | None) -> None:
    """Find out before the drill, not after it. Raises: BadParameter."""
    if path is None:
        return
    if path.suffix not in (".json", ".md"):
        raise typer.BadParameter(f"{path} is neither .json nor .md", param_hint="--report")
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.absolute().parent}", param_hint="--report")
