"""Input number N of a kind: always the same bytes, so that what was found can be found again."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import seeds
from tests.fuzz.mutate import Mutation, mutated, within_header, within_png, within_zip

_REBUILD: dict[str, Mutation] = {
    "png": within_png,
    "pth": within_zip,
    "npz": within_zip,
    "safetensors": within_header,
    "artwork-state": within_header,
}


def seeds_of(kind: str, folder: Path) -> list[bytes]:
    """The whole files that a kind's inputs are made of; made once in a folder."""
    kept = folder / f"{kind}.seeds"
    if not kept.exists():
        kept.write_bytes(pickle.dumps(seeds.ALL[kind](folder)))
    return pickle.loads(kept.read_bytes())  # noqa: S301 - our own, of a moment ago


def damaged(kind: str, files: Sequence[bytes], number: int) -> bytes:
    """Input `number` of the kind."""
    return mutated(files, zlib.crc32(kind.encode()) + number, _REBUILD.get(kind))
