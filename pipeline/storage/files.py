"""Files that appear whole or not at all, and the translation of the operating system's errors into ours."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import AccessDenied, AtelierError, InputError, ObjectNotFound, StorageFull, StorageUnavailable

_PART_PREFIX, _PART_SUFFIX = ".atelier-", ".part"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_CANNOT_COPY = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.ETXTBSY}
_COPY_STEP = 1 << 30  # bytes asked of the kernel at once


def is_part(name: str) -> bool:
    """Whether a file of this name is an unfinished write."""
    return name.startswith(_PART_PREFIX) and name.endswith(_PART_SUFFIX)


@contextmanager
def part_file(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """An open file beside `path`, hence on its file system, and its name; removed at the end if it is still there."""
    file, part = _create_part(path)
    try:
        with file:
            yield file, part
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes the name `path` when the block ends well and vanishes when it does not."""
    with part_file(path) as (file, part):
        yield file
        flush(file)
        os.replace(part, path)
    sync_folder(path.parent)


def open_file(path: Path) -> BinaryIO:
    """A local file to read. Raises: OSError; InputError for a pipe, where reading might never end, or a device."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InputError(f"{path}: is a pipe or a device, not a file; copy what it gives into a file")
    return path.open("rb")


def flush(file: BinaryIO) -> None:
    """Have the file's bytes on the disk itself."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the folder's names on the disk itself; without this a power cut may forget a rename."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return  # another has deleted what was in it, and the folder went with that
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy_bytes(source: BinaryIO, target: BinaryIO) -> None:
    """Copy a file from its beginning, by reflink or inside the kernel where the file system can.

    Never by a hard link: a copy edited in place would change its original.
    """
    if hasattr(os, "copy_file_range"):
        try:
            while os.copy_file_range(source.fileno(), target.fileno(), _COPY_STEP):
                pass
            return
        except OSError as error:
            if error.errno not in _CANNOT_COPY:
                raise
            source.seek(0)
            target.seek(0)
    shutil.copyfileobj(source, target, 1 << 20)


@contextmanager
def file_errors(address: str) -> Iterator[None]:
    """Turn the operating system's errors into Atelier's; `address` is what the message names."""
    try:
        yield
    except OSError as error:
        raise _translate(error, address) from error


def _create_part(path: Path) -> tuple[BinaryIO, Path]:
    part = path.with_name(f"{_PART_PREFIX}{uuid.uuid4().hex}{_PART_SUFFIX}")
    # A concurrent delete may prune the folder between its creation and ours; once our file is in it, it stays.
    for _ in range(20):
        try:
            _make_folder(path.parent)
            return part.open("xb"), part
        except FileNotFoundError:
            continue
    return part.open("xb"), part


def _make_folder(folder: Path) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        sync_folder(each.parent)


def _translate(error: OSError, address: str) -> AtelierError:
    if isinstance(error, FileNotFoundError):
        return ObjectNotFound(f"{address}: no such file")
    if isinstance(error, NotADirectoryError | IsADirectoryError | FileExistsError):
        return InputError(f"{address}: a part of this path is a file, not a folder; choose another name")
    if error.errno in _FULL:
        return StorageFull(f"{address}: no space is left on the disk; free some and try again")
    if error.errno in _DENIED:
        return AccessDenied(f"{address}: {error.strerror}; check who may read and write there")
    if error.errno == errno.ENAMETOOLONG:
        return InputError(f"{address}: the name is too long for this file system; choose a shorter one")
    return StorageUnavailable(f"{address}: {error.strerror or error}")
