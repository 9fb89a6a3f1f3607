"""Marks in TIFF: XMP under tag 700 of the first directory, which is written anew at the file's end.

Source: TIFF 6.0, section 2; Adobe's XMP Specification Part 3, 1.1.7; C2PA 2.2, A.3.5.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from pipeline.errors import MediaError
from pipeline.provenance.marks import Carried
from pipeline.provenance.packet import MOST_BYTES
from pipeline.provenance.splices import Splice, exactly

MAGICS = (b"II*\0", b"MM\0*")

_XMP, _C2PA = 700, 0xCD41
_UNDEFINED = 7
_INLINE = 4
"""Bytes of a value that stand in its entry."""
_LONGEST = 2**32 - 1
_Entry = tuple[int, int, int, bytes]
"""Tag, type, count, and the value or where it is."""


def splices(file: BinaryIO, size: int, xmp: bytes, aigc: str) -> list[Splice]:
    """What puts the packet into the file: packet and directory at its end, and where the directory begins."""
    order, entries, following = _directory(file)
    padding = b"\0" * (size % 2)
    at = size + len(padding)
    begins = at + len(xmp) + len(xmp) % 2
    entry = _XMP, _UNDEFINED, len(xmp), struct.pack(f"{order}I", at)
    rows = sorted([*entries, entry], key=lambda row: row[0])
    directory = struct.pack(f"{order}H", len(rows))
    directory += b"".join(struct.pack(f"{order}HHI4s", *row) for row in rows) + following
    if begins + len(directory) > _LONGEST:
        raise MediaError("the TIFF file is as long as one can be; there is no room for what it says of itself")
    added = padding + xmp + b"\0" * (len(xmp) % 2) + directory
    return [Splice(4, struct.pack(f"{order}I", begins), drop=4), Splice(size, added)]


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: ValueError, struct.error if it is damaged."""
    order, entries, _ = _directory(file)
    rows = {tag: (count, value) for tag, _, count, value in entries}
    xmp = None
    if _XMP in rows and _INLINE < rows[_XMP][0] <= MOST_BYTES:
        count, value = rows[_XMP]
        file.seek(struct.unpack(f"{order}I", value)[0])
        xmp = exactly(file, count)
    return Carried(xmp, None, _C2PA in rows)


def _directory(file: BinaryIO) -> tuple[str, list[_Entry], bytes]:
    """Byte order, entries of the first directory, and where the next one begins."""
    file.seek(0)
    order = "<" if exactly(file, 4) == MAGICS[0] else ">"
    file.seek(struct.unpack(f"{order}I", exactly(file, 4))[0])
    (count,) = struct.unpack(f"{order}H", exactly(file, 2))
    entries = [struct.unpack(f"{order}HHI4s", exactly(file, 12)) for _ in range(count)]
    return order, entries, exactly(file, 4)
