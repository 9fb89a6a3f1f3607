"""What it costs a job that many people watch it: its seconds with 200 viewers of the dashboard beside those with none.

    python -m bench.viewers --film F [--style S] [--frames N] [--viewers N] [--rounds N]

Each viewer is a connection that follows the job's events as the dashboard's page does. All of them sit in one process
on the same machine, so that what they cost is counted, too; on a farm they sit elsewhere. The dashboard runs in both
cases. Rounds alternate; the ratio is of each pair, and the median is what counts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.machine import describe
from bench.proc import families, stats
from tests.processes import free_port, running
from tests.workers.farm import Farm, farm

TOKEN = "viewers-of-the-benchmark"
CHUNK = 24


@dataclass(frozen=True)
class Watched:
    """One job, from its first chunk in a worker's hands to its published result."""

    seconds: float
    dashboard_s: float
    """CPU seconds of the dashboard meanwhile."""
    received: str
    """What the viewers got."""


def watched(made: Farm, url: str, dashboard: int, film: Path, style: str, frames: int, viewers: int) -> Watched:
    """Make a job while so many watch it."""
    output = tempfile.mkdtemp(dir=made.folder)
    before = _cpu_s(dashboard)
    plan = made.submit(
        f"kind: film\nsource: {film}\nstyle: {style}\nframes: 1-{frames}\nchunk: {CHUNK}\noutput: {output}"
    )
    with _viewers(url, plan.job, viewers) as process:
        made.finish(plan)
        received = process.communicate(timeout=30)[0].strip() if process else "nobody watched"
    ended = made.ledger.snapshot(plan.job)
    assert ended is not None
    assert ended.started is not None
    assert ended.finished is not None
    return Watched(ended.finished - ended.started, _cpu_s(dashboard) - before, received)


@contextmanager
def _viewers(url: str, job: str, count: int) -> Iterator[subprocess.Popen[str] | None]:
    if not count:
        yield None
        return
    command = [sys.executable, "-m", "bench.viewers", "--watch", f"{url}/api/v1/jobs/{job}/events"]
    process = subprocess.Popen([*command, "--viewers", str(count)], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def watch(url: str, count: int) -> str:
    """Follow a job's events over so many connections, until it ends. What was received."""
    taken = await asyncio.gather(*(_follow(url) for _ in range(count)))
    whole = sum(1 for events in taken if events)
    return f"{whole} of {count} viewers were told, {statistics.median(taken):.0f} events each"


async def _follow(url: str) -> int:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    events = 0
    with suppress(ConnectionError):
        while line := await reader.readline():
            events += line.startswith(b"event:")
            if b'"state":"done"' in line:
                break
    writer.close()
    return events


@contextmanager
def dashboard(made: Farm) -> Iterator[tuple[str, int]]:
    """A farm's dashboard: its address and its process. `TOKEN` is a viewer's."""
    port = free_port()
    environment = made.environment | {"ATELIER_WEB_TOKENS": f"viewer bench {TOKEN}", "ATELIER_WEB_PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "jobs.web.serve"]
    with running(command, log=made.folder / "dashboard.log", env=environment) as process:
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=1):
                break
            assert time.monotonic() < deadline, (made.folder / "dashboard.log").read_text()
            time.sleep(0.1)
        yield url, process.pid


def _cpu_s(root: int) -> float:
    known = stats()
    return sum(known[pid].cpu_s for pid in families([root], known))


def main() -> None:
    """Print each pair and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--frames", type=int, default=192)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--watch", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.watch:
        sys.stdout.write(asyncio.run(watch(chosen.watch, chosen.viewers)))
        return
    sys.stdout.write(f"{describe()}\n{chosen.film.name}, {chosen.frames} frames, {chosen.style}\n")
    ratios = []
    threads = str(len(os.sched_getaffinity(0)))
    with (
        tempfile.TemporaryDirectory() as folder,
        farm(Path(folder), threads=threads, reconcile_s="30", cache="off") as made,
        made.workers(1),
        dashboard(made) as (url, pid),
    ):
        watched(made, url, pid, chosen.film, chosen.style, 8, 0)
        for number in range(chosen.rounds):
            # The first of a pair by turns: machines grow warm, and have other work.
            pair = {}
            for count in (0, chosen.viewers) if number % 2 else (chosen.viewers, 0):
                pair[count] = watched(made, url, pid, chosen.film, chosen.style, chosen.frames, count)
            seen, alone = pair[chosen.viewers], pair[0]
            ratios.append(seen.seconds / alone.seconds)
            sys.stdout.write(
                f"round {number + 1}: watched {seen.seconds:.2f} s, alone {alone.seconds:.2f} s, "
                f"ratio {ratios[-1]:.3f}; dashboard {seen.dashboard_s:.2f} s of CPU; {seen.received}\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"median ratio {statistics.median(ratios):.3f} (at most 1.05 asked)\n")


if __name__ == "__main__":
    main()
