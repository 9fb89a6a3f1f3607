"""The farm that bench/scale.py measures: a Redis of its own, real workers that sleep, a reconciler, a local store."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

from bench.proc import families, memory_mb, stats
from bench.sleeping_worker import NOTE_BYTES, Note, job_name, read_notes
from jobs.config import Settings, settings
from jobs.dispatch import dispatch
from jobs.ledger import Ledger
from jobs.local import redis_binary
from jobs.queue import Queue
from jobs.records import Plan
from jobs.truth import Truth
from pipeline.storage import open_store
from tests.processes import running, wait_for_answer
from workers.supervisor import Place, places

PRIORITIES = (4, 5, 6)
"""The jobs' classes, by turns."""

FRAMES = 10
"""A chunk's."""

_STARTED_S = 300.0
"""Many workers on few cores take their time to start."""


@dataclass(frozen=True)
class Used:
    """What each part of the farm has used of the processors so far, in seconds."""

    at: float
    """By time.monotonic()."""
    workers: float
    """Celery's parents and their children."""
    redis: float
    reconciler: float
    looks: int
    """Of the reconciler."""

    def since(self, before: Used) -> Used:
        """The difference; `at` is the seconds between."""
        return Used(
            at=self.at - before.at,
            workers=self.workers - before.workers,
            redis=self.redis - before.redis,
            reconciler=self.reconciler - before.reconciler,
            looks=self.looks - before.looks,
        )


class SleepingFarm:
    """One deployment, all of it below one folder."""

    def __init__(self, folder: Path, config: Settings, redis: subprocess.Popen[bytes], stack: ExitStack) -> None:
        self._folder, self._config, self._redis, self._stack = folder, config, redis, stack
        self._reconciler: subprocess.Popen[bytes] | None = None
        self._places: list[Place] = []
        self.ledger = Ledger(config.authenticated_redis_url())
        self.queue = Queue(config)
        self.truth = Truth(open_store(config.store))

    # Jobs

    def enter(self, jobs: int, chunks: int) -> dict[int, int]:
        """Accept jobs, as a submission does; nothing is published yet. Their priorities, by number."""
        for number in range(jobs):
            plan = sleeping_plan(number, chunks)
            self.truth.accept(plan, {"kind": "film"})
            self.ledger.create(plan, generation=1, done=[False] * chunks, submitted=time.time())
        return {number: PRIORITIES[number % len(PRIORITIES)] for number in range(jobs)}

    def publish(self) -> None:
        """Let the first chunks go, and start the reconciler."""
        log = self._folder / "reconciler.log"
        command = [sys.executable, "-m", "workers.reconcile"]
        self._reconciler = self._stack.enter_context(
            running(command, log=log, env=os.environ | {"ATELIER_LOG": "INFO"})
        )
        dispatch(self.ledger, self.queue, ahead=self._config.window)

    def completed(self) -> int:
        """Chunks that workers have completed, roughly, without a question to Redis."""
        return sum(path.stat().st_size for path in self._notes().iterdir()) // NOTE_BYTES

    def diaries(self) -> dict[str, list[Note]]:
        """What each worker's process wrote down."""
        return {path.name: list(read_notes(path)) for path in sorted(self._notes().iterdir())}

    def receipts(self) -> Counter[tuple[int, int]]:
        """Receipts in the store, by job and chunk."""
        found: Counter[tuple[int, int]] = Counter()
        for job in self.truth.jobs():
            for entry in self.truth.store.list(f"jobs/{job}/receipts/"):
                chunk = entry.key.rpartition("/")[2].partition("-")[0]
                found[int(job.rpartition("-")[2]), int(chunk)] += 1
        return found

    def unfinished(self) -> list[str]:
        """Jobs that store or ledger do not know as done."""
        known = set(self.ledger.jobs()) | set(self.truth.active())
        return sorted(known | {job for job in self.truth.jobs() if self.truth.result(job, 1) is None})

    # Workers

    def start_workers(self, count: int) -> None:
        """Start so many workers and wait until all of them are there."""
        self._places = [replace(place, app="bench.sleeping_worker") for place in places(count, None)]
        for place in self._places:
            place.look()
        deadline = time.monotonic() + _STARTED_S
        while len(self.ledger.workers()) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(self.ledger.workers())} of {count} workers started in {_STARTED_S:.0f} s")
            self.look()
            time.sleep(0.5)

    def look(self) -> None:
        """Start again what died, as `atelier worker` does."""
        for place in self._places:
            place.look()

    def stop_workers(self) -> None:
        """Let every worker end."""
        processes = [place.process for place in self._places if place.process is not None]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._places = []

    # What it takes

    def used(self) -> Used:
        """Processor time so far."""
        known = stats()
        at = time.monotonic()
        log = self._folder / "reconciler.log"
        return Used(
            at=at,
            workers=sum(known[pid].cpu_s for pid in families(self._worker_pids(), known)),
            redis=known[self._redis.pid].cpu_s,
            reconciler=known[self._reconciler.pid].cpu_s if self._reconciler else 0.0,
            looks=log.read_text().count(" looked: ") if log.exists() else 0,
        )

    def memory_mb(self) -> dict[str, float]:
        """Megabytes that workers and Redis hold, pages that several share counted once."""
        known = stats()
        return {
            "workers": memory_mb(families(self._worker_pids(), known)),
            "redis": memory_mb([self._redis.pid]),
            "redis_peak": float(self._info("memory")["used_memory_peak"]) / 1e6,
        }

    def commands(self) -> dict[str, dict[str, float]]:
        """Redis' own count of what it was asked, and µs that each took on average."""
        rows = {name.removeprefix("cmdstat_"): row for name, row in self._info("commandstats").items()}
        return {name: {"calls": row["calls"], "usec": row["usec_per_call"]} for name, row in rows.items()}

    def _info(self, section: str) -> dict:
        found = self.ledger.redis.info(section)
        assert isinstance(found, dict)
        return found

    def _worker_pids(self) -> list[int]:
        return [place.process.pid for place in self._places if place.process is not None]

    def _notes(self) -> Path:
        return self._folder / "notes"


def sleeping_plan(number: int, chunks: int) -> Plan:
    """A film that nobody could paint."""
    return Plan(
        job=job_name(number),
        kind="film",
        priority=PRIORITIES[number % len(PRIORITIES)],
        queue="gpu",
        fingerprint="",
        frames=FRAMES * chunks,
        first=1,
        chunks=tuple((FRAMES * chunk, FRAMES * (chunk + 1)) for chunk in range(chunks)),
        deliver=("png",),
        output=f"/nowhere/{number}",
        stem="film",
        inputs={},
    )


@contextmanager
def sleeping_farm(folder: Path, *, sleep_s: float, extra: Mapping[str, str]) -> Iterator[SleepingFarm]:
    """A farm without workers and jobs; its processes end with the block. `extra`: settings that differ."""
    (folder / "notes").mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="atelier-") as short, ExitStack() as stack:
        socket = Path(short) / "redis.sock"
        # As compose starts it: the log of every change is on.
        command = [redis_binary(), "--port", "0", "--unixsocket", str(socket), "--save", ""]
        command += ["--appendonly", "yes", "--dir", short]
        redis = stack.enter_context(running(command, log=folder / "redis.log"))
        wait_for_answer(socket, redis, log=folder / "redis.log")
        environment = {
            "ATELIER_REDIS_URL": f"unix://{socket}",
            "ATELIER_STORE": str(folder / "store"),
            "ATELIER_DEVICE": "cpu",
            "ATELIER_THREADS": "1",
            "ATELIER_CACHE": "off",
            "ATELIER_SWEEP_EVERY_H": "0",
            "ATELIER_LOG": "WARNING",
            "BENCH_NOTES": str(folder / "notes"),
            "BENCH_SLEEP_S": str(sleep_s),
        } | {f"ATELIER_{name.upper()}": value for name, value in extra.items()}
        stack.enter_context(patch.dict(os.environ, environment))
        settings.cache_clear()
        stack.callback(settings.cache_clear)
        made = SleepingFarm(folder, settings(), redis, stack)
        try:
            yield made
        finally:
            made.stop_workers()
            made.ledger.close()
            made.queue.close()
