"""Marks in PDF: XMP as the document's metadata stream, and GB 45438's field in its information dictionary. Both are an
incremental update behind what is there, which is left as it was.

Written are files with a plain cross-reference table, as the encoders that we use make them. Of others', what stands
uncompressed near the beginning or the end is read.

Source: ISO 32000-1, 7.5 (file structure), 14.3 (metadata); TC260-PG-20258A; C2PA 2.2, A.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.errors import MediaError
from pipeline.provenance.aigc import NAME
from pipeline.provenance.marks import Carried
from pipeline.provenance.packet import MOST_BYTES
from pipeline.provenance.splices import Splice

MAGIC = b"%PDF-"

_WINDOW = 32_000_000
"""Bytes at either end in which marks are looked for."""
_TAIL = 2_000

_PACKET_BEGIN, _PACKET_END = b"<x:xmpmeta", b"</x:xmpmeta>"
_FIELD = re.compile(rb"/" + NAME.encode() + rb"\s*\(((?:[^()\\]|\\.){0,100000})\)", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_C2PA = b"/C2PA_Manifest"

_START = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF\s*$")
_TABLE = re.compile(rb"xref\s+")
_SECTION = re.compile(rb"\s*([0-9]{1,10}) ([0-9]{1,10})\s*\n")
_TRAILER = re.compile(rb"\s*trailer\s*")
_REFERENCE = rb"\s*([0-9]{1,10})\s+([0-9]{1,5})\s+R"
_ROOT, _INFO = re.compile(rb"/Root" + _REFERENCE), re.compile(rb"/Info" + _REFERENCE)
_SIZE = re.compile(rb"/Size\s+([0-9]{1,10})")
_ID = re.compile(rb"/ID\s*\[\s*<[0-9A-Fa-f]*>\s*<[0-9A-Fa-f]*>\s*\]")
_ROW = 20
"""Bytes of an entry of the table."""
_MOST_DICTIONARY = 1_000_000


def splices(file: BinaryIO, size: int, xmp: bytes, aigc: str) -> list[Splice]:
    """What puts the marks into the file. Raises: MediaError if it is not built as ours are; ValueError."""
    table = _read_table(file, size)
    root = _dictionary(file, table, table.root)
    if b"/Metadata" in root:
        raise MediaError("the PDF says something of itself already")
    update = _Update(size)
    update.add(table.size, _stream(xmp))
    update.add(table.root, _with(root, b"/Metadata %d 0 R" % table.size))
    if table.info is not None and aigc:
        update.add(
            table.info, _with(_dictionary(file, table, table.info), b"/%s (%s)" % (NAME.encode(), _string(aigc)))
        )
    return [Splice(size, update.finished(table))]


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries, as far as it can be seen without unpacking anything."""
    file.seek(0)
    data = file.read(_WINDOW)
    if size > _WINDOW:
        file.seek(max(_WINDOW, size - _WINDOW))
        data += file.read(_WINDOW)
    fields = _FIELD.findall(data)
    aigc = _ESCAPED.sub(rb"\1", fields[-1]).decode("latin-1") if fields else None
    return Carried(_last_packet(data), aigc, _C2PA in data)


def _last_packet(data: bytes) -> bytes | None:
    """The document's own: pictures on its pages may carry theirs before."""
    end = data.rfind(_PACKET_END)
    begin = data.rfind(_PACKET_BEGIN, 0, max(end, 0))
    stop = end + len(_PACKET_END)
    return None if begin < 0 or stop - begin > MOST_BYTES else data[begin:stop]


# Writing


@dataclass(frozen=True)
class _Table:
    """What the file's end says."""

    begins: int
    size: int
    """Objects, and so the number of the next one."""
    root: int
    info: int | None
    trailer: bytes
    places: dict[int, int]
    """Object → where it begins."""


class _Update:
    """Objects that are written behind a file's end."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._body = bytearray(b"\n")
        self._places: dict[int, int] = {}

    def add(self, number: int, content: bytes) -> None:
        """An object, new or in the place of an older one."""
        self._places[number] = self._at + len(self._body)
        self._body += b"%d 0 obj\n%s\nendobj\n" % (number, content)

    def finished(self, before: _Table) -> bytes:
        """All of them with their table."""
        begins = self._at + len(self._body)
        rows = b"".join(b"%d 1\n%010d 00000 n \n" % row for row in sorted(self._places.items()))
        size = max(before.size, *self._places) + 1
        keys = b"/Size %d /Root %d 0 R /Prev %d" % (size, before.root, before.begins)
        if before.info is not None:
            keys += b" /Info %d 0 R" % before.info
        if found := _ID.search(before.trailer):
            keys += b" " + found[0]
        return bytes(self._body) + b"xref\n%strailer\n<< %s >>\nstartxref\n%d\n%%%%EOF\n" % (rows, keys, begins)


def _read_table(file: BinaryIO, size: int) -> _Table:
    """The file's last table. Raises: MediaError if it is none of the plain kind, or not the only one."""
    file.seek(max(0, size - _TAIL))
    found = _START.search(file.read(_TAIL))
    begins = int(found[1]) if found else size
    file.seek(min(begins, size))
    data = file.read(_WINDOW)
    head = _TABLE.match(data)
    if head is None:
        raise MediaError("the PDF has no plain table of its objects, so nothing can be written into it")
    places, at = {}, head.end()
    while section := _SECTION.match(data, at):
        first, count, at = int(section[1]), int(section[2]), section.end()
        for number in range(count):
            row = data[at + number * _ROW : at + (number + 1) * _ROW]
            if row[17:18] == b"n":
                places[first + number] = int(row[:10])
            elif row[17:18] != b"f":
                raise ValueError("damaged")
        at += count * _ROW
    mark = _TRAILER.match(data, at)
    trailer = _balanced(data, mark.end()) if mark else b""
    root, info, objects = _ROOT.search(trailer), _INFO.search(trailer), _SIZE.search(trailer)
    if root is None or objects is None or int(root[1]) not in places:
        raise MediaError("the PDF does not say where its catalogue is, so nothing can be written into it")
    known = int(info[1]) if info is not None and int(info[1]) in places else None
    return _Table(begins, int(objects[1]), int(root[1]), known, trailer, places)


def _dictionary(file: BinaryIO, table: _Table, number: int) -> bytes:
    """An object that is a dictionary, from `<<` to `>>`. Raises: ValueError if it is none."""
    file.seek(table.places[number])
    data = file.read(_MOST_DICTIONARY)
    head = re.match(rb"\s*%d\s+[0-9]+\s+obj\s*" % number, data)
    if head is None:
        raise ValueError("another object")
    return _balanced(data, head.end())


def _balanced(data: bytes, at: int) -> bytes:
    """The dictionary that begins there. Strings in it may hold brackets."""
    begin, depth = at, 0
    while True:
        two = data[at : at + 2]
        if two == b"<<":
            depth, at = depth + 1, at + 2
        elif two == b">>" and depth == 1:
            return data[begin : at + 2]
        elif two == b">>":
            depth, at = depth - 1, at + 2
        elif depth < 1 or not two:
            raise ValueError("no dictionary")
        else:
            at = _after_string(data, at) if two[:1] == b"(" else at + 1


def _after_string(data: bytes, at: int) -> int:
    depth = 0
    while True:
        letter = data[at : at + 1]
        if not letter:
            raise ValueError("a string without an end")
        depth += (letter == b"(") - (letter == b")")
        at += 2 if letter == b"\\" else 1
        if not depth:
            return at


def _with(dictionary: bytes, entry: bytes) -> bytes:
    return dictionary[:-2] + b"\n" + entry + b"\n>>"


def _string(text: str) -> bytes:
    return re.sub(rb"([()\\])", rb"\\\1", text.encode("ascii", "replace"))


def _stream(xmp: bytes) -> bytes:
    # Uncompressed, so that readers that know no PDF find it.
    return b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream" % (len(xmp), xmp)
