"""The processes of `atelier up`: started, looked after, started again when they die, and stopped."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from jobs.interrupts import held_back
from jobs.local import child_of, revive_redis, socket_path
from pipeline.errors import AtelierError

_STEADY_S = 60.0
"""Whoever has lived for so long did not die of how he was started."""

_LONGEST_PAUSE_S = 30.0
_MOST_DEATHS = 5
"""Times in a row that a process may die before it was steady."""

_GRACE_S = 60.0
"""How long a process may take to end before it is killed; workers hand their chunks back meanwhile."""

_LOCK_TRIES = 5
_LOG_LINES = 15
_LOG_BYTES = 20_000_000


@dataclass
class Child:
    """One of the processes."""

    name: str
    """As people know it: `the dashboard`."""
    module: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0
    """When to start it, by time.monotonic()."""


@dataclass
class Upkeep:
    """Keeps processes running. Use as a context manager, which stops them."""

    children: list[Child]
    log: Path
    say: Callable[[str], None]
    """Told of what happens to them."""
    begins: int = 0
    """Where in the log this time begins."""
    _file: IO[bytes] = field(init=False)

    def __enter__(self) -> Upkeep:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._file = self.log.open("ab")
        self.begins = self._file.tell()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._stop()
        finally:
            self._file.close()

    def look(self) -> None:
        """Start what is due. Raises: AtelierError with the log's end if something dies again and again."""
        for child in self.children:
            self._look_at(child)

    def look_at_redis(self) -> None:
        """Start the machine's Redis anew if it died. Raises: ConfigError, QueueUnavailable."""
        if revive_redis():
            self.say("Redis ended and was started again; what it knew is read from the store")

    def _look_at(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.due:
                with held_back():
                    child.process = child_of(child.module, child.environment, self._file)
                child.started = now
            return
        code = child.process.poll()
        if code is None:
            return
        child.process = None
        child.deaths = 1 if now - child.started > _STEADY_S else child.deaths + 1
        ended = f"{child.name} ended with code {code}"
        if child.deaths >= _MOST_DEATHS:
            raise AtelierError(f"{ended}, {child.deaths} times in a row; {self.end_of_log()}")
        self.say(f"{ended}; it is started again")
        child.due = now + min(_LONGEST_PAUSE_S, 0.5 * 2**child.deaths)

    def end_of_log(self) -> str:
        """The last that the processes said, for people."""
        with self.log.open("rb") as file:
            file.seek(self.begins)
            lines = file.read().decode(errors="replace").splitlines()[-_LOG_LINES:]
        return f"the end of {self.log}:\n" + "\n".join(f"    {line}" for line in lines or ["(it is empty)"])

    def _stop(self) -> None:
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_S
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def announced(address: str) -> Iterator[bool]:
    """Says that `atelier up` runs here with this store, for as long as the block lasts, and where its dashboard is.

    Gives False if another one does.
    """
    path = _place()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(path, "a+", opener=_private) as file:
        if not _is_locked(file):
            yield False
            return
        file.truncate(0)
        file.write(json.dumps({"address": address, "pid": os.getpid()}))
        file.flush()
        yield True


def _is_locked(file: IO[str]) -> bool:
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Whoever asks whether one runs holds it for a moment, too.
            time.sleep(0.05)
        else:
            return True
    return False


def running_up() -> str | None:
    """Where the dashboard of the `atelier up` of this user and store is; None if none runs."""
    try:
        with _place().open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                with suppress(ValueError, KeyError):
                    return str(json.loads(file.read())["address"])
                return ""
    except OSError:
        pass
    return None


def _place() -> Path:
    return socket_path().with_name("up.json")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
