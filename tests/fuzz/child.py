"""Reads damaged files, one after the other, in a process that may crash, hang or run out of memory.

    python -m tests.fuzz.child FOLDER KIND:FIRST:COUNT …

Standard output has a line for each: kind and number before it is read; then, if an error is none of ours,
`! what happened`.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from pipeline.errors import AtelierError
from tests.fuzz.inputs import damaged, seeds_of
from tests.fuzz.readers import read

TOO_LONG_S = 20
SPARE_BYTES = 3 << 30
"""Address space beyond what the libraries themselves take."""

_FORBIDDEN = (
    *("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "subprocess.Popen", "pty.spawn", "socket."),
    *("os.remove", "os.mkdir", "os.rename", "os.symlink", "os.chmod", "os.putenv", "shutil.", "webbrowser."),
)
"""What Python tells its auditors of when it is done. No reader does any of it."""


def main(folder: Path, rows: list[tuple[str, int, int]]) -> None:
    """Read `count` inputs of each kind, from number `first` on; rows are kind, first, count."""
    warnings.simplefilter("ignore")
    seeds = {kind: seeds_of(kind, folder) for kind, _, _ in rows}
    for kind, files in seeds.items():
        # Everything is imported before memory is counted.
        attempt(kind, files[0], folder)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + SPARE_BYTES, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_audit)
    for kind, first, count in rows:
        for number in range(first, first + count):
            tell(f"{kind} {number}")
            data = damaged(kind, seeds[kind], number)
            faulthandler.dump_traceback_later(TOO_LONG_S, exit=True)
            what = attempt(kind, data, folder)
            faulthandler.cancel_dump_traceback_later()
            if what:
                tell(f"! {what}")
    tell("done")


def tell(line: str) -> None:
    """Say it before anything else can happen."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def suffix(kind: str) -> str:
    """How files of the kind are called."""
    return {"legacy-pth": ".pth", "gif-film": ".gif", "artwork-state": ".bin", "gif": ".png"}.get(kind, f".{kind}")


def attempt(kind: str, data: bytes, folder: Path) -> str:
    """What went wrong that should not; empty if the file was read or refused by one of our sentences."""
    path = folder / f"input-{os.getpid()}{suffix(kind)}"
    path.write_bytes(data)
    _done.clear()
    try:
        read(kind, path)
    except AtelierError as error:
        if "\n" in str(error) or not str(error):
            return f"is no sentence: {str(error)!r}"
    except BaseException as error:
        at = traceback.extract_tb(error.__traceback__)[-3:]
        places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(at))
        return " ".join(f"{type(error).__name__}: {error} at {places}".split())[:400]
    return f"was executed: {_done[0]}" if _done else ""


_done: list[str] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        _done.append(f"{event} {arguments!r}"[:200])


if __name__ == "__main__":
    wanted = [row.split(":") for row in sys.argv[2:]]
    main(Path(sys.argv[1]), [(kind, int(first), int(count)) for kind, first, count in wanted])
