"""Marks in WebP, still and animated: an XMP chunk behind the pictures. Source: RFC 9649; C2PA 2.2, A.3.6."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pipeline.errors import MediaError
from pipeline.provenance import riff
from pipeline.provenance.marks import Carried
from pipeline.provenance.splices import Splice, exactly

_HAS_XMP, _HAS_ALPHA = 0x04, 0x10


def is_webp(head: bytes) -> bool:
    """Whether a file that begins so is one."""
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def splices(file: BinaryIO, size: int, xmp: bytes, aigc: str) -> list[Splice]:
    """What puts the packet into the file."""
    file.seek(riff.PARTS)
    name, length = struct.unpack("<4sI", exactly(file, 8))
    begin = exactly(file, min(length, 32))
    if name == b"VP8X":
        header, grown = [Splice(riff.PARTS + 8, bytes([begin[0] | _HAS_XMP]), drop=1)], 0
    else:
        extended = riff.part(b"VP8X", _extended(*_picture_size(name, begin)))
        header, grown = [Splice(riff.PARTS, extended)], len(extended)
    chunk = riff.part(b"XMP ", xmp)
    whole = size - 8 + grown + len(chunk)
    if whole > riff.LONGEST:
        raise MediaError("the WebP file is as long as one can be; there is no room for what it says of itself")
    return [Splice(4, struct.pack("<I", whole), drop=4), *header, Splice(size, chunk)]


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: ValueError, struct.error if it is damaged."""
    return riff.carried(file, size, b"XMP ")


def _extended(width: int, height: int, has_alpha: bool) -> bytes:
    flags = _HAS_XMP | (_HAS_ALPHA if has_alpha else 0)
    return struct.pack("<I", flags) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def _picture_size(name: bytes, body: bytes) -> tuple[int, int, bool]:
    """Width, height, and whether there is transparency, of a picture's bitstream. Source: RFC 9649, 2.5 and 2.6."""
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF, False
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    raise MediaError("the WebP file holds no picture where one belongs; take another copy")
