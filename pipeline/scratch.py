"""Temporary folders that are found and removed when the process that made them was killed.

A folder holds a lock as long as its process, or a child that it forked, is alive: flock(2), which the kernel drops at
death. So nothing depends on process numbers, which containers that share a disk do not share. Torch-free.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

_PREFIX = "atelier-"
_LOCK = ".lock"


@contextmanager
def scratch_folder(kind: str) -> Iterator[Path]:
    """An empty folder `atelier-<kind>-…` where temporary files go by this system's custom; removed in the end."""
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{kind}-") as made, _locked(Path(made)):
        path = Path(made) / "files"
        path.mkdir()
        yield path


def sweep_scratch() -> int:
    """Remove the folders of processes that are dead; how many there were. Folders without a lock are not ours."""
    return sum(_remove(path.parent) for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # Named when it is locked, lest a sweep finds it before.
    new = path / f"{_LOCK}.new"
    with new.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        new.rename(path / _LOCK)
        yield


def _remove(path: Path) -> bool:
    """Remove a folder unless its process lives, or it is another user's."""
    try:
        if path.is_symlink() or path.stat().st_uid != os.getuid():
            return False
        with (path / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return False
    except OSError as error:
        log.warning("%s: a dead worker's folder cannot be removed: %s", path, error)
        return False
    return True
