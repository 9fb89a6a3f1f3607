"""RIFF, which WebP and WAV are kinds of: a row of chunks, each with a name and a length. Source: RFC 9649, 2.3."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pipeline.provenance.marks import Carried
from pipeline.provenance.packet import MOST_BYTES
from pipeline.provenance.splices import counted, exactly

PARTS = 12
"""Where the first chunk begins."""

LONGEST = 2**32 - 10


def carried(file: BinaryIO, size: int, name_of_xmp: bytes) -> Carried:
    """What the file carries. Raises: ValueError, struct.error if it is damaged."""
    xmp, has_c2pa, at = None, False, PARTS
    parts = 0
    while at + 8 <= size:
        parts = counted(parts)
        file.seek(at)
        name, length = struct.unpack("<4sI", exactly(file, 8))
        if at + 8 + length > size:
            raise ValueError("cut off")
        if name == name_of_xmp and length <= MOST_BYTES and xmp is None:
            xmp = exactly(file, length)
        has_c2pa |= name == b"C2PA"
        at += 8 + length + length % 2
    return Carried(xmp, None, has_c2pa)


def part(name: bytes, body: bytes) -> bytes:
    """A chunk."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
