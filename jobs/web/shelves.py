"""Files that are made once and kept for a while: thumbnails and films, in a folder that stays small.

Whatever lies there can be made again, so it may be emptied at any time, and several dashboards may share it.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

_EMPTIED_TO = 0.8
"""Part of the room that is still taken after the files that were used longest ago were removed."""


class DiskCache:
    """Files by name in one folder, of which those that were used last are kept. Any threads may use it."""

    def __init__(self, folder: Path | None, *, most_bytes: int) -> None:
        """Without a folder, or where it cannot be written, they lie in a temporary one that ends with this object."""
        self._most = most_bytes
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self.folder = self._made(folder)
        self._lock = threading.Lock()
        self._taken = sum(size for _, size, _ in self._all())

    def find(self, name: str) -> Path | None:
        """Where the file is; None if it is not there."""
        path = self._path(name)
        try:
            # Who is read last leaves last.
            os.utime(path)
        except OSError:
            return None
        return path

    def read(self, name: str) -> bytes | None:
        """The file's bytes; None if it is not there."""
        path = self.find(name)
        with suppress(OSError):
            return path.read_bytes() if path is not None else None
        return None

    def write(self, name: str, data: bytes) -> None:
        """Keep a file. Where there is no room, it is not kept."""
        with suppress(OSError), tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
            try:
                file.write(data)
            except OSError:
                os.unlink(file.name)
                raise
            file.close()
            self.take(Path(file.name), name)

    def take(self, made: Path, name: str) -> Path:
        """Keep a file that was made in `folder`. Where it lies from now on."""
        path = self._path(name)
        path.parent.mkdir(exist_ok=True)
        size = made.stat().st_size
        os.replace(made, path)
        with self._lock:
            self._taken += size
            is_full = self._taken > self._most
        if is_full:
            self._make_room()
        return path

    def close(self) -> None:
        """Remove what is temporary."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def _made(self, folder: Path | None) -> Path:
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=folder):
                    return folder
            except OSError as error:
                log.warning("%s cannot be written (%s); thumbnails are kept until the dashboard ends", folder, error)
        self._temporary = tempfile.TemporaryDirectory(prefix="atelier-web-")
        return Path(self._temporary.name)

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def _all(self) -> Iterator[tuple[float, int, Path]]:
        """When each file was used last, its size, and where it lies."""
        for path in self.folder.rglob("*"):
            with suppress(OSError):
                if path.is_file():
                    found = path.stat()
                    yield found.st_mtime, found.st_size, path

    def _make_room(self) -> None:
        with self._lock:
            files = sorted(self._all())
            self._taken = sum(size for _, size, _ in files)
            for _, size, path in files:
                if self._taken <= self._most * _EMPTIED_TO:
                    return
                with suppress(OSError):
                    path.unlink()
                self._taken -= size
