"""Marks in GIF: XMP in an application extension behind the last picture.

The packet stands there as it is, not in blocks; 258 bytes behind it lead readers that walk over blocks to its end.

Source: GIF89a; Adobe's XMP Specification Part 3, 1.1.2; C2PA 2.2, A.3.3.
"""

from __future__ import annotations

from typing import BinaryIO

from pipeline.provenance.marks import Carried
from pipeline.provenance.packet import MOST_BYTES
from pipeline.provenance.splices import Splice, counted, exactly

MAGICS = (b"GIF87a", b"GIF89a")

_EXTENSION, _PICTURE, _END = 0x21, 0x2C, 0x3B
_APPLICATION = 0xFF
_XMP = b"XMP DataXMP"
_C2PA = b"C2PA_GIF"
_LEAD = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def splices(file: BinaryIO, size: int, xmp: bytes, aigc: str) -> list[Splice]:
    """What puts the packet into the file. Raises: ValueError if the file does not end as a GIF does."""
    file.seek(size - 1)
    if exactly(file, 1)[0] != _END:
        raise ValueError("cut off")
    extension = bytes([_EXTENSION, _APPLICATION, len(_XMP)]) + _XMP + xmp + _LEAD
    return [Splice(size - 1, extension + bytes([_END]), drop=1)]


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: ValueError, IndexError if it is damaged."""
    xmp, has_c2pa, parts = None, False, 0
    file.seek(10)
    _skip_colours(file, exactly(file, 3)[0])
    while (kind := exactly(file, 1)[0]) != _END:
        parts = counted(parts)
        if kind == _PICTURE:
            _skip_colours(file, exactly(file, 9)[8])
            exactly(file, 1)
            _blocks(file)
        elif kind == _EXTENSION:
            is_application = exactly(file, 1)[0] == _APPLICATION
            name = exactly(file, exactly(file, 1)[0])
            is_xmp = is_application and name == _XMP and xmp is None
            body = _blocks(file, kept=MOST_BYTES if is_xmp else 0)
            xmp = body[: 1 - len(_LEAD)] if is_xmp else xmp
            has_c2pa |= is_application and name.startswith(_C2PA)
        else:
            raise ValueError("no block of a GIF")
    return Carried(xmp, None, has_c2pa)


def _skip_colours(file: BinaryIO, flags: int) -> None:
    """A table of colours, if the flags say that there is one."""
    if flags & 0x80:
        exactly(file, 3 * 2 ** ((flags & 7) + 1))


def _blocks(file: BinaryIO, kept: int = 0) -> bytes:
    """Walk over blocks to the empty one that ends them: their bytes, lengths included, up to so many."""
    body, blocks = bytearray(), 0
    while length := exactly(file, 1)[0]:
        block, blocks = exactly(file, length), counted(blocks)
        if kept:
            body += bytes([length]) + block
            if len(body) > kept:
                raise ValueError("more than any packet of ours")
    return bytes(body)
