"""`atelier worker`: one Celery worker with one process for each GPU of this machine, restarted when it dies.

Without a GPU it starts `--concurrency` workers on the CPU. Each has a slot of its own, its device pinned, its share of
the cores, and an allocator that does not give memory back after each frame (half the time of a frame, measured).
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from glob import glob

from jobs.config import host_name, settings
from jobs.logs.setup import set_up_logs
from jobs.orphans import die_with_parent
from jobs.queue import connect
from pipeline.errors import AtelierError
from pipeline.scratch import sweep_scratch
from workers.watchdog import Watchdog

log = logging.getLogger(__name__)

ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "536870912",
    "MALLOC_ARENA_MAX": "1",
}
"""glibc keeps freed memory, of all threads in one place: large tensors come and go with every frame."""

PATIENCE = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait for their twins sleep. Those that spin take the core that the twin needs: two trainings of two
threads on two cores came to a standstill."""

_LISTEN_EVERY_S = 5.0
_STEADY_S = 60.0
_LONGEST_PAUSE_S = 30.0
_REMIND_EVERY_S = 600.0
_REMEDY = "look at the log, mend the machine, start again"


@dataclass
class Place:
    """One slot and the worker in it."""

    slot: str
    queues: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)
    """When to start it (again), by time.monotonic()."""
    withdrawn: str = ""
    """Why it took itself out; then it is not started again."""
    app: str = "workers.app"
    """The module of the Celery application; benchmarks bring their own."""

    def start(self) -> None:
        """Start the worker, once what its predecessor left in temporary folders is removed."""
        sweep_scratch()
        command = [sys.executable, "-m", "celery", "--quiet", "-A", self.app, "worker"]
        command += ["--pool", "prefork", "--concurrency", "1", "--queues", self.queues, "--hostname", self.slot]
        command += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
        command += [] if settings().events == "on" else ["--without-heartbeat"]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command,
            env=os.environ | self.environment | {"ATELIER_SLOT": self.slot, "ATELIER_QUEUES": self.queues},
            # The terminal's Ctrl-C is the supervisor's to hear.
            start_new_session=True,
            preexec_fn=partial(die_with_parent, signal.SIGTERM, os.getpid()),
        )

    def look(self) -> None:
        """Start the worker if it is due, and note its death if it died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due and not self.withdrawn:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.process, self.withdrawn = None, _withdrawn(self.slot, within_s=now - self.started)
        if self.withdrawn:
            log.error("%s took itself out and is not started again: it %s", self.slot, self.withdrawn)
            return
        self.deaths = 0 if now - self.started > _STEADY_S else self.deaths + 1
        pause = min(_LONGEST_PAUSE_S, 0.5 * 2 ** min(self.deaths, 10))
        log.warning("%s ended with code %d; starting it again in %.1f s", self.slot, code, pause)
        self.due = now + pause


def _withdrawn(slot: str, *, within_s: float) -> str:
    """Why a worker took itself out; empty if it did not, or if nobody can tell.

    `within_s`: for how long it has been there. A container that was started again has the slots of the one before.
    """
    try:
        return connect()[0].withdrawn(within_s=within_s).get(slot, "")
    except AtelierError as error:
        log.warning("%s is started again unasked: %s", slot, error)
        return ""


def places(concurrency: int, queues: str | None) -> list[Place]:
    """The slots of this machine."""
    gpus = count_gpus() if settings().device in ("auto", "cuda") else 0
    suffix = f"@{host_name()}:{os.getpid()}"
    if not gpus:
        cores = max(1, len(os.sched_getaffinity(0)) // concurrency)
        # OpenMP's own threads would only be in the way of frames painted side by side.
        threads = {"ATELIER_THREADS": str(settings().threads or cores), "OMP_NUM_THREADS": "1"}
        environment = ALLOCATOR | PATIENCE | threads
        return [Place(f"cpu-{n}{suffix}", queues or "gpu,cpu", environment) for n in range(concurrency)]
    pinned = [
        Place(f"gpu-{n}{suffix}", queues or "gpu", ALLOCATOR | {"CUDA_VISIBLE_DEVICES": name})
        for n, name in enumerate(visible_gpus(gpus))
    ]
    # Stitching needs no GPU and must not wait for one.
    stitcher = Place(f"cpu-0{suffix}", "cpu", ALLOCATOR | {"CUDA_VISIBLE_DEVICES": ""})
    return pinned if queues else [*pinned, stitcher]


def count_gpus() -> int:
    """GPUs that PyTorch sees. Asked in a process of its own: this one must never touch CUDA."""
    if not glob("/dev/nvidia[0-9]*") and not glob("/dev/dxg"):
        return 0
    ask = "import torch; print(torch.cuda.device_count())"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    return int(answer.stdout) if answer.returncode == 0 and answer.stdout.strip().isdigit() else 0


def visible_gpus(count: int) -> list[str]:
    """The names that CUDA_VISIBLE_DEVICES gives this machine's GPUs."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return named.split(",")[:count] if named else [str(n) for n in range(count)]


def main() -> None:
    """Run until SIGTERM or SIGINT, then let every worker hand its chunk back.

    Without `--stay` it also ends once all workers have taken themselves out: whoever started it waits for them.
    Raises: ConfigError before anything is started; SystemExit 1 if no worker is left.
    """
    parser = argparse.ArgumentParser(prog="atelier worker")
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--queues")
    parser.add_argument("--stay", action="store_true")
    arguments = parser.parse_args()
    set_up_logs()
    # Workers without a Redis would only be started again and again.
    settings().authenticated_redis_url()
    if (signing := settings().signing()) is not None:
        log.info("deliverables are signed with C2PA by %s", signing.check())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    mine = places(arguments.concurrency, arguments.queues)
    log.info("%d worker(s): %s", len(mine), ", ".join(place.slot for place in mine))
    _readmit(mine)
    watchdog, looked = Watchdog(), time.monotonic()
    while not stop.wait(0.2):
        for place in mine:
            place.look()
        if time.monotonic() - looked > _LISTEN_EVERY_S:
            _kill_frozen(mine, watchdog)
            looked = time.monotonic()
        if all(place.withdrawn for place in mine):
            if not arguments.stay:
                log.error("every worker of this machine took itself out; %s", _REMEDY)
                sys.exit(1)
            _idle(stop)
    _stop(mine, grace_s=settings().soft_shutdown_s + 10)


def _idle(stop: threading.Event) -> None:
    """Do nothing until told to end. A container that ended would be started again at once, on the same broken machine,
    and take chunks only to fail them."""
    while not stop.is_set():
        log.error("every worker of this machine took itself out, and this process idles; %s", _REMEDY)
        stop.wait(_REMIND_EVERY_S)


def _readmit(mine: list[Place]) -> None:
    try:
        connect()[0].readmit(*(place.slot for place in mine))
    except AtelierError as error:
        log.warning("whoever took itself out in these slots before may still be shown: %s", error)


def _kill_frozen(mine: list[Place], watchdog: Watchdog) -> None:
    try:
        present = [worker.slot for worker in connect()[0].workers()]
    except AtelierError as error:
        log.warning("nobody can tell whether workers are frozen: %s", error)
        watchdog.deaf()
        return
    running = {place.slot: place.process for place in mine if place.process is not None}
    for slot in watchdog.frozen(running, present):
        log.error("%s says nothing any more; killed, to be started again", slot)
        # Its child is killed with it: workers/app.py.
        running[slot].kill()


def _stop(mine: list[Place], *, grace_s: float) -> None:
    running = [place.process for place in mine if place.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + grace_s
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("worker %d did not stop in %.0f s; killed", process.pid, grace_s)
            process.kill()


if __name__ == "__main__":
    main()
