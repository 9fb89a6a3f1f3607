"""What is this address? A film, a picture, a numbered sequence or a folder of pictures, checked and measured.

Torch-free. Films are probed in films.py; reading frames is decode.py's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

from pipeline.errors import MediaError
from pipeline.film import access, sequences
from pipeline.film.films import probe_film
from pipeline.film.limits import DEFAULT_LIMITS, Limits
from pipeline.film.source import Source
from pipeline.images import PictureHeader, is_picture, read_header

DEFAULT_SEQUENCE_RATE = Fraction(24)
"""Frames per second of a sequence for which none is stated."""


def probe(url: str, *, rate: Fraction | None = None, limits: Limits = DEFAULT_LIMITS, options: Any = None) -> Source:
    """The source at a path or `s3://` address.

    `rate`: frames per second to resample a film to, or to play a sequence at. `options`: as `open_store` takes them.
    Raises: MediaError if it cannot be used, with what would be right; AccessDenied; StorageUnavailable.
    """
    url = access.absolute(url)
    if rate is not None:
        limits.check_rate(rate, url)
    if sequences.is_pattern(url) and not _is_there(url, options):
        return _sequence(
            url, rate=rate or DEFAULT_SEQUENCE_RATE, stated=rate is not None, limits=limits, options=options
        )
    if access.is_folder(url, options):
        return _folder(url, limits, options)
    if sequences.is_picture(url) or _holds_picture(url, options):
        return _picture(url, limits, options)
    return probe_film(url, rate=rate, limits=limits, options=options)


def _is_there(url: str, options: Any) -> bool:
    try:
        access.size(url, options)
    except MediaError:
        return False
    return True


def _holds_picture(url: str, options: Any) -> bool:
    """Whether the file is a picture whose name does not say so."""
    if access.size(url, options) == 0:
        return False
    with access.open_bytes(url, options) as reader:
        return is_picture(reader.read(12))


def _picture(url: str, limits: Limits, options: Any) -> Source:
    name = access.basename(url)
    header = _header(url, limits, options)
    return _pictures(
        "picture",
        url,
        [header],
        limits,
        fingerprint=access.fingerprint(url, options),
        stem=sequences.stem(name),
        names=(),
    )


def _folder(url: str, limits: Limits, options: Any) -> Source:
    files = access.listing(url, options)
    pictures = sorted(
        (file for file in files if sequences.is_picture(file.name)), key=lambda file: sequences.natural_order(file.name)
    )
    if not pictures:
        raise MediaError(f"{url}: holds no pictures; put .png, .jpg, .tif or .exr files there")
    limits.check_frames(len(pictures), url)
    base = url.rstrip("/")
    return _pictures(
        "folder",
        base,
        [_header(f"{base}/{picture.name}", limits, options) for picture in pictures],
        limits,
        fingerprint=_fingerprint(pictures),
        stem=access.basename(base),
        names=tuple(picture.name for picture in pictures),
        notes=_left_out(len(files) - len(pictures)),
    )


def _sequence(url: str, *, rate: Fraction, stated: bool, limits: Limits, options: Any) -> Source:
    name, folder = access.basename(url), access.parent(url)
    files = {file.name: file for file in access.listing(folder, options)}
    found = sequences.numbered(name, files, where=url)
    limits.check_frames(len(found.names), url)
    # Reading every header of a long sequence costs minutes on a store; the others are checked as they are read.
    ends = dict.fromkeys((found.names[0], found.names[-1]))
    headers = {end: _header(f"{folder}/{end}", limits, options) for end in ends}
    sizes = {header.size for header in headers.values()}
    if len(sizes) > 1:
        written = " and ".join(f"{end} ({header.width}x{header.height})" for end, header in headers.items())
        raise MediaError(f"{url}: {written} differ in size; a sequence has one size")
    return _pictures(
        "sequence",
        url,
        list(headers.values()),
        limits,
        fingerprint=_fingerprint([files[each] for each in found.names]),
        stem=sequences.pattern_stem(name),
        names=found.names,
        first=found.first,
        rate=rate,
        notes=() if stated else (f"no rate given; played at {rate}",),
    )


def _pictures(
    kind: Literal["picture", "sequence", "folder"],
    url: str,
    headers: Sequence[PictureHeader],
    limits: Limits,
    *,
    fingerprint: str,
    stem: str,
    names: tuple[str, ...],
    first: int = 1,
    rate: Fraction | None = None,
    notes: tuple[str, ...] = (),
) -> Source:
    widest = max(headers, key=lambda header: header.width)
    return Source(
        kind=kind,
        url=url,
        fingerprint=fingerprint,
        stem=stem,
        width=widest.width,
        height=widest.height,
        frames=max(1, len(names)),
        max_pixels=limits.pixels,
        first=first,
        rate=rate,
        bit_depth=max(header.bit_depth for header in headers),
        names=names,
        notes=notes,
    )


def _header(url: str, limits: Limits, options: Any) -> PictureHeader:
    with access.open_bytes(url, options) as reader:
        header = read_header(reader, where=url)
    limits.check_size(header.width, header.height, url)
    return header


def _fingerprint(files: Sequence[access.Listed]) -> str:
    lines = "\n".join(f"{file.name} {file.mark}" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()[:32]


def _left_out(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    what = "1 file that is no picture is" if count == 1 else f"{count} files that are no pictures are"
    return (f"{what} left out",)
