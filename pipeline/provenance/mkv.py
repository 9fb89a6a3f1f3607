"""Marks in Matroska: tags, which libav reads, and writes when it makes the file (see `movie_tags`) or copies it.

Source: RFC 9559, section 5.1.8 (tags); TC260-PG-20257A, 6.1.3. Matroska has no place for XMP: it is a tag of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import MediaError
from pipeline.provenance.aigc import NAME
from pipeline.provenance.marks import Carried

MAGIC = b"\x1a\x45\xdf\xa3"

XMP = "XMP"
"""The tag that holds the packet."""


def carried(file: BinaryIO, size: int) -> Carried:
    """What the file carries. Raises: MediaError if it is damaged."""
    import av
    from av.error import FFmpegError

    from pipeline.film.container import CONFINED

    file.seek(0)
    try:
        with av.open(file, "r", container_options=CONFINED) as container:
            tags = dict(container.metadata)
    except (FFmpegError, ValueError, OSError) as error:
        raise MediaError(
            "the film is cut off or damaged, and what it says of itself with it; take another copy"
        ) from error
    xmp = tags.get(XMP)
    return Carried(None if xmp is None else xmp.encode(), tags.get(NAME))


def retag(path: Path, tags: Mapping[str, str]) -> None:
    """Copy a film's packets into one that has these tags, unless it has them already; it takes the film's place.

    Raises: MediaError if it has other ones, or is damaged.
    """
    import av
    from av.error import FFmpegError

    from pipeline.film import access
    from pipeline.film.container import CONFINED

    new = path.with_name(f"{path.name}.new")
    try:
        with av.open(str(path), "r", container_options=CONFINED) as film:
            if NAME in film.metadata or XMP in film.metadata:
                if any(film.metadata.get(name) != tags[name] for name in tags):
                    raise MediaError("the file says something of itself already")
                return
            with av.open(str(new), "w", format="matroska", container_options={"fflags": "+bitexact"}) as copy:
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
