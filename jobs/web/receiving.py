"""A file that is sent to us, on its way to the store: counted, hashed, and never whole in memory.

It passes through a temporary folder, which goes with whoever stops sending, and is in the store whole or not at all.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool

from jobs.web.borders import UPLOADS
from jobs.web.problems import Refusal
from pipeline.film.access import write_error
from pipeline.scratch import scratch_folder
from pipeline.storage.base import Store

_AT_ONCE = 1 << 20
"""Bytes that are written in one go."""
_LONGEST_NAME = 150
"""Bytes: deliverables that are called after it get some more."""


@dataclass(frozen=True)
class Received:
    """A file that is in the store."""

    url: str
    size: int
    sha256: str


@dataclass
class _Spool:
    """The file as far as it has come."""

    path: Path
    file: BinaryIO
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> None:
        """Raises: StorageFull, StorageUnavailable."""
        self.digest.update(data)
        try:
            self.file.write(data)
        except OSError as error:
            raise write_error(self.path, error) from error


def check_size(size: int, most: int) -> None:
    """Raises: Refusal if a file has more than `most` bytes."""
    if size > most:
        raise Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"a file may have {most:,} bytes, and this one has more (ATELIER_WEB_UPLOAD_GB); copy it into the store",
        )


def check_room(size: int, folder: Path) -> None:
    """Raises: Refusal if there is no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise Refusal(
            HTTPStatus.INSUFFICIENT_STORAGE,
            f"the file has {size:,} bytes, and {free:,} are free where uploads are received; make room in TMPDIR",
        )


async def receive(name: str, body: AsyncIterator[bytes], store: Store, *, most: int, declared: int | None) -> Received:
    """Put a file that is being sent into the store. `most`: bytes that it may have; `declared`: that it says it has.

    Raises: Refusal; StorageFull, StorageUnavailable, AccessDenied; what the body raises if its sender leaves.
    """
    check_size(declared or 0, most)
    with scratch_folder("upload") as folder:
        check_room(declared or 0, folder)
        path = folder / "file"
        with path.open("wb") as file:
            spool = _Spool(path, file)
            gathered, size = bytearray(), 0
            async for chunk in body:
                gathered += chunk
                size += len(chunk)
                check_size(size, most)
                if len(gathered) >= _AT_ONCE:
                    await run_in_threadpool(spool.write, bytes(gathered))
                    gathered.clear()
            await run_in_threadpool(spool.write, bytes(gathered))
        if not size:
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is empty; send the file as the body")
        key = f"{UPLOADS}/{secrets.token_hex(8)}/{tidy(name)}"
        await run_in_threadpool(store.upload, path, key)
    return Received(f"{store.url.rstrip('/')}/{key}", size, spool.digest.hexdigest())


def tidy(name: str) -> str:
    """A name that a file may have anywhere, as near to the sender's as can be."""
    text = unicodedata.normalize("NFC", name)
    text = re.sub(r"[^\w.-]+", "_", text).lstrip("._-")
    stem, dot, suffix = text.rpartition(".")
    stem, suffix = (stem, f".{suffix[:10]}") if dot and stem else (text, "")
    while len((stem + suffix).encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    return (stem + suffix) or "upload"
