"""Bytes damaged as chance would have it: the same damage for the same number."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

Mutation = Callable[[bytearray, random.Random], None]

_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**60, 2**63 - 1, 2**64 - 1)
_HEAD = 256
"""Bytes at the beginning that are hit as often as all the rest: headers are there."""


def mutated(seeds: Sequence[bytes], number: int, rebuild: Mutation | None = None) -> bytes:
    """One of the seeds, damaged. `rebuild`: damages it from within, leaving its checksums right; used for half."""
    rng = random.Random(number)
    data = bytearray(rng.choice(seeds))
    if rebuild is not None and rng.random() < 0.5:
        rebuild(data, rng)
        return bytes(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
        rng.choice(MUTATIONS)(data, rng)
    return bytes(data)


def _at(data: bytearray, rng: random.Random) -> int:
    end = min(len(data), _HEAD) if rng.random() < 0.5 else len(data)
    return rng.randrange(max(1, end))


def flip(data: bytearray, rng: random.Random) -> None:
    """Turn some bits over."""
    for _ in range(rng.choice((1, 2, 16))):
        if data:
            data[_at(data, rng) % len(data)] ^= 1 << rng.randrange(8)


def truncate(data: bytearray, rng: random.Random) -> None:
    """Cut the end off."""
    del data[_at(data, rng) :]


def remove(data: bytearray, rng: random.Random) -> None:
    """Take a block out."""
    at = _at(data, rng)
    del data[at : at + rng.choice((1, 4, 64, 1024))]


def repeat(data: bytearray, rng: random.Random) -> None:
    """Write a block twice."""
    at = _at(data, rng)
    block = data[at : at + rng.choice((1, 8, 64, 4096))]
    data[at:at] = block


def swap(data: bytearray, rng: random.Random) -> None:
    """Exchange two blocks."""
    one, other, size = _at(data, rng), _at(data, rng), rng.choice((4, 16, 256))
    first, second = data[one : one + size], data[other : other + size]
    if len(first) == len(second):
        data[one : one + size], data[other : other + size] = second, first


def extreme(data: bytearray, rng: random.Random) -> None:
    """Write a very small or a very large number somewhere."""
    kind = rng.choice(("<H", ">H", "<I", ">I", "<Q", ">Q"))
    size = struct.calcsize(kind)
    at = _at(data, rng)
    value = rng.choice(_EXTREMES) & (2 ** (8 * size) - 1)
    data[at : at + size] = struct.pack(kind, value)[: len(data) - at]


def noise(data: bytearray, rng: random.Random) -> None:
    """Write random bytes in."""
    at = _at(data, rng)
    data[at:at] = rng.randbytes(rng.choice((1, 4, 100)))


MUTATIONS: tuple[Mutation, ...] = (flip, flip, truncate, remove, repeat, swap, extreme, extreme, noise)


def within_zip(data: bytearray, rng: random.Random) -> None:
    """Damage one entry of an archive, and pack it again as its writer would."""
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    # The smaller entries say what the larger ones are.
    hit = rng.choice(sorted(range(len(entries)), key=lambda n: len(entries[n][1]))[:3])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, (entry, content) in enumerate(entries):
            changed = bytearray(content)
            if number == hit:
                rng.choice(MUTATIONS)(changed, rng)
            archive.writestr(entry, bytes(changed), compress_type=entry.compress_type)
    data[:] = file.getvalue()


def within_png(data: bytearray, rng: random.Random) -> None:
    """Damage one chunk of a PNG, and write its checksum anew."""
    chunks, at = [], 8
    while at + 8 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        chunks.append(bytearray(data[at + 4 : at + 8 + size]))
        at += size + 12
    rng.choice(MUTATIONS)(rng.choice(chunks), rng)
    del data[8:]
    for chunk in chunks:
        data += struct.pack(">I", max(0, len(chunk) - 4)) + chunk + struct.pack(">I", zlib.crc32(chunk))


def within_header(data: bytearray, rng: random.Random) -> None:
    """Damage the header of a safetensors file, and write its length anew."""
    (size,) = struct.unpack_from("<Q", data)
    header = bytearray(data[8 : 8 + size])
    rng.choice(MUTATIONS)(header, rng)
    if rng.random() < 0.5:
        digits = [at for at, byte in enumerate(header) if 0x30 <= byte <= 0x39]
        if digits:
            at = rng.choice(digits)
            header[at : at + 1] = str(rng.choice(_EXTREMES)).encode()
    data[: 8 + size] = struct.pack("<Q", len(header)) + header
