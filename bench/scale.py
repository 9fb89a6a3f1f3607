"""A farm at scale whose model only sleeps: fair shares, lost chunks, and what a chunk costs as the farm grows.

    python -m bench.scale [--workers 64] [--jobs 1000] [--chunks 200] [--sleep 0.5] [--json F] [--store DIR]
    python -m bench.scale --workers 2 --jobs 5 25 100 400 1000 --sleep 0 --reconcile 2 --json F
    python -m bench.scale --plot F.json OUT.png

The first is the farm at work: choose `--sleep` so that the workers ask for about a third of the chunks that this
machine can put through (`bench.queue`), for all of them share its cores. The second shows what a chunk costs by
itself: chunks that take no time, in farms that grow. Everything that was measured goes to the JSON file.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.machine import describe
from bench.scale_farm import SleepingFarm, Used, sleeping_farm
from bench.scale_plot import draw
from bench.scale_sums import Window, pace, shares, steps, tally, worst_share

LEAST_CHUNKS = 20_000
"""Smaller farms are measured several times, until so many chunks were seen …"""

MOST_ROUNDS = 5
"""… but not more often than this."""

MOST_OFF = 0.10
"""How far a job may be from the mean of its priority."""

_EDGES = 0.05
"""Part of the chunks at each end of a run in which not every worker is at work; not measured."""

_DONE_S = 600.0
"""How long the last stitches may take."""


def measure(folder: Path, *, workers: int, jobs: int, chunks: int, sleep_s: float, extra: dict[str, str]) -> dict:
    """One run, from an empty farm to the last result: everything that was measured."""
    with sleeping_farm(folder, sleep_s=sleep_s, extra=extra) as farm:
        begun = time.monotonic()
        priorities = farm.enter(jobs, chunks)
        entered_s = time.monotonic() - begun
        farm.start_workers(workers)
        farm.publish()
        before, after = _watch(farm, jobs * chunks)
        memory = farm.memory_mb()
        commands = farm.commands()
        _wait_for_results(farm)
        unfinished = farm.unfinished()
        farm.stop_workers()
        diaries, receipts = farm.diaries(), farm.receipts()
    found = pace(diaries, Window(before.at, after.at), workers)
    seen = shares(diaries, priorities, chunks)
    return {
        "workers": workers,
        "jobs": jobs,
        "chunks": jobs * chunks,
        "sleep_s": sleep_s,
        "window_s": after.at - before.at,
        "entered_s": entered_s,
        "ideal_per_second": workers / sleep_s if sleep_s else None,
        "pace": asdict(found),
        "cost": cost(after.since(before), found.chunks, found.per_second),
        "tally": asdict(tally(receipts, diaries, jobs, chunks)),
        "unfinished": unfinished,
        "shares": [asdict(share) | {"off": share.off} for share in seen],
        "worst_share": worst_share(seen),
        "steps": steps(seen),
        "memory_mb": memory,
        "redis": commands,
    }


def cost(used: Used, chunks: int, per_second: float, *, reconcile_s: float = 30.0) -> dict[str, float]:
    """Milliseconds of processor a chunk, by part; the reconciler's as if it looked every `reconcile_s`, its default."""
    each = 1000 / max(1, chunks)
    look_ms = 1000 * used.reconciler / used.looks if used.looks else 0.0
    return {
        "workers_ms": used.workers * each,
        "redis_ms": used.redis * each,
        "reconciler_ms": look_ms / max(1.0, reconcile_s * per_second),
        "look_ms": look_ms,
        "looks": used.looks,
        "cores": (used.workers + used.redis + used.reconciler) / used.at,
    }


def _watch(farm: SleepingFarm, chunks: int) -> tuple[Used, Used]:
    """What was used when the run was well begun, and when it was nearly over."""
    edge = math.ceil(_EDGES * chunks)
    _wait_for(farm, edge)
    before = farm.used()
    _wait_for(farm, chunks - edge)
    return before, farm.used()


def _wait_for(farm: SleepingFarm, chunks: int) -> None:
    looked = time.monotonic()
    while farm.completed() < chunks:
        time.sleep(0.05)
        if time.monotonic() - looked > 1:
            farm.look()
            looked = time.monotonic()


def _wait_for_results(farm: SleepingFarm) -> None:
    """Wait until the ledger knows no unfinished job; what is unfinished then is reported."""
    deadline = time.monotonic() + _DONE_S
    while farm.ledger.jobs() and time.monotonic() < deadline:
        farm.look()
        time.sleep(0.5)


def rounds(chunks: int) -> int:
    """How often a farm of so many chunks is measured."""
    return max(1, min(MOST_ROUNDS, LEAST_CHUNKS // chunks))


def kept(run: dict[str, Any]) -> bool:
    """Whether no chunk was lost or doubled, every job was finished, and jobs of one priority had equal shares."""
    counted = run["tally"]
    fair = not run["sleep_s"] or run["worst_share"] <= MOST_OFF
    return not counted["lost"] and not counted["doubled"] and not run["unfinished"] and fair


def report(run: dict[str, Any]) -> str:
    """A run in a few lines."""
    found, paid, counted = run["pace"], run["cost"], run["tally"]
    ideal = run["ideal_per_second"]
    of = f" of {ideal:.0f} ({100 * found['per_second'] / ideal:.0f} %)" if ideal else ""
    lines = [
        f"{run['workers']} workers, {run['jobs']:,} jobs, {run['chunks']:,} chunks of {run['sleep_s']:g} s:",
        f"  {found['per_second']:.1f} chunks/s{of}; the model is at work {100 * found['painting']:.1f} % of the time",
        f"  from a chunk's end to the next one's lease {found['wait_ms']:.1f} ms, {found['wait_p95_ms']:.1f} at p95",
        f"  CPU a chunk: workers {paid['workers_ms']:.2f} ms, Redis {paid['redis_ms']:.3f}, "
        f"reconciler {paid['reconciler_ms']:.4f} ({paid['look_ms']:.0f} ms a look); {paid['cores']:.2f} cores",
        f"  {counted['receipts']:,} receipts, {counted['lost']} lost, {counted['doubled']} doubled, "
        f"{counted['repeated']} painted again; {len(run['unfinished'])} jobs unfinished",
        f"  memory: workers {run['memory_mb']['workers']:.0f} MB, Redis {run['memory_mb']['redis_peak']:.1f} at most",
    ]
    if run["sleep_s"]:
        # Shares are of time: where a chunk takes none, they are of noise.
        lines.append(
            f"  jobs of one priority at most {100 * run['worst_share']:.1f} % apart from their mean; "
            f"steps of priority {', '.join(f'{step:.2f}' for step in run['steps'])} (promised: 2)"
        )
    return "\n".join(lines) + "\n"


def run_all(chosen: argparse.Namespace) -> dict[str, Any]:
    """Every run that was asked for."""
    runs: list[dict[str, Any]] = []
    extra = {"reconcile_s": f"{chosen.reconcile}"}
    todo = [(jobs, number) for jobs in chosen.jobs for number in range(rounds(jobs * chosen.chunks))]
    for jobs, number in sorted(todo, key=lambda row: (row[1], row[0])) if len(chosen.jobs) > 1 else [todo[0]]:
        folder = Path(tempfile.mkdtemp(prefix=f"scale-{jobs}-{number}-", dir=chosen.store))
        try:
            run = measure(
                folder,
                workers=chosen.workers,
                jobs=jobs,
                chunks=chosen.chunks,
                sleep_s=chosen.sleep,
                extra=extra,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.write(report(run))
        sys.stdout.flush()
        runs.append(run)
        _write(chosen.json, runs)
    return {"machine": describe(), "runs": runs}


def _write(path: Path | None, runs: list[dict[str, Any]]) -> None:
    if path is not None:
        path.write_text(json.dumps({"machine": describe(), "runs": runs}, indent=1))


def main(given: Sequence[str] | None = None) -> int:
    """Measure, or draw what was measured. 1 if a run was not as it must be: see `kept`."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1000], help="of several numbers, each is a farm")
    parser.add_argument("--chunks", type=int, default=200, help="of each job")
    parser.add_argument("--sleep", type=float, default=0.5, help="seconds that the model takes for a chunk, on average")
    parser.add_argument("--reconcile", type=float, default=30.0, help="seconds between two looks of the reconciler")
    parser.add_argument("--store", type=Path, help="folder to make the stores in; otherwise the temporary one")
    parser.add_argument("--json", type=Path, help="file for everything that was measured")
    parser.add_argument("--plot", type=Path, nargs=2, metavar=("JSON", "PNG"), help="draw what was measured, and end")
    chosen = parser.parse_args(given)
    if chosen.plot:
        draw(json.loads(chosen.plot[0].read_text()), chosen.plot[1])
        return 0
    sys.stdout.write(f"{describe()}\n")
    runs = run_all(chosen)["runs"]
    return 0 if all(map(kept, runs)) else 1


if __name__ == "__main__":
    sys.exit(main())
