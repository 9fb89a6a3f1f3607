"""Marks in MP4 and MOV: XMP in a uuid box behind everything else; GB 45438's field among the film's own metadata.

The field stands in front of the film, and makes it move: the places of all its chunks are written anew. Where libav
wrote it as it made the film (see `movie_tags`), only the box is added, and no offset changes.

Source: ISO 14496-12, 4.2 and 11.1; Adobe's XMP Specification Part 3, 1.3.2; QuickTime File Format, "Metadata";
TC260-PG-20257A, 6.1.1; C2PA 2.2, A.5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.errors import MediaError
from pipeline.provenance.aigc import NAME
from pipeline.provenance.marks import Carried
from pipeline.provenance.packet import MOST_BYTES
from pipeline.provenance.splices import Splice, counted, exactly

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_BEGINNINGS = (b"ftyp", b"moov", b"wide", b"free", b"mdat", b"skip")
_MOST_KEYS = 1000
_FIRST, _UTF8 = 1, 1
_HOLDERS = (b"trak", b"mdia", b"minf", b"stbl")
_PLACES = {b"stco": "I", b"co64": "Q"}
"""Tables of where chunks lie in the file, and how their numbers are packed."""
_MOST_PLACES = 50_000_000
_Box = tuple[bytes, int, int]
"""Name, and where its content begins and ends."""


def is_mp4(head: bytes) -> bool:
    """Whether a file that begins so is one. Pictures in such boxes, as AVIF and HEIC are, are none."""
    is_picture = head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
    return head[4:8] in _BEGINNINGS and not is_picture


def is_quicktime(head: bytes) -> bool:
    """Whether it is a MOV."""
    return is_mp4(head) and (head[4:8] != b"ftyp" or head[8:12] == b"qt  ")


def splices(file: BinaryIO, size: int, xmp: bytes, aigc: str) -> list[Splice]:
    """What puts the marks into the file. Raises: ValueError if its last box has no end of its own."""
    boxes = list(_boxes(file, 0, size, open_end=False))
    if not boxes or boxes[-1][2] != size:
        raise ValueError("cut off")
    films = [(begin, end) for name, begin, end in boxes if name == b"moov"]
    field = _field_splices(file, *films[0], aigc.encode()) if aigc and films else []
    return [*field, Splice(size, _box(b"uuid", _XMP + xmp))]


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: ValueError, struct.error if it is damaged."""
    xmp, aigc, has_c2pa = None, None, False
    for name, begin, end in _boxes(file, 0, size):
        if name == b"moov":
            aigc = _field(file, begin, end)
        elif name == b"uuid":
            file.seek(begin)
            kind = exactly(file, 16)
            if kind == _XMP and end - begin <= MOST_BYTES and xmp is None:
                xmp = exactly(file, end - begin - 16)
            has_c2pa |= kind == _C2PA
    return Carried(xmp, aigc, has_c2pa)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def _field_splices(file: BinaryIO, begin: int, end: int, field: bytes) -> list[Splice]:
    """What puts GB 45438's field at the end of `moov`, whose content is `[begin, end)`; and the places of all chunks
    behind it, which move."""
    handler = _box(b"hdlr", struct.pack(">8x4s12xx", b"mdta"))
    key = struct.pack(">I4s", 8 + len(NAME), b"mdta") + NAME.encode()
    keys = _box(b"keys", struct.pack(">II", 0, _FIRST) + key)
    value = _box(b"data", struct.pack(">II", _UTF8, 0) + field)
    values = _box(b"ilst", _box(struct.pack(">I", _FIRST), value))
    added = _box(b"meta", bytes(4) + handler + keys + values)
    there = [(inside, after) for name, inside, after in _boxes(file, begin, end) if name == b"udta"]
    if there and there[-1][1] != end:
        raise MediaError("the film's metadata stand where nothing can be added to them")
    grown = [(begin, end), *there]
    if not there:
        added = _box(b"udta", added)
    lengths = [_length(file, inside, after, len(added)) for inside, after in grown]
    moved = list(_moved(file, begin, end, behind=end, by=len(added)))
    return [*sorted([*lengths, *moved], key=lambda splice: splice.at), Splice(end, added)]


def _length(file: BinaryIO, begin: int, end: int, by: int) -> Splice:
    """A box's length, grown. Raises: ValueError if it is not written in four bytes."""
    file.seek(begin - 8)
    (length,) = struct.unpack(">I", exactly(file, 4))
    if length != end - begin + 8:
        raise ValueError("no plain box")
    return Splice(begin - 8, struct.pack(">I", length + by), drop=4)


def _moved(file: BinaryIO, begin: int, end: int, *, behind: int, by: int) -> Iterator[Splice]:
    """The tables of places within the boxes of `[begin, end)`; those behind a place are moved."""
    for name, inside, after in _boxes(file, begin, end):
        if name in _HOLDERS:
            yield from _moved(file, inside, after, behind=behind, by=by)
        elif name in _PLACES:
            file.seek(inside)
            count = struct.unpack(">4xI", exactly(file, 8))[0]
            form = f">{count}{_PLACES[name]}"
            data = exactly(file, struct.calcsize(form)) if count <= _MOST_PLACES else b""
            places = [place + by if place >= behind else place for place in struct.unpack(form, data)]
            yield Splice(inside + 8, struct.pack(form, *places), drop=len(data))


def _boxes(file: BinaryIO, begin: int, end: int, *, open_end: bool = True) -> Iterator[_Box]:
    """The boxes of `[begin, end)`, which are skipped unread."""
    parts = 0
    while begin + 8 <= end:
        parts = counted(parts)
        file.seek(begin)
        length, name = struct.unpack(">I4s", exactly(file, 8))
        head = 8
        if length == 1:
            head, (length,) = 16, struct.unpack(">Q", exactly(file, 8))
        elif length == 0 and open_end:
            length = end - begin
        if length < head or begin + length > end:
            raise ValueError("cut off")
        yield name, begin + head, begin + length
        begin += length


def _field(file: BinaryIO, begin: int, end: int) -> str | None:
    """GB 45438's field in moov.udta.meta, or in moov.meta, where some write it."""
    for name, inside, after in _boxes(file, begin, end):
        if name == b"udta":
            found = _field(file, inside, after)
        elif name == b"meta":
            file.seek(inside)
            # QuickTime's has no version before its first box.
            is_bare = exactly(file, 8)[4:] == b"hdlr"
            found = _value(file, inside if is_bare else inside + 4, after)
        else:
            continue
        if found is not None:
            return found
    return None


def _value(file: BinaryIO, begin: int, end: int) -> str | None:
    """What stands under the key AIGC: keys are counted in one box, and values are named by their key's number."""
    number = 0
    for name, inside, after in _boxes(file, begin, end):
        if name == b"keys":
            number = _number(file, inside)
        elif name == b"ilst" and number:
            for item, first, last in _boxes(file, inside, after):
                if struct.unpack(">I", item)[0] == number and last - first <= MOST_BYTES:
                    file.seek(first)
                    return exactly(file, last - first)[16:].decode("utf-8", "replace")
    return None


def _number(file: BinaryIO, begin: int) -> int:
    """The number of the key AIGC, counted from 1; 0 if there is none."""
    file.seek(begin)
    (count,) = struct.unpack(">4xI", exactly(file, 8))
    for number in range(1, min(count, _MOST_KEYS) + 1):
        length, _ = struct.unpack(">I4s", exactly(file, 8))
        if length < 8 or length > 8 + MOST_BYTES:
            raise ValueError("damaged")
        if exactly(file, length - 8).rstrip(b"\0") == NAME.encode():
            return number
    return 0
