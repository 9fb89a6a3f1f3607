"""Everything on this machine: the Redis and the workers that `run`, `resume`, `redo` and `up` bring along.

Only where no cluster is configured; there the same code only submits.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.markup import escape

from jobs.cli import show
from jobs.cli.follow import no_workers
from jobs.config import HOME, settings
from jobs.interrupts import orderly_end
from jobs.ledger import WorkerInfo
from jobs.local import own_redis, own_workers, running_url
from jobs.session import Session, connected
from jobs.upkeep import running_up
from pipeline.errors import AtelierError

START_S = 60.0
"""Without any worker for this long, nothing will come of it."""
_LOG_LINES = 15
_CORES_A_WORKER = 2


@dataclass(frozen=True)
class Place:
    """Where a job runs."""

    session: Session
    is_own: bool
    """Whether this command brought the Redis, so that workers must come from here too."""


def default_workers() -> int:
    """Workers on a machine without GPUs: one for two cores. On GPUs there is always one for each."""
    return max(1, len(os.sched_getaffinity(0)) // _CORES_A_WORKER)


@contextmanager
def place() -> Iterator[Place]:
    """The configured cluster, or else this machine with a Redis of its own.

    Raises: ConfigError, QueueUnavailable, AccessDenied, StorageUnavailable.
    """
    if settings().redis_url is not None:
        with connected() as session:
            yield Place(session, is_own=False)
        return
    _check_signing()
    with orderly_end(), own_redis() as url, connected(url) as session:
        yield Place(session, is_own=True)


@contextmanager
def place_beside_up() -> Iterator[Place]:
    """As `place`, but where `atelier up` runs, its Redis and its workers do: two sets of them would be in each other's
    way.
    """
    if settings().redis_url is None and running_up() is not None and running_url() is not None:
        with connected() as session:
            yield Place(session, is_own=False)
        return
    with place() as where:
        yield where


def _check_signing() -> None:
    """Workers of our own would end at once, with a page in their log. Raises: ConfigError."""
    signing = settings().signing()
    if signing is not None:
        signing.check()


@contextmanager
def working() -> Iterator[Session | None]:
    """The configured cluster, or what is at work on this machine, with workers; None if neither is there.

    Raises: as `place`.
    """
    if settings().redis_url is None and running_url() is None:
        yield None
        return
    with connected() as session:
        yield session if settings().redis_url is not None or session.ledger.workers() else None


@contextmanager
def place_with_workers() -> Iterator[Place]:
    """The configured cluster, or another `atelier run` of this machine that has workers, or else a place of our own.

    Raises: as `place`.
    """
    with working() as session:
        if session is not None:
            yield Place(session, is_own=False)
            return
    with place() as where:
        yield where


@dataclass
class Startup:
    """Watches over the workers that we started: they come up, or we say why not."""

    queue: str
    children: list[subprocess.Popen[bytes]]
    log: Path
    log_start: int
    """Where in the log our workers begin."""
    seen: float = field(default_factory=time.monotonic)
    came_up: bool = False

    def check(self, workers: list[WorkerInfo]) -> str:
        """A remark while no worker is there. Raises: AtelierError with the log's end if none will come."""
        if not no_workers(self.queue, workers):
            self.seen, self.came_up = time.monotonic(), True
            return ""
        died = next((child for child in self.children if child.poll() is not None), None)
        if died is not None:
            code = died.returncode
            raise AtelierError(f"the workers ended with code {code} before the job did; {self._end_of_log()}")
        waited = time.monotonic() - self.seen
        if waited > START_S:
            raise AtelierError(f"no worker has come up in {waited:.0f} s; {self._end_of_log()}")
        return "the workers are gone; starting others…" if self.came_up else "starting workers…"

    def _end_of_log(self) -> str:
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            lines = file.read().decode(errors="replace").splitlines()[-_LOG_LINES:]
        return f"the end of {self.log}:\n" + "\n".join(f"    {line}" for line in lines or ["(it is empty)"])


@contextmanager
def workers(where: Place, *, count: int | None, queue: str) -> Iterator[Startup]:
    """Workers of our own for as long as the block lasts, in a place of our own."""
    log = HOME / "run" / "worker.log"
    start = log.stat().st_size if log.exists() else 0
    url = where.session.config.redis_url
    assert url is not None, "a place of our own has a Redis"
    number = count or default_workers()
    show.talk().print(f"[dim]workers log into {escape(str(log))}[/]", soft_wrap=True)
    with own_workers(url, concurrency=number, log=log) as children, ExitStack() as leaving:
        leaving.callback(_say_leaving)
        yield Startup(queue, children, log, start)


def _say_leaving() -> None:
    # The workers are given the time to hand their chunks back; impatience would lose that work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    show.talk().print("[dim]stopping the workers…[/]")
