"""Marks in PNG and APNG: XMP in an iTXt chunk right after the header. Source: W3C PNG, 11.3.3; C2PA 2.2, A.3.2.2."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from pipeline.provenance.marks import Carried
from pipeline.provenance.packet import MOST_BYTES
from pipeline.provenance.splices import Splice, counted, exactly

MAGIC = b"\x89PNG\r\n\x1a\n"

_KEYWORD = b"XML:com.adobe.xmp\0"
_LABEL = b"AIGC\0"
"""Keyword of the text chunk in which others write GB 45438's field."""


def splices(file: BinaryIO, size: int, xmp: bytes, aigc: str) -> list[Splice]:
    """What puts the packet into the file."""
    body = _KEYWORD + b"\0\0\0\0" + xmp
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    file.seek(len(MAGIC))
    (header,) = struct.unpack(">I", exactly(file, 4))
    return [Splice(len(MAGIC) + 12 + header, chunk)]


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: ValueError, struct.error if it is damaged."""
    xmp, aigc, has_c2pa, at = None, None, False, len(MAGIC)
    parts = 0
    while at + 12 <= size:
        parts = counted(parts)
        file.seek(at)
        length, name = struct.unpack(">I4s", exactly(file, 8))
        if at + 12 + length > size:
            raise ValueError("cut off")
        if name == b"IEND":
            break
        if name in (b"iTXt", b"tEXt") and length <= MOST_BYTES:
            body = exactly(file, length)
            if name == b"iTXt" and body.startswith(_KEYWORD) and xmp is None:
                xmp = _international(body[len(_KEYWORD) :])
            elif name == b"tEXt" and body.startswith(_LABEL):
                aigc = body[len(_LABEL) :].decode("utf-8", "replace")
        has_c2pa |= name == b"caBX"
        at += 12 + length
    else:
        raise ValueError("cut off")
    return Carried(xmp, aigc, has_c2pa)


def _international(body: bytes) -> bytes:
    """The text of an iTXt chunk after its keyword: two flags, a language, a translated keyword."""
    is_packed = body[0]
    _language, _translated, text = body[2:].split(b"\0", 2)
    if not is_packed:
        return text
    machine = zlib.decompressobj()
    try:
        unpacked = machine.decompress(text, MOST_BYTES)
    except zlib.error as error:
        raise ValueError("damaged") from error
    if machine.unconsumed_tail:
        raise ValueError("unpacks to more than any packet of ours")
    return unpacked
