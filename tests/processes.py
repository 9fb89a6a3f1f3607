"""Child processes of tests: started quietly, waited for, stopped by their own id.

On Linux they end with pytest however it dies; Swift's setsid does not undo that.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from jobs.orphans import die_with_parent


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command: Sequence[str], *, log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen]:
    """Run `command` until the block ends; its output goes to the end of `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            preexec_fn=partial(die_with_parent, signal.SIGKILL, os.getpid()),
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_answer(port: int | Path, process: subprocess.Popen, *, log: Path, timeout_s: float = 30) -> None:
    """Return once something answers at a TCP port of the loopback interface or at a unix socket.

    Raises: RuntimeError with the log's end if the process ends or is too slow.
    """
    family, address = (socket.AF_UNIX, str(port)) if isinstance(port, Path) else (socket.AF_INET, ("127.0.0.1", port))
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(family) as probe:
            if probe.connect_ex(address) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args} does not answer at {port}:\n{log.read_text()[-2000:]}")
