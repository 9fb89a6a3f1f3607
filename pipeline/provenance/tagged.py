"""Marks in Matroska, FLAC and Ogg: tags, which libav reads, and writes when it makes the file (see `movie_tags`) or
copies it. None of these has a place for XMP: it is a tag of ours.

Source: RFC 9559, section 5.1.8 (Matroska's tags); RFC 9639, section 8.6 (FLAC's); RFC 7845, section 5.2 (Opus');
TC260-PG-20257A, 6.1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline.errors import MediaError
from pipeline.provenance.aigc import NAME
from pipeline.provenance.marks import Carried
from pipeline.provenance.packet import MOST_BYTES

MATROSKA, FLAC, OGG = b"\x1a\x45\xdf\xa3", b"fLaC", b"OggS"
"""How such files begin."""

MUXERS = ("matroska", "flac", "ogg")
"""libav's, of these files."""

if TYPE_CHECKING:
    from av.container import InputContainer

XMP = "XMP"
"""The tag that holds the packet."""


_ID3 = b"ID3"
"""What C2PA's signature of a FLAC file lies in, before it."""

_STORES = (b"application/c2pa", b"application/x-c2pa-manifest-store")


def is_flac(head: bytes) -> bool:
    """Whether a file that begins with these bytes may be one; `carried` knows."""
    return head.startswith((FLAC, _ID3))


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: MediaError if it is damaged, or another sound that begins as signed FLAC does."""
    import av
    from av.error import FFmpegError

    from pipeline.film.container import CONFINED

    file.seek(0)
    before = _before(file)
    file.seek(0)
    try:
        with av.open(file, "r", container_options=CONFINED) as container:
            if before and container.format.name != "flac":
                raise MediaError(f"the file is {container.format.long_name}, in which no marks of ours are")
            tags = _tags(container)
    except (FFmpegError, ValueError, OSError) as error:
        raise MediaError(
            "the file is cut off or damaged, and what it says of itself with it; take another copy"
        ) from error
    xmp = tags.get(XMP)
    has_c2pa = any(store in before for store in _STORES)
    return Carried(None if xmp is None else xmp.encode(), tags.get(NAME), has_c2pa)


def _before(file: BinaryIO) -> bytes:
    """The ID3 tag before a FLAC file, in which a signature is; empty if there is none. Source: ID3v2.4, section 3.1."""
    head = file.read(10)
    if not head.startswith(_ID3) or len(head) < 10:
        return b""
    length = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
    return head + file.read(min(length, MOST_BYTES))


def muxer_of(head: bytes) -> str | None:
    """libav's muxer of such files, of one that begins with these bytes; None if it is none of them."""
    rows = zip((MATROSKA, FLAC, OGG), MUXERS, strict=True)
    return next((name for magic, name in rows if head.startswith(magic)), None)


def _tags(container: InputContainer) -> dict[str, str]:
    """Ogg's are its streams', as libav has it."""
    streams = {name: value for stream in container.streams for name, value in stream.metadata.items()}
    return {**{name.upper(): value for name, value in streams.items()}, **container.metadata}


def retag(path: Path, tags: Mapping[str, str]) -> None:
    """Copy a file's packets into one that has these tags, unless it has them already; it takes the file's place.

    Raises: MediaError if it has other ones, or is damaged.
    """
    import av
    from av.error import FFmpegError

    from pipeline.film import access
    from pipeline.film.container import CONFINED

    with path.open("rb") as file:
        muxer = muxer_of(file.read(len(MATROSKA)))
    new = path.with_name(f"{path.name}.new")
    try:
        with av.open(str(path), "r", container_options=CONFINED) as film:
            held = _tags(film)
            if NAME in held or XMP in held:
                if any(held.get(name) != tags[name] for name in tags):
                    raise MediaError("the file says something of itself already")
                return
            with av.open(str(new), "w", format=muxer, container_options={"fflags": "+bitexact"}) as copy:
                copy.metadata.update(tags)
                streams = [copy.add_stream_from_template(stream, opaque=True) for stream in film.streams]
                for packet in film.demux(*film.streams):
                    if packet.size:
                        packet.stream = streams[packet.stream.index]
                        copy.mux(packet)
        new.replace(path)
    except FFmpegError as error:
        if isinstance(error, OSError):
            raise access.write_error(path, error) from error
        raise MediaError(f"{path.name}: its packets cannot be copied: {error}") from error
    finally:
        new.unlink(missing_ok=True)
