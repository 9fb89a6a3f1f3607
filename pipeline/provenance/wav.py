"""Marks in WAV: XMP in a chunk `_PMX` behind the sound, as Adobe's editors write it. Source: XMP Specification, part 3,
1.1.4 (RIFF); C2PA 2.2, A.3.9."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pipeline.errors import MediaError
from pipeline.provenance import riff
from pipeline.provenance.marks import Carried
from pipeline.provenance.splices import Splice

_XMP = b"_PMX"


def is_wav(head: bytes) -> bool:
    """Whether a file that begins with these bytes is one."""
    return head.startswith(b"RIFF") and head[8:12] == b"WAVE"


def splices(file: BinaryIO, size: int, xmp: bytes, aigc: str) -> list[Splice]:
    """What puts the packet into the file."""
    chunk = riff.part(_XMP, xmp)
    whole = size - 8 + len(chunk)
    if whole > riff.LONGEST:
        raise MediaError("the WAV file is as long as one can be; there is no room for what it says of itself")
    return [Splice(4, struct.pack("<I", whole), drop=4), Splice(size, chunk)]


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: ValueError, struct.error if it is damaged."""
    return riff.carried(file, size, _XMP)
