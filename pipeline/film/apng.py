"""APNG: animations without loss. Memory holds one frame at a time.

Source: Portable Network Graphics (W3C, third edition), 11.3.2.1 and 11.3.6.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import cv2

from pipeline.film.changes import Change
from pipeline.film.economy import Animation, Economy, Frames, TooLarge
from pipeline.film.patches import Patches

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COUNT_AT = len(_SIGNATURE) + 12 + 13
"""Where the chunk lies that says how many frames there are."""

_LONGEST_MS = 2**16 - 1
_KEEP = 0
_SOURCE, _OVER = 0, 1

_HOLE, _NEAREST = (255, 0, 254), (255, 0, 255)
"""The colour that stands for "as before", and what a pixel of that very colour becomes. An alpha channel would do
without, and make whole frames of photographs a seventh larger."""

_LEVEL = 6
"""zlib's. Four would be three times as fast with photographs, and a sixteenth larger; with drawings, a tenth."""


def write_apng(
    frames: Frames, target: Path, economy: Economy, room: int | None, *, rate: Fraction, loop: bool
) -> Animation:
    """Write the frames.

    Raises: TooLarge beyond `room` bytes; MediaError if there are no frames, or of two sizes; OSError.
    """
    patches = Patches(frames, economy, rate, longest_ms=_LONGEST_MS)
    number = order = 0
    with target.open("wb") as file:
        for number, patch in enumerate(patches, 1):
            if number == 1:
                _start(file, *patches.size)
            change, blend = patch.change, _OVER if patch.is_masked else _SOURCE
            height, width = change.pixels.shape[:2]
            place = struct.pack(">5I", order, width, height, change.left, change.top)
            _write_chunk(file, b"fcTL", place + struct.pack(">HHBB", patch.duration_ms, 1000, _KEEP, blend))
            data = _compressed(change, is_masked=patch.is_masked)
            if number == 1:
                _write_chunk(file, b"IDAT", data)
                order += 1
            else:
                _write_chunk(file, b"fdAT", struct.pack(">I", order + 1) + data)
                order += 2
            if room is not None and file.tell() > room:
                raise TooLarge
        _write_chunk(file, b"IEND", b"")
        file.seek(_COUNT_AT)
        _write_chunk(file, b"acTL", struct.pack(">II", number, 0 if loop else 1))
    return patches.report()


def _start(file: BinaryIO, width: int, height: int) -> None:
    depth, rgb = 8, 2
    file.write(_SIGNATURE)
    _write_chunk(file, b"IHDR", struct.pack(">II5B", width, height, depth, rgb, 0, 0, 0))
    _write_chunk(file, b"acTL", bytes(8))
    _write_chunk(file, b"tRNS", struct.pack(">3H", *_HOLE))


def _compressed(change: Change, *, is_masked: bool) -> bytes:
    pixels = change.pixels
    odd = cv2.inRange(pixels, _HOLE, _HOLE)
    if is_masked or cv2.countNonZero(odd):
        pixels = pixels.copy()
        pixels[odd > 0] = _NEAREST
    if is_masked:
        pixels[change.mask == 0] = _HOLE
    options = (cv2.IMWRITE_PNG_COMPRESSION, _LEVEL)
    _, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)
    return b"".join(_bodies(encoded.tobytes(), b"IDAT"))


def _bodies(png: bytes, wanted: bytes) -> Iterator[bytes]:
    at = len(_SIGNATURE)
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        if name == wanted:
            yield png[at + 8 : at + 8 + length]
        at += 12 + length


def _write_chunk(file: BinaryIO, name: bytes, body: bytes) -> None:
    file.write(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)))
