"""A farm in miniature for tests: a Redis of its own, worker processes, a reconciler, and a store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import torch
from safetensors.torch import save_file

from jobs import spec
from jobs.config import Settings
from jobs.control import enter, publish
from jobs.ledger import Ledger
from jobs.local import redis_binary
from jobs.queue import Queue
from jobs.records import Plan, Result
from jobs.snapshot import Snapshot
from jobs.submit import plan_job, submit
from jobs.tls import tls_options
from jobs.truth import Truth
from pipeline.models.fns import TransformerNetwork
from pipeline.models.style import ARCHITECTURE, StyleNetwork
from pipeline.storage import open_store
from tests.processes import running, wait_for_answer

TIMEOUT_S = 120


class Farm:
    """One deployment. Everything of it lies below one folder."""

    def __init__(
        self, folder: Path, redis_url: str, environment: dict[str, str], start_redis: Callable[[], None]
    ) -> None:
        self.folder = folder
        self.environment = environment
        self.start_redis = start_redis
        names = {name.removeprefix("ATELIER_").lower(): value for name, value in environment.items()}
        self.config = Settings(**{name: value for name, value in names.items() if name in Settings.model_fields})
        self.ledger = Ledger(self.config.authenticated_redis_url(), tls=tls_options(self.config))
        self.queue = Queue(self.config)
        self.truth = Truth(open_store(self.config.store, self.config.store_options()))
        self._jobs = 0

    # Jobs

    def submit(self, text: str, *, token: str | None = None) -> Plan:
        """Submit a job file's text; its relative paths lie in the farm's folder."""
        self._jobs += 1
        checked, located = spec.parse(textwrap.dedent(text), path="job.yaml", folder=self.folder)
        plan = plan_job(checked, located, self.config, token=f"{self._jobs}" if token is None else token)
        return submit(checked, plan, self.truth, self.ledger, self.queue, self.config).plan

    def wait(self, job: str, until: Callable[[Snapshot], bool], what: str) -> Snapshot:
        """The job's snapshot once it is as wanted."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            seen = self.ledger.snapshot(job)
            if seen is not None and until(seen):
                return seen
            if seen is not None and seen.is_final:
                raise AssertionError(f"{job} is {seen.state} ({seen.error}) before it was {what}\n{self.log()}")
            time.sleep(0.02)
        raise AssertionError(f"{job} was not {what} in {TIMEOUT_S} s: {self.ledger.snapshot(job)}\n{self.log()}")

    def finish(self, plan: Plan) -> Result:
        """The result of a job that ends well."""
        self.wait(plan.job, lambda seen: seen.state == "done", "done")
        result = self.truth.result(plan.job, self.truth.current(plan.job).number)
        assert result is not None
        return result

    def painting(self, job: str, frames: int = 1) -> Snapshot:
        """Wait until some chunk of the job is half-way."""
        return self.wait(job, lambda seen: any(run.frames >= frames for run in seen.running), "being painted")

    def redo(self, plan: Plan) -> None:
        """Enter a redone job and publish it, as the command line does."""
        enter(plan, self.truth, self.ledger, force=True)
        publish(plan.job, self.truth, self.ledger, self.queue, ahead=self.config.window)

    # Processes

    @contextmanager
    def workers(self, count: int = 1, *, reconciler: bool = True) -> Iterator[subprocess.Popen[bytes]]:
        """Worker processes under their supervisor, present in the ledger, and a reconciler."""
        command = [sys.executable, "-m", "workers.supervisor", "--concurrency", str(count)]
        with running(command, log=self.folder / "worker.log", env=self.environment) as supervisor:
            deadline = time.monotonic() + TIMEOUT_S
            while len(self.here(supervisor)) < count:
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.05)
            if not reconciler:
                yield supervisor
                return
            watcher = [sys.executable, "-m", "workers.reconcile"]
            with running(watcher, log=self.folder / "reconcile.log", env=self.environment):
                yield supervisor

    def here(self, supervisor: subprocess.Popen[bytes]) -> list[str]:
        """The slots of a supervisor's workers that have reported themselves."""
        return [info.slot for info in self.ledger.workers() if info.slot.endswith(f":{supervisor.pid}")]

    def slot_of(self, supervisor: subprocess.Popen[bytes]) -> str:
        """The slot of a supervisor's only worker. Who asks a Redis that was wiped a moment ago waits for its report."""
        deadline = time.monotonic() + TIMEOUT_S
        while not (slots := self.here(supervisor)):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        (slot,) = slots
        return slot

    def kill_redis(self) -> None:
        """SIGKILL Redis; `start_redis` starts an empty one in its place."""
        os.kill(int(self.ledger.redis.info("server")["process_id"]), signal.SIGKILL)  # type: ignore[index,arg-type]

    def kill_worker(self, slot: str) -> None:
        """SIGKILL the process that works in a slot."""
        (pid,) = [info.pid for info in self.ledger.workers() if info.slot == slot]
        os.kill(pid, signal.SIGKILL)

    def log(self) -> str:
        """The end of what workers and reconciler said."""
        return "\n".join(path.read_text()[-3000:] for path in sorted(self.folder.glob("*.log")))

    def talk(self) -> str:
        """All that workers have said so far."""
        return (self.folder / "worker.log").read_text()

    def close(self) -> None:
        """Give the connections back."""
        self.ledger.close()
        self.queue.close()


@contextmanager
def farm(folder: Path, **settings: str) -> Iterator[Farm]:
    """A farm with a fresh Redis, and a store in `folder` unless the settings name one."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as short, ExitStack() as servers:
        socket = Path(short) / "redis.sock"

        def start_redis() -> None:
            socket.unlink(missing_ok=True)
            command = [redis_binary(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", short]
            process = servers.enter_context(running(command, log=Path(short) / "log"))
            wait_for_answer(socket, process, log=Path(short) / "log")

        start_redis()
        chosen = {
            "redis_url": f"unix://{socket}",
            "store": str(folder / "store"),
            "device": "cpu",
            "threads": "1",
            "lease_s": "3",
            "reconcile_s": "0.5",
            "soft_shutdown_s": "20",
            # Else a test would find what the one before it painted.
            "cache": "off",
            "webhook_private": "on",
        } | settings
        environment = os.environ | {f"ATELIER_{name.upper()}": value for name, value in chosen.items()}
        made = Farm(folder, chosen["redis_url"], environment, start_redis)
        try:
            yield made
        finally:
            made.close()


def write_checkpoint(path: Path, seed: int = 0) -> Path:
    """A pytorch/examples checkpoint of random weights: real work for a worker, a picture for nobody."""
    torch.manual_seed(seed)
    torch.save(TransformerNetwork().state_dict(), path)
    return path


def write_style(path: Path, seed: int = 0) -> Path:
    """A checkpoint of our own light network, with random weights."""
    torch.manual_seed(seed)
    network = StyleNetwork(half=8, quarter=8, blocks=1)
    sizes = {name: str(size) for name, size in network.sizes.items()}
    save_file(network.state_dict(), path, metadata={"architecture": ARCHITECTURE} | sizes)
    return path
