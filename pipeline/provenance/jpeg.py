"""Marks in JPEG: XMP in an APP1 segment, after JFIF's own.

Source: Adobe's XMP Specification Part 3, 1.1.3; C2PA 2.2, A.3.1.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from pipeline.provenance.marks import Carried
from pipeline.provenance.splices import Splice, counted, exactly

MAGIC = b"\xff\xd8"

_KEY = b"http://ns.adobe.com/xap/1.0/\0"

MOST_BYTES = 65_533 - len(_KEY)
"""Of a packet: segments give their length in two bytes."""

_APP0, _APP1, _APP11, _SCAN, _END = 0xE0, 0xE1, 0xEB, 0xDA, 0xD9
_JUMBF = b"JP"


def splices(file: BinaryIO, size: int, xmp: bytes, aigc: str) -> list[Splice]:
    """What puts the packet into the file."""
    body = _KEY + xmp
    segment = struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body
    at = len(MAGIC)
    file.seek(at)
    mark, kind, length = struct.unpack(">BBH", exactly(file, 4))
    # JFIF's own segment stands first.
    return [Splice(at + 2 + length if (mark, kind) == (0xFF, _APP0) else at, segment)]


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: ValueError, struct.error if it is damaged."""
    xmp, has_c2pa, at = None, False, len(MAGIC)
    parts = 0
    while at + 4 <= size:
        parts = counted(parts)
        file.seek(at)
        mark, kind, length = struct.unpack(">BBH", exactly(file, 4))
        if mark != 0xFF or length < 2 or kind in (_SCAN, _END):
            return Carried(xmp, None, has_c2pa)
        if kind in (_APP1, _APP11):
            body = exactly(file, length - 2)
            has_c2pa |= kind == _APP11 and body.startswith(_JUMBF) and b"c2pa" in body[:64]
            if kind == _APP1 and body.startswith(_KEY) and xmp is None:
                xmp = body[len(_KEY) :]
        at += 2 + length
    raise ValueError("cut off")
