"""What it costs a worker to be observed: counts, lines, logs, and Celery's events, in seconds of its processors.

    python -m bench.observing [--chunks N] [--rounds N]

Empty chunks go through a worker that counts and logs nothing, one that does as always, and one that sends events, too;
rounds alternate. Processor time is compared and not the clock: other processes on the machine disturb it little.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.machine import describe
from bench.proc import families, stats
from bench.queue import write_long_film
from jobs.metrics import exposition
from jobs.metrics.flush import flush
from jobs.metrics.tally import TALLY, count, observe
from pipeline.storage import open_store
from pipeline.storage.watch import Operation, unwatch, watch
from tests.workers.farm import Farm, farm, write_style

MODES = {
    "nothing": ("bench.silent_worker", {"ATELIER_LOG": "ERROR"}),
    "as always": ("bench.empty_worker", {"ATELIER_LOG": "INFO"}),
    "JSON logs": ("bench.empty_worker", {"ATELIER_LOG": "INFO", "ATELIER_LOG_FORMAT": "json"}),
    "and events": ("bench.empty_worker", {"ATELIER_LOG": "INFO", "ATELIER_EVENTS": "on"}),
}
"""What is observed → the worker that does it."""


def chunk_ms(made: Farm, mode: str, chunks: int, name: str) -> float:
    """Processor milliseconds of a worker for an empty chunk, when everything is imported."""
    film = f"kind: film\nsource: {made.folder}/long.mp4\nstyle: any.safetensors"
    module, settings = MODES[mode]
    command = [sys.executable, "-m", "celery", "--quiet", "-A", module, "worker", "--concurrency", "1"]
    command += ["--queues", "gpu", "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    command += [] if "ATELIER_EVENTS" in settings else ["--without-heartbeat"]
    places = {"ATELIER_SLOT": f"cpu-0@{name}", "ATELIER_QUEUES": "gpu"}
    with (made.folder / "log").open("ab") as log:
        worker = subprocess.Popen(
            [*command, "--hostname", f"cpu-0@{name}"],
            env=made.environment | settings | places,
            stdout=log,
            stderr=log,
        )
    try:
        # Until then PyTorch is imported.
        time.sleep(12)
        plan = made.submit(f"{film}\noutput: {name}\nchunk: 1\nframes: 1-{chunks}")
        begun = made.wait(plan.job, lambda seen: seen.chunks_done >= chunks // 5, "begun").chunks_done
        before = _cpu_s(worker.pid)
        ended = made.wait(plan.job, lambda seen: seen.state == "stitching", "done").chunks_done
        return 1000 * (_cpu_s(worker.pid) - before) / (ended - begun)
    finally:
        worker.terminate()
        worker.wait()
        made.ledger.redis.flushall()


def _cpu_s(pid: int) -> float:
    known = stats()
    return sum(known[each].cpu_s for each in families([pid], known))


def small_things(made: Farm) -> None:
    """Print what the parts cost by themselves."""

    def each_us(times: int, do: object) -> float:
        assert callable(do)
        begun = time.process_time()
        for _ in range(times):
            do()
        return 1e6 * (time.process_time() - begun) / times

    counting = each_us(100_000, lambda: count("atelier_frames_painted_total", kind="film", device="cuda"))
    observing = each_us(100_000, lambda: observe("atelier_storage_seconds", 0.02, operation="put"))
    store, told = open_store(str(made.folder)), list[Operation]()
    bare = each_us(20_000, lambda: store.exists("nothing"))
    watch(told.append)
    watched = each_us(20_000, lambda: store.exists("nothing"))
    unwatch(told.append)
    for number in range(120):
        TALLY.count("atelier_retries_total", cause=f"{number}")

    def beat() -> None:
        for number in range(120):
            TALLY.count("atelier_retries_total", cause=f"{number}")
        flush(made.ledger)

    beating = each_us(200, beat)
    scraping = each_us(50, lambda: exposition(made.ledger))
    sys.stdout.write(
        f"a count {counting:.1f} µs, a histogram {observing:.1f} µs, a store's operation {watched - bare:.1f} µs more; "
        f"a heartbeat with 120 series {beating / 1000:.1f} ms every 3 s; a scrape {scraping / 1000:.1f} ms\n"
    )


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sys.stdout.write(f"{describe()}\n")
    with tempfile.TemporaryDirectory() as folder, farm(Path(folder)) as made:
        small_things(made)
        write_long_film(made.folder / "long.mp4", chosen.chunks)
        write_style(made.folder / "any.safetensors")
        spent: dict[str, list[float]] = {mode: [] for mode in MODES}
        for number in range(chosen.rounds):
            for index, mode in enumerate(MODES):
                spent[mode].append(chunk_ms(made, mode, chosen.chunks, f"r{number}m{index}"))
                sys.stdout.write(f"{mode} {spent[mode][-1]:.2f} ms\n")
                sys.stdout.flush()
    for mode, row in spent.items():
        each = ", ".join(f"{value:.2f}" for value in sorted(row))
        sys.stdout.write(f"{mode}: {statistics.median(row):.2f} ms of processor an empty chunk ({each})\n")


if __name__ == "__main__":
    main()
