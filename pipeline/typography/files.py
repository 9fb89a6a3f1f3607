"""Font files as people have them: looked over before anything is set in them, and known by their digest.

A plan pins a font by its file's SHA-256 and its face's number, so a `FontFile` is made of a path or of bytes alike.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from mmap import ACCESS_READ, mmap
from pathlib import Path

from pipeline.errors import InputError
from pipeline.typography.face import Face

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")

_LARGEST = 128 * 2**20
"""Bytes. The largest collections of Chinese characters have 40 MB."""

_COLLECTION = b"ttcf"
_FONTS = frozenset({b"\x00\x01\x00\x00", b"OTTO", b"true"})
_COMPRESSED = {b"wOFF": "WOFF", b"wOF2": "WOFF2"}
_MOST_FACES = 64
_MOST_TABLES = 256


@dataclass(frozen=True, eq=False)
class FontFile:
    """One face of a font file, which is mapped from `path` or lies in memory as `data`."""

    name: str
    """What errors call it."""
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)
    index: int = 0
    """Which face of a collection."""

    @cached_property
    def sha256(self) -> str:
        """Of the whole file."""
        if self.data is not None:
            return hashlib.sha256(self.data).hexdigest()
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def face(self) -> Face:
        """Opened when it is first asked for. Raises: InputError if it is no font."""
        return Face(self.name, self._path if self.data is None else self.data, self.index)

    def read(self) -> bytes:
        """The whole file."""
        return self._path.read_bytes() if self.data is None else self.data

    @property
    def _path(self) -> Path:
        if self.path is None:
            raise ValueError(f"font {self.name}: has neither a path nor data")
        return self.path


def found(folder: Path | None) -> list[FontFile]:
    """The fonts in a folder and those below it, by name. No folder has none.

    Raises: InputError for one that is damaged, for a folder that has none, and for one that is not there.
    """
    if folder is None:
        return []
    if not folder.is_dir():
        raise InputError(f"fonts {folder}: no such folder")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise InputError(f"fonts {folder}: has no font; one ends in {', '.join(SUFFIXES)}")
    return [file for path in paths for file in of_path(path, path.relative_to(folder).as_posix())]


def of_path(path: Path, name: str = "") -> list[FontFile]:
    """The faces of a font file. Raises: InputError if it is damaged, or none."""
    name = name or path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            data = mmap(file.fileno(), 0, access=ACCESS_READ) if 0 < size <= _LARGEST else b""
    except OSError as error:
        raise InputError(f"font {name}: cannot be read; {error.strerror}") from error
    count = _checked(name, data, size)
    return _opened(FontFile(name, path=path, index=index) for index in range(count))


def of_bytes(name: str, data: bytes) -> list[FontFile]:
    """The faces of a font file that is in memory. Raises: InputError if it is damaged, or none."""
    count = _checked(name, data, len(data))
    return _opened(FontFile(name, data=data, index=index) for index in range(count))


def _opened(files: Iterable[FontFile]) -> list[FontFile]:
    """The files, each of whose faces HarfBuzz can read."""
    files = list(files)
    for file in files:
        file.face.check()
    return files


def _checked(name: str, data: bytes | mmap, size: int) -> int:
    """How many faces a file has, all of whose tables lie within it.

    HarfBuzz takes a table that is cut off for an empty one, and sets no letter of it without a word.
    """
    if size > _LARGEST:
        raise InputError(f"font {name}: has {size // 2**20} MB; a font may have {_LARGEST // 2**20} MB")
    kind = data[:4]
    if kind in _COMPRESSED:
        raise InputError(f"font {name}: is packed for the web, as {_COMPRESSED[kind]}; give its .ttf or .otf")
    if kind not in _FONTS and kind != _COLLECTION:
        raise InputError(f"font {name}: is no font; an OpenType or TrueType file (.ttf, .otf, .ttc) is")
    try:
        starts = _faces(data) if kind == _COLLECTION else (0,)
        whole = 0 < len(starts) <= _MOST_FACES and all(_is_whole(data, start) for start in starts)
    except struct.error:
        whole = False
    if not whole:
        raise InputError(f"font {name}: is damaged or cut short; copy it anew")
    return len(starts)


def _faces(data: bytes | mmap) -> tuple[int, ...]:
    """Where each face's table directory lies in a collection."""
    (count,) = struct.unpack_from(">I", data, 8)
    return struct.unpack_from(f">{min(count, _MOST_FACES + 1)}I", data, 12)


def _is_whole(data: bytes | mmap, start: int) -> bool:
    (count,) = struct.unpack_from(">H", data, start + 4)
    if not 0 < count <= _MOST_TABLES:
        return False
    places = (struct.unpack_from(">II", data, start + 12 + 16 * number + 8) for number in range(count))
    return all(offset + length <= len(data) for offset, length in places)
