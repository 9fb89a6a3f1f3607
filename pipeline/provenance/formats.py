"""Which formats there are, and where each one's marks are read and written. A new one is a module here and a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.provenance import gif, jpeg, mp4, pdf, png, tagged, tiff, wav, webp
from pipeline.provenance.marks import Carried
from pipeline.provenance.splices import Splice

HEAD = 16
"""Bytes by which a file is known."""


@dataclass(frozen=True)
class Format:
    """One kind of file."""

    name: str
    """As people call it."""
    mime: str
    begins: Callable[[bytes], bool]
    """Whether a file that begins with these bytes is one."""
    carried: Callable[[BinaryIO, int], Carried]
    """(file, its size) → what it carries."""
    splices: Callable[[BinaryIO, int, bytes, str], list[Splice]] | None = None
    """(file, its size, XMP, the field AIGC) → what puts them in; None where libav does, when it makes the file."""
    aigc_apart: bool = False
    """Whether AIGC has a place of its own, outside of XMP."""
    signs: bool = True
    """Whether C2PA has a place for its manifest in it."""


FORMATS = (
    Format("PNG", "image/png", lambda head: head.startswith(png.MAGIC), png.carried, png.splices),
    Format("JPEG", "image/jpeg", lambda head: head.startswith(jpeg.MAGIC), jpeg.carried, jpeg.splices),
    Format("WebP", "image/webp", webp.is_webp, webp.carried, webp.splices),
    Format("GIF", "image/gif", lambda head: head.startswith(gif.MAGICS), gif.carried, gif.splices),
    Format("TIFF", "image/tiff", lambda head: head.startswith(tiff.MAGICS), tiff.carried, tiff.splices),
    Format("MOV", "video/quicktime", mp4.is_quicktime, mp4.carried, mp4.splices, aigc_apart=True),
    Format("MP4", "video/mp4", mp4.is_mp4, mp4.carried, mp4.splices, aigc_apart=True),
    Format(
        "Matroska",
        "video/x-matroska",
        lambda head: head.startswith(tagged.MATROSKA),
        tagged.carried,
        aigc_apart=True,
        signs=False,
    ),
    Format("WAV", "audio/wav", wav.is_wav, wav.carried, wav.splices),
    Format("FLAC", "audio/flac", tagged.is_flac, tagged.carried, aigc_apart=True),
    Format("Ogg", "audio/ogg", lambda head: head.startswith(tagged.OGG), tagged.carried, aigc_apart=True, signs=False),
    Format(
        "PDF", "application/pdf", lambda head: head.startswith(pdf.MAGIC), pdf.carried, pdf.splices, aigc_apart=True
    ),
)


def format_of(head: bytes) -> Format | None:
    """The format of a file that begins with these bytes; None if it is none of these."""
    return next((row for row in FORMATS if row.begins(head)), None)
