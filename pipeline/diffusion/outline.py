"""A model that lies in a store, seen from here: its configurations whole, and of its weights the headers.

What looks at a folder of this machine then looks at it as at any other: a file of weights is as long as in the store,
and has nothing behind its header, which takes no room on the disk. Torch-free.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pipeline.errors import ModelError
from pipeline.film import access
from pipeline.storage import StoreOptions

_WEIGHTS = ".safetensors"

_WHOLE = (".json", ".txt", ".model")
"""Files that are read: configurations and vocabularies."""

_MOST_WHOLE = 64_000_000
"""Bytes of such a file; larger ones are none, and are left empty."""

_MOST_HEADER = 100_000_000
"""Bytes of a safetensors file's header: its format allows no more."""

_MOST_FILES = 2_000
"""Below the address: one of a whole bucket names no model."""

_DEEPEST = 2
"""Parts of a file's name: a component's files lie in the model's folder, or in one of its own there."""

_BLOCK = 1 << 22
"""Bytes that are digested at a time."""


class Kept(NamedTuple):
    """A file of the store."""

    url: str
    size: int
    modified: float
    """In seconds since the epoch; infinite where the store tells none."""

    @property
    def is_whole(self) -> bool:
        """Whether its outline is all of it."""
        return self.url.endswith(_WHOLE) and self.size <= _MOST_WHOLE


def outline(url: str, folder: Path, options: StoreOptions) -> dict[Path, Kept]:
    """Put the outline of a model's folder, or of its single file, into a folder here: what each file there stands for.

    Raises: ModelError if there is no such model; AccessDenied, StorageUnavailable.
    """
    is_file = url.endswith(_WEIGHTS)
    store, entries = access.below(url if is_file else f"{url}/", options)
    made = {}
    for count, entry in enumerate(entries):
        if count >= _MOST_FILES:
            raise ModelError(f"{url}: holds more than {_MOST_FILES:,} files; give the address of one model")
        kept = Kept(f"{store.url.rstrip('/')}/{entry.key}", entry.size, entry.modified)
        name = access.basename(url) if is_file else kept.url.removeprefix(f"{url}/")
        if (is_file and kept.url != url) or not _is_model(name):
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file, store.open(entry.key) as reader:
            file.write(_read(reader, kept))
            file.truncate(kept.size)
        made[path] = kept
    if not made:
        raise ModelError(f"{url}: no such model: the store has no file there; check the address")
    return made


def digest(kept: Kept, options: StoreOptions) -> str:
    """SHA-256 of a file in the store, in hexadecimal; read through once for each version of it.

    Raises: MediaError if it is gone; AccessDenied, StorageUnavailable.
    """
    # Whoever keeps no times may have changed it.
    return _digest(kept, options) if kept.modified < float("inf") else _digest.__wrapped__(kept, options)


@lru_cache(maxsize=256)
def _digest(kept: Kept, options: StoreOptions) -> str:
    found = hashlib.sha256()
    with access.open_bytes(kept.url, options) as reader:
        while block := reader.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _is_model(name: str) -> bool:
    """Whether a file of that name may be a model's: none that is hidden, or far below it."""
    parts = name.split("/")
    return len(parts) <= _DEEPEST and not any(part[:1] in ("", ".") for part in parts)


def _read(reader: BinaryIO, kept: Kept) -> bytes:
    """What is looked at of a file."""
    if kept.is_whole:
        return reader.read()
    if not kept.url.endswith(_WEIGHTS):
        return b""
    begins = reader.read(8)
    length = struct.unpack("<Q", begins)[0] if len(begins) == 8 else 0
    return begins + reader.read(min(length, _MOST_HEADER, max(0, kept.size - 8)))
