"""A store in a folder of this machine, or of a mounted share.

Writes go to a hidden file beside their target and take its name when they are whole. Bytes and names are forced to
the disk before a call returns, so that a receipt never outlives its frames in a power cut.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import InputError, ObjectNotFound
from pipeline.storage.base import Entries, Entry, Store
from pipeline.storage.files import (
    copy_bytes,
    file_errors,
    flush,
    is_part,
    open_file,
    part_file,
    sync_folder,
    whole_file,
)
from pipeline.storage.keys import check_key, check_prefix
from pipeline.storage.options import StoreOptions

_CANNOT_LINK = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class LocalStore(Store):
    """Objects as files below a folder, which the first put creates. Safe among threads and processes."""

    atomic_create = True

    def __init__(self, url: str, options: StoreOptions) -> None:
        try:
            self._root = Path(os.path.realpath(Path(url).expanduser()))
        except RuntimeError as error:
            raise InputError(f"{url}: no user here has that name; write the whole path, or ~/ for your own") from error
        self.url = str(self._root)

    def get(self, key: str) -> bytes:
        with file_errors(self._address(key)):
            return self._existing(key).read_bytes()

    def put(self, key: str, data: bytes) -> None:
        with file_errors(self._address(key)), whole_file(self._writable(key)) as file:
            file.write(data)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        with file_errors(self._address(key)):
            path = self._writable(key)
            if os.path.lexists(path):
                return False
            with part_file(path) as (file, part):
                file.write(data)
                flush(file)
                created = _name_if_free(part, path)
            sync_folder(path.parent)
            return created

    def list(self, prefix: str = "") -> Iterator[Entry]:
        check_prefix(prefix)
        folder = prefix[: prefix.rfind("/") + 1]
        with file_errors(self._address(prefix)):
            yield from self._walk(folder, prefix)

    def exists(self, key: str) -> bool:
        with file_errors(self._address(key)):
            return self._readable(key).is_file()

    def size(self, key: str) -> int:
        with file_errors(self._address(key)):
            return self._existing(key).stat().st_size

    def delete(self, key: str) -> None:
        with file_errors(self._address(key)):
            path = self._reachable(key)
            if not _is_folder(path):
                path.unlink(missing_ok=True)
                self._prune(path.parent)

    def open(self, key: str) -> BinaryIO:
        with file_errors(self._address(key)):
            return self._existing(key).open("rb")

    def upload(self, path: Path, key: str) -> None:
        with file_errors(str(path)), open_file(path) as source:
            self._copy_in(source, key)

    def download(self, key: str, path: Path) -> None:
        with self.open(key) as source, file_errors(str(path)), whole_file(path) as target:
            copy_bytes(source, target)

    def copy_from(self, source: Store, source_key: str, key: str) -> None:
        with source.open(source_key) as opened:
            if isinstance(source, LocalStore):
                self._copy_in(opened, key)
                return
            with file_errors(self._address(key)), whole_file(self._writable(key)) as target:
                shutil.copyfileobj(opened, target, 1 << 22)

    def sweep(self, *, older_than_s: float, dry_run: bool = False) -> Entries:
        newest = time.time() - older_than_s
        with file_errors(self.url):
            old = [(path, entry) for path, entry in self._parts() if entry.modified <= newest]
            for path, _ in old if not dry_run else ():
                path.unlink(missing_ok=True)
                self._prune(path.parent)
        return [entry for _, entry in old]

    def _parts(self) -> Iterator[tuple[Path, Entry]]:
        """Every unfinished write, whoever is at it."""
        for folder, _, names in os.walk(self._root):
            for path in (Path(folder, name) for name in names if is_part(name)):
                try:
                    found = path.stat()
                except FileNotFoundError:
                    continue  # finished, or swept by another, while we looked
                key = path.relative_to(self._root).as_posix()
                yield path, Entry(key=key, size=found.st_size, modified=found.st_mtime)

    def _copy_in(self, source: BinaryIO, key: str) -> None:
        with file_errors(self._address(key)), whole_file(self._writable(key)) as target:
            copy_bytes(source, target)

    def _walk(self, base: str, prefix: str) -> Iterator[Entry]:
        """Entries below the folder `base` (empty, or ending in a slash) in the order of their whole keys."""
        for name, entry in _sorted_names(self._root / base):
            key = base + name
            if name.endswith("/"):
                if key.startswith(prefix) or prefix.startswith(key):
                    yield from self._walk(key, prefix)
            elif key.startswith(prefix) and not is_part(name) and not self._leads_out(entry):
                try:
                    found = entry.stat()
                except FileNotFoundError:
                    continue  # deleted while we looked
                if stat.S_ISREG(found.st_mode):
                    yield Entry(key=key, size=found.st_size, modified=found.st_mtime)

    def _leads_out(self, entry: os.DirEntry[str]) -> bool:
        """Whether this is a link out of the root, or to anything but a file."""
        return entry.is_symlink() and not (entry.is_file() and self._holds(os.path.realpath(entry.path)))

    def _prune(self, folder: Path) -> None:
        """Remove folders that became empty, as an object store has none."""
        while folder != self._root and self._root in folder.parents:
            try:
                folder.rmdir()
            except OSError:
                return  # in use, or already gone
            folder = folder.parent

    def _existing(self, key: str) -> Path:
        path = self._readable(key)
        # A pipe would have us wait for ever for somebody to write to it; a device has no end.
        if path.exists() and not path.is_file():
            raise ObjectNotFound(f"{path}: is a folder, a pipe or a device, not a file; move it away")
        return path

    def _readable(self, key: str) -> Path:
        path = self._path(key)
        return self._confined(key, path, os.path.realpath(path))

    def _writable(self, key: str) -> Path:
        path = self._reachable(key)
        if _is_folder(path):
            raise InputError(f"{path}: this name is a folder already; choose another name")
        return path

    def _reachable(self, key: str) -> Path:
        # A write or delete touches the name itself, so that only the way to it must not lead out.
        path = self._path(key)
        return self._confined(key, path, os.path.realpath(path.parent))

    def _path(self, key: str) -> Path:
        check_key(key)
        path = self._root / key
        if is_part(path.name):
            raise InputError(f"the key {key!r} looks like an unfinished write; choose another name")
        return path

    def _confined(self, key: str, path: Path, real: str) -> Path:
        if not self._holds(real):
            raise InputError(f"the key {key!r} leads out of {self._root} through a symbolic link; use a real file")
        return path

    def _holds(self, real: str) -> bool:
        root = str(self._root)
        return real == root or real.startswith(root.rstrip("/") + "/")

    def _address(self, key: str) -> str:
        return str(self._root / key)


def _sorted_names(folder: Path) -> list[tuple[str, os.DirEntry[str]]]:
    """Names in the folder, directories with a slash behind, so that they sort as whole keys do."""
    try:
        with os.scandir(folder) as found:
            entries = [(entry.name + "/" * entry.is_dir(follow_symlinks=False), entry) for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted((pair for pair in entries if _is_key(pair[0])), key=lambda pair: pair[0])


def _is_key(name: str) -> bool:
    """Whether a file's name may be a key: no line breaks and the like, no bytes that are no UTF-8."""
    return not any(letter < " " or letter == "\x7f" or "\ud800" <= letter <= "\udfff" for letter in name)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _name_if_free(part: Path, path: Path) -> bool:
    """Give the finished file its name unless the name is taken. True if it was free."""
    try:
        os.link(part, path)
    except FileExistsError:
        # An NFS server may create the link, lose its answer, and refuse the repeated request: count the names.
        return part.stat().st_nlink > 1
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        return _rename_locked(part, path)
    return True


def _rename_locked(part: Path, path: Path) -> bool:
    """As _name_if_free where there are no hard links (FAT, some shares): look and rename under the folder's lock.

    Atomic among Atelier's own writers; another program that writes the same name is not held off.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if os.path.lexists(path):
            return False
        os.rename(part, path)
        return True
    finally:
        os.close(folder)
