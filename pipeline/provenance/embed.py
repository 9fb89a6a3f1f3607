"""Marks into files and out of them, whatever their format. Where they lie in each is the formats' own matter."""

from __future__ import annotations

import hashlib
import io
import os
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import AccessDenied, MediaError, SourceMissing
from pipeline.provenance import aigc as gb45438
from pipeline.provenance import jpeg, tagged
from pipeline.provenance.formats import FORMATS, HEAD, Format, format_of
from pipeline.provenance.latents import without_latent
from pipeline.provenance.marks import Carried, Marks, Told
from pipeline.provenance.packet import Packet, packet
from pipeline.provenance.splices import Splice, splice_file, spliced

SUFFIXES = (".png", ".jpg", ".webp", ".tif", ".pdf")
"""Of pictures that can tell."""

_DIGITS = 32
"""Of a content's number: 128 bits of a SHA-256."""

_DAMAGE = (struct.error, IndexError, ValueError, OverflowError)
"""What readers raise at files that are not whole."""


def content_id(*parts: str | bytes | Path) -> str:
    """A number for content, as GB 45438 wants one: the same for the same content, and for no other. A path stands for
    what is in the file."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            with part.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        else:
            digest.update(hashlib.sha256(part if isinstance(part, bytes) else part.encode()).digest())
    return digest.hexdigest()[:_DIGITS]


def embed(data: bytes, facts: Mapping[str, str], marks: Marks | None = None, *, content: str = "") -> bytes:
    """The file with the facts and marks in it, as it comes from an encoder of ours; always the same bytes.

    `marks`: None for facts alone, as of a picture that a model made. `content`: the content's number, without which it
    is made of the file's bytes. A JPEG has room for 65 kB: a latent that is longer is left out of it.
    Raises: MediaError if no marks go into such a file, it is damaged, or says something of itself already.
    """
    number = content if content or marks is None else content_id(data)
    return spliced(data, _splices(io.BytesIO(data), len(data), facts, marks, number))


def embed_file(path: Path, facts: Mapping[str, str], marks: Marks, *, content: str = "") -> None:
    """The same into a local file of any size. What `movie_tags` had libav write when it made a film stays as it is.

    Raises: as `embed`; StorageFull, AccessDenied.
    """
    content = content or content_id(path)
    with path.open("rb") as file:
        muxer = tagged.muxer_of(file.read(HEAD))
        splices = [] if muxer else _splices(file, path.stat().st_size, facts, marks, content)
    if muxer:
        tagged.retag(path, movie_tags(muxer, facts, marks, content=content))
    else:
        splice_file(path, splices)


def movie_tags(container: str, facts: Mapping[str, str], marks: Marks, *, content: str) -> dict[str, str]:
    """What libav is to write among a film's metadata when it makes it. `container`: libav's muxer."""
    field = {gb45438.NAME: gb45438.field_of(marks.producer, content)}
    if container not in tagged.MUXERS:
        return field
    return field | {tagged.XMP: packet(facts, origin=marks.origin).decode()}


def read(data: bytes) -> dict[str, str] | None:
    """The facts of ours that a file tells, or None if it tells none. Any file may be given.

    Raises: MediaError if it is damaged.
    """
    found = _packet(data)
    return (found.facts or None) if found is not None else None


def digital_source_type(data: bytes) -> str | None:
    """What a file says that it is, by IPTC's terms, if it says so. Raises: as `read`."""
    found = _packet(data)
    return None if found is None else found.source_type


def tell(path: Path) -> Told:
    """All that a local file says of itself. Reads little of it, however large it is.

    Raises: SourceMissing; MediaError if it is no file of a kind that could say anything, or is damaged; AccessDenied.
    """
    try:
        if path.is_dir():
            raise MediaError(f"{path}: is a folder; name the files in it")
        # Nobody waits for who might write to a pipe.
        if path.exists() and not path.is_file():
            raise MediaError(f"{path}: is no file; name a picture, a film or a PDF")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            return told_by(file, size, str(path))
    except FileNotFoundError as error:
        raise SourceMissing(f"{path}: no such file; check the path") from error
    except PermissionError as error:
        raise AccessDenied(f"{path}: we may not read it; check its permissions") from error
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror or error}") from error


def told_by(file: BinaryIO, size: int, where: str) -> Told:
    """The same of an open file, read from its beginning. Raises: MediaError, as `tell`."""
    row = format_of(file.read(HEAD))
    if row is None:
        known = ", ".join(row.name for row in FORMATS)
        raise MediaError(f"{where}: {'is empty' if not size else f'is none of {known}'}; such a file carries no marks")
    try:
        carried = row.carried(file, size)
        said = None if carried.xmp is None else Packet(carried.xmp)
    except MediaError as error:
        raise MediaError(f"{where}: {error}") from error
    except _DAMAGE as error:
        raise MediaError(f"{where}: the {row.name} file is cut off or damaged; take another copy") from error
    text = carried.aigc or (said.aigc if said is not None else None)
    aigc, problem = (None, "") if text is None else gb45438.understood(text)
    return Told(
        format=row.name,
        mime=row.mime,
        source_type=said.source_type if said else None,
        software=said.software if said else None,
        facts=said.facts if said else {},
        aigc=aigc,
        aigc_problem=problem,
        has_c2pa=carried.has_c2pa,
    )


def _packet(data: bytes) -> Packet | None:
    row = format_of(data[:HEAD])
    found = None if row is None else _carried(row, io.BytesIO(data), len(data)).xmp
    return None if found is None else Packet(found)


def _carried(row: Format, file: BinaryIO, size: int) -> Carried:
    try:
        return row.carried(file, size)
    except _DAMAGE as error:
        raise MediaError("the picture is damaged, and what it says of itself with it; take another copy") from error


def _splices(
    file: BinaryIO, size: int, facts: Mapping[str, str], marks: Marks | None, content: str
) -> Sequence[Splice]:
    file.seek(0)
    row = format_of(file.read(HEAD))
    if row is None or row.splices is None:
        known = ", ".join(row.name for row in FORMATS if row.splices is not None)
        raise MediaError(f"marks go into {known} files, and this is none of them")
    carried = _carried(row, file, size)
    if carried.xmp is not None:
        raise MediaError("the file says something of itself already")
    field = "" if marks is None or carried.aigc is not None else gb45438.field_of(marks.producer, content)
    try:
        return row.splices(file, size, _written(row, facts, marks, field), field)
    except _DAMAGE as error:
        raise MediaError(f"the {row.name} file is damaged, so nothing can be written into it") from error


def _written(row: Format, facts: Mapping[str, str], marks: Marks | None, field: str) -> bytes:
    """The packet; within a JPEG's room, the latent left out if it must be."""
    origin = "generated" if marks is None else marks.origin
    inside = "" if row.aigc_apart else field
    made = packet(facts, origin=origin, aigc=inside)
    if row.name == "JPEG" and len(made) > jpeg.MOST_BYTES:
        made = packet(without_latent(facts), origin=origin, aigc=inside)
    return made
