"""Bytes of sources: local files and stored objects behind the same few functions.

Third-party and operating system errors end here. Listing and naming of sequences live in sequences.py.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.errors import (
    AccessDenied,
    AtelierError,
    MediaError,
    ObjectNotFound,
    SourceMissing,
    StorageFull,
    StorageUnavailable,
)
from pipeline.scratch import scratch_folder
from pipeline.storage.base import Entry, Store
from pipeline.web import Bounds, fetched, is_web

_EDGE_BYTES = 65_536


@dataclass(frozen=True)
class Listed:
    """One file of a folder."""

    name: str
    size: int
    """Bytes."""
    mark: str
    """Changes when the file does, as far as its listing tells."""


def is_remote(url: str) -> bool:
    """Whether the address names a store's object rather than a local path."""
    return "://" in url


def absolute(url: str) -> str:
    """The address, local paths from the root of the file system."""
    return url if is_remote(url) else os.path.abspath(os.path.expanduser(url))


def basename(url: str) -> str:
    """The last part of the address."""
    return url.rstrip("/").rpartition("/")[2]


def parent(url: str) -> str:
    """The address without its last part."""
    return url.rstrip("/").rpartition("/")[0] or "/"


def open_bytes(url: str, options: Any = None) -> BinaryIO:
    """A seekable reader of the file or object.

    Raises: MediaError if there is none, AccessDenied, StorageUnavailable.
    """
    if is_remote(url):
        store, key = _store(url, options)
        try:
            return store.open(key)
        except ObjectNotFound as error:
            raise _missing(url) from error
    try:
        # A named pipe would have us wait for ever for somebody to write to it; a device has no end.
        if not stat.S_ISREG(os.stat(url).st_mode) and not os.path.isdir(url):
            raise MediaError(f"{url}: is a pipe or a device, not a file; copy what it gives into a file")
        return open(url, "rb")
    except (OSError, ValueError) as error:
        raise _local_error(url, error) from error


def size(url: str, options: Any = None) -> int:
    """Length in bytes. Raises: as `open_bytes`."""
    if is_remote(url):
        store, key = _store(url, options)
        try:
            return store.size(key)
        except ObjectNotFound as error:
            raise _missing(url) from error
    return _stat(url).st_size


def fingerprint(url: str, options: Any = None) -> str:
    """Changes when the bytes do: size and modification time of a file; size and both ends of an object.

    Raises: as `open_bytes`.
    """
    if not is_remote(url):
        status = _stat(url)
        return f"{status.st_size}-{status.st_mtime_ns}"
    length = size(url, options)
    digest = hashlib.sha256()
    with open_bytes(url, options) as reader:
        digest.update(reader.read(_EDGE_BYTES))
        if length > _EDGE_BYTES:
            reader.seek(max(_EDGE_BYTES, length - _EDGE_BYTES))
            digest.update(reader.read(_EDGE_BYTES))
    return f"{length}-{digest.hexdigest()[:16]}"


def check_unchanged(url: str, planned: str, options: Any = None) -> None:
    """Compare with a fingerprint of the past, by its size alone: copies of a film on other machines have other times.

    Raises: MediaError if the size is another; as `open_bytes`.
    """
    before, now = int(planned.partition("-")[0]), size(url, options)
    if before != now:
        raise MediaError(f"{url}: has changed since the job was planned: {before:,} bytes, now {now:,}; submit again")


def is_folder(url: str, options: Any = None) -> bool:
    """Whether the address names a folder (of a store: a prefix that ends in `/` or that only longer keys have)."""
    if not is_remote(url):
        return os.path.isdir(url)
    if url.endswith("/"):
        return True
    store, key = _store(url, options)
    return not store.exists(key) and any(True for _ in store.list(key + "/"))


def listing(folder: str, options: Any = None) -> list[Listed]:
    """The files directly in the folder, hidden ones left out, in no particular order.

    Raises: as `open_bytes`.
    """
    if is_remote(folder):
        store, key = _store(folder.rstrip("/") + "/x", options)
        prefix = key[:-1]
        entries = ((entry.key[len(prefix) :], entry.size) for entry in store.list(prefix))
        found = [Listed(name=name, size=length, mark=str(length)) for name, length in entries if "/" not in name]
    else:
        try:
            with os.scandir(folder) as files:
                found = [_listed(file) for file in files if file.is_file()]
        except OSError as error:
            raise _local_error(folder, error) from error
    return [file for file in found if file.name and not file.name.startswith(".")]


def below(url: str, options: Any = None) -> tuple[Store, Iterator[Entry]]:
    """An address' store, and its objects whose address begins with this one, in the order of their keys.

    Raises: AccessDenied, StorageUnavailable.
    """
    store, key = _store(f"{url}x", options)
    return store, store.list(key[:-1])


def read_bytes(url: str, options: Any = None, *, most: int | None = None) -> bytes:
    """The whole file or object. Raises: as `open_bytes`; MediaError if it has more than `most` bytes."""
    if most is not None and (length := size(url, options)) > most:
        raise MediaError(f"{url}: has {length:,} bytes, and at most {most:,} are read; is it the right file?")
    with open_bytes(url, options) as reader:
        try:
            return reader.read()
        except OSError as error:
            raise _local_error(url, error) from error


@contextmanager
def local_copy(url: str, options: Any = None, bounds: Bounds | None = None) -> Iterator[Path]:
    """The file on this machine: itself, or a copy of a store's object or the web's, of the same name, until the block
    ends. `bounds`: of what is fetched from the web.

    Raises: MediaError if there is no such object; InputError if it is beyond the bounds; AccessDenied,
    StorageUnavailable, StorageFull.
    """
    if is_web(url):
        with fetched(url, bounds or Bounds()) as path:
            yield path
        return
    if not is_remote(url):
        yield Path(absolute(url))
        return
    store, key = _store(url, options)
    with scratch_folder("download") as scratch:
        path = scratch / basename(url)
        try:
            store.download(key, path)
        except ObjectNotFound as error:
            raise _missing(url) from error
        yield path


def write_error(path: Path | None, error: OSError) -> AtelierError:
    """What to raise when a local file cannot be written."""
    where = path or "memory"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"{where}: no room is left to write it; make room")
    if isinstance(error, PermissionError):
        return AccessDenied(f"{where}: we may not write it; check its permissions")
    return StorageUnavailable(f"{where}: cannot be written: {error.strerror}")


def _store(url: str, options: Any) -> tuple[Store, str]:
    # Local films need no store, and a store may need boto3.
    from pipeline.storage import open_store, split_url

    root, key = split_url(url)
    return open_store(root, options), key


def _stat(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except (OSError, ValueError) as error:
        raise _local_error(path, error) from error


def _listed(file: os.DirEntry[str]) -> Listed:
    status = file.stat()
    return Listed(name=file.name, size=status.st_size, mark=f"{status.st_size}-{status.st_mtime_ns}")


def _missing(url: str) -> SourceMissing:
    return SourceMissing(f"{url}: no such file; check the path")


def _local_error(path: str, error: OSError | ValueError) -> AtelierError:
    if isinstance(error, ValueError):
        return MediaError(f"{path!r}: can be no path ({error}); check it")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return _missing(path)
    if isinstance(error, PermissionError):
        return AccessDenied(f"{path}: we may not read it; check its permissions")
    if isinstance(error, IsADirectoryError):
        return MediaError(f"{path}: is a folder, not a file")
    return StorageUnavailable(f"{path}: cannot be read: {error.strerror}")
