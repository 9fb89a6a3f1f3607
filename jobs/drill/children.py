"""Processes that a drill starts, and what hangs below them. Linux: /proc tells who is whose child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from jobs.interrupts import held_back
from jobs.orphans import die_with_parent
from pipeline.errors import AtelierError


class Child:
    """A process of ours with its log, which every process started in its place goes on with."""

    def __init__(
        self, command: Sequence[str], *, log: Path, env: dict[str, str], ends_by: signal.Signals = signal.SIGTERM
    ) -> None:
        """Start it. `ends_by`: what the kernel sends it should we die first.

        Only the main thread may start one: the kernel counts the thread as the parent.
        """
        self.log = log
        self.began_at = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output, held_back():
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=env,
                # The terminal's Ctrl-C is the drill's to hear.
                start_new_session=True,
                preexec_fn=partial(die_with_parent, ends_by, os.getpid()),
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def said(self, words: str) -> bool:
        """Whether it has written these words since it was started."""
        with self.log.open("rb") as file:
            file.seek(self.began_at)
            return words.encode() in file.read()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self.lives:
            self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL for it and for all below it, at once, as when a machine loses its power."""
        for pid in [self.pid, *descendants(self.pid)]:
            kill(pid)
        self.process.wait()

    def stop(self, *, grace_s: float) -> None:
        """SIGTERM, and SIGKILL for whatever is left after the grace."""
        below = list(descendants(self.pid))
        self.tell(signal.SIGTERM)
        try:
            self.process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
        for pid in below:
            kill_if_alive(pid, until=time.monotonic() + grace_s)


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", name, *arguments]


def kill(pid: int) -> None:
    """SIGKILL; a process that is gone already is as good."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def kill_if_alive(pid: int, *, until: float) -> None:
    """Let a process end by itself until a moment of time.monotonic(), then kill it."""
    while is_alive(pid):
        if time.monotonic() >= until:
            kill(pid)
            return
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs. One that has ended and whose parent has not noticed does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(word) for word in text.split()]


def descendants(pid: int) -> Iterator[int]:
    """All below a process, parents before their children."""
    for child in children_of(pid):
        yield child
        yield from descendants(child)


def wait_for(answers: bool, child: Child, what: str) -> None:
    """Raises: AtelierError with the end of its log unless it answers."""
    if answers:
        return
    tail = child.log.read_text(encoding="utf-8", errors="replace")[-1500:]
    raise AtelierError(f"the drill's {what} did not start; the end of {child.log}:\n{tail}")
