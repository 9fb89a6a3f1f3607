"""Animated WebP, lossy. Memory holds one frame at a time.

Source: the WebP container specification, extended file format, and animation.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import MediaError
from pipeline.film.economy import Animation, Economy, Frames, TooLarge
from pipeline.film.patches import Patch, Patches
from pipeline.images import encode_webp

_LONGEST_SIDE = 16_383
_LONGEST_MS = 2**24 - 1
_RIFF_LARGEST = 2**32 - 10

_ANIMATED, _HAS_ALPHA = 0x02, 0x10
_BLEND, _DO_NOT_BLEND = 0x00, 0x02
_FLAGS_AT = 20


def write_webp(
    frames: Frames, target: Path, economy: Economy, room: int | None, *, rate: Fraction, loop: bool
) -> Animation:
    """Write the frames.

    Raises: TooLarge beyond `room` bytes; MediaError if there are no frames, or of two sizes, or larger than WebP's;
    OSError.
    """
    # Offsets are counted in twos.
    patches = Patches(frames, economy, rate, longest_ms=_LONGEST_MS, snap=2)
    flags = _ANIMATED
    with target.open("wb") as file:
        for number, patch in enumerate(patches):
            if number == 0:
                _start(file, *patches.size, target, loop=loop)
            if patch.is_masked:
                flags |= _HAS_ALPHA
            _write_chunk(file, b"ANMF", _frame(patch, economy.quality))
            if room is not None and file.tell() > room:
                raise TooLarge
        length = file.tell() - 8
        if length > _RIFF_LARGEST:
            raise MediaError(f"{target.name}: larger than 4 GiB, which WebP cannot be; choose fewer frames")
        file.seek(4)
        file.write(struct.pack("<I", length))
        file.seek(_FLAGS_AT)
        file.write(bytes([flags]))
    return patches.report()


def _start(file: BinaryIO, width: int, height: int, target: Path, *, loop: bool) -> None:
    if max(width, height) > _LONGEST_SIDE:
        raise MediaError(f"{target.name}: {width}x{height} is larger than WebP's {_LONGEST_SIDE} px a side")
    file.write(b"RIFF\0\0\0\0WEBP")
    times = 0 if loop else 1
    _write_chunk(file, b"VP8X", struct.pack("<I", _ANIMATED) + _bits24(width - 1, height - 1))
    _write_chunk(file, b"ANIM", struct.pack("<IH", 0xFF000000, times))


def _frame(patch: Patch, quality: int) -> bytes:
    change = patch.change
    encoded = encode_webp(change.pixels, quality, alpha=change.mask if patch.is_masked else None)
    picture = b"".join(_chunks(encoded, {b"ALPH", b"VP8 ", b"VP8L"}))
    height, width = change.pixels.shape[:2]
    place = _bits24(change.left // 2, change.top // 2, width - 1, height - 1, patch.duration_ms)
    return place + bytes([_BLEND if patch.is_masked else _DO_NOT_BLEND]) + picture


def _chunks(riff: bytes, wanted: set[bytes]) -> Iterator[bytes]:
    at = 12
    while at < len(riff):
        name, length = riff[at : at + 4], struct.unpack_from("<I", riff, at + 4)[0]
        end = at + 8 + length + length % 2
        if name in wanted:
            yield riff[at:end]
        at = end


def _write_chunk(file: BinaryIO, name: bytes, body: bytes) -> None:
    file.write(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2))


def _bits24(*values: int) -> bytes:
    return b"".join(value.to_bytes(3, "little") for value in values)
