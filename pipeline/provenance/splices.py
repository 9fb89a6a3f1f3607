"""Changing a file in a few places without holding it: what is put where, for bytes and for files of any size."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MOST_PARTS = 1_000_000
"""Of a file, that are looked at: one that has more was made to keep its readers busy."""

_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Splice:
    """Something put into a file, in the place of so many bytes of it."""

    at: int
    put: bytes
    drop: int = 0


def spliced(data: bytes, splices: Sequence[Splice]) -> bytes:
    """The data with the splices in it; their places rise, and are those before any of them."""
    parts, begin = [], 0
    for splice in splices:
        parts += [data[begin : splice.at], splice.put]
        begin = splice.at + splice.drop
    return b"".join([*parts, data[begin:]])


def splice_file(path: Path, splices: Sequence[Splice]) -> None:
    """The same, of a file. Nothing is moved where only its end grows."""
    size, splices = path.stat().st_size, _joined(splices)
    if all(len(splice.put) == splice.drop or splice.at + splice.drop == size for splice in splices):
        with path.open("r+b") as file:
            for splice in splices:
                file.seek(splice.at)
                file.write(splice.put)
        return
    new = path.with_name(f"{path.name}.new")
    with path.open("rb") as old, new.open("wb") as file:
        begin = 0
        for splice in splices:
            _copy(old, file, splice.at - begin)
            file.write(splice.put)
            begin = splice.at + splice.drop
            old.seek(begin)
        shutil.copyfileobj(old, file, _AT_ONCE)
    os.replace(new, path)


def exactly(file: BinaryIO, count: int) -> bytes:
    """The next bytes. Raises: ValueError if there are fewer."""
    data = file.read(count)
    if len(data) != count:
        raise ValueError("cut off")
    return data


def counted(parts: int) -> int:
    """One part more. Raises: ValueError if it is one too many."""
    if parts >= MOST_PARTS:
        raise ValueError("more parts than any file of ours")
    return parts + 1


def _joined(splices: Sequence[Splice]) -> list[Splice]:
    """The same with those in one that touch."""
    joined: list[Splice] = []
    for splice in splices:
        if joined and joined[-1].at + joined[-1].drop == splice.at:
            before = joined.pop()
            splice = Splice(before.at, before.put + splice.put, before.drop + splice.drop)
        joined.append(splice)
    return joined


def _copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count:
        data = exactly(source, min(count, _AT_ONCE))
        target.write(data)
        count -= len(data)
