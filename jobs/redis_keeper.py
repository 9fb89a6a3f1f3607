"""Shuts a machine's own Redis down when nobody uses it any more, even if its users were killed.

Run as a file, with the folder of jobs/local.py as its argument, so that nothing but this is imported. Whoever uses the
Redis holds a shared lock that the kernel drops at death; who is given the lock alone knows that nobody is left.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO


def main(folder: Path) -> None:
    """Wait for the last user to leave, however he does, and end the Redis if it is still there."""
    with (folder / "users.lock").open("w") as users, (folder / "start.lock").open("w") as starting:
        while True:
            fcntl.flock(users, fcntl.LOCK_EX)
            # In this order everybody takes them; and somebody may just be coming.
            fcntl.flock(users, fcntl.LOCK_UN)
            fcntl.flock(starting, fcntl.LOCK_EX)
            if _is_alone(users):
                _shut_down(folder / "redis.sock")
                return
            fcntl.flock(starting, fcntl.LOCK_UN)


def _is_alone(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _shut_down(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as redis:
        redis.settimeout(5)
        redis.connect(str(path))
        redis.sendall(b"SHUTDOWN NOSAVE\r\n")
        redis.recv(64)


if __name__ == "__main__":
    # Nobody waits for it: its parent is let go at once.
    if os.fork() == 0:
        # Where the folder is gone, or its Redis, there is nothing to do.
        with suppress(OSError):
            main(Path(sys.argv[1]))
