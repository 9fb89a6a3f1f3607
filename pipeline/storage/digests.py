"""Size and SHA-256 of what a store holds, read back from it. Torch-free."""

from __future__ import annotations

import hashlib

from pipeline.storage.base import Store

_AT_ONCE = 1 << 24
"""Larger objects are read piece by piece."""
_PIECE = 1 << 22


def digest_of(store: Store, key: str, *, expected: int) -> tuple[int, str]:
    """The object's length in bytes and its SHA-256; `expected` is the length that it should have.

    Raises: ObjectNotFound, AccessDenied, StorageUnavailable.
    """
    if expected <= _AT_ONCE:
        data = store.get(key)
        return len(data), hashlib.sha256(data).hexdigest()
    digest, size = hashlib.sha256(), 0
    with store.open(key) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()
