"""What pictures say of themselves goes into each format, leaves the pixels alone, and is read back by us and others."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from pipeline import provenance
from pipeline.errors import MediaError
from pipeline.images import decode_image, encode_jpeg, encode_png, encode_tiff, encode_webp

PICTURE = np.random.default_rng(0).integers(0, 256, (24, 31, 3), np.uint8)
FACTS = {"model": "ffhq <&> é", "seed": "85", "truncation": "0.7"}

FILES = {
    "png": encode_png(PICTURE),
    "png16": encode_png(PICTURE.astype(np.uint16) * 257),
    "jpeg": encode_jpeg(PICTURE),
    "webp": encode_webp(PICTURE),
}
LOSSLESS = io.BytesIO()
Image.fromarray(PICTURE).save(LOSSLESS, "WEBP", lossless=True)
FILES["lossless webp"] = LOSSLESS.getvalue()
CLEAR = io.BytesIO()
Image.fromarray(np.dstack([PICTURE, PICTURE[..., :1]])).save(CLEAR, "WEBP")
FILES["webp with transparency"] = CLEAR.getvalue()

each_file = pytest.mark.parametrize("name", FILES)


@each_file
def test_facts_are_read_back(name: str) -> None:
    told = provenance.embed(FILES[name], FACTS)
    assert provenance.read(told) == FACTS
    assert provenance.digital_source_type(told) == provenance.GENERATED
    assert provenance.embed(FILES[name], FACTS) == told


@each_file
def test_pixels_stay_as_they_are(name: str) -> None:
    told = provenance.embed(FILES[name], FACTS)
    deep = name == "png16"
    assert (decode_image(told, deep=deep) == decode_image(FILES[name], deep=deep)).all()


@each_file
def test_pillow_finds_the_packet(name: str) -> None:
    with Image.open(io.BytesIO(provenance.embed(FILES[name], FACTS))) as image:
        found = image.info.get("xmp") or image.info["XML:com.adobe.xmp"].encode()
    assert found.strip(b"\0") == provenance.packet(FACTS)


@each_file
def test_a_picture_that_says_nothing_has_no_facts(name: str) -> None:
    assert provenance.read(FILES[name]) is None
    assert provenance.digital_source_type(FILES[name]) is None


def test_a_picture_is_told_about_once() -> None:
    with pytest.raises(MediaError, match="says something of itself already"):
        provenance.embed(provenance.embed(FILES["png"], FACTS), FACTS)


def test_other_files_cannot_tell() -> None:
    with pytest.raises(MediaError, match="PNG, JPEG and WebP"):
        provenance.embed(encode_tiff(PICTURE), FACTS)
    assert provenance.read(encode_tiff(PICTURE)) is None


@pytest.mark.parametrize("shape", [(512,), (18, 512)])
def test_a_latent_is_read_back_bit_for_bit(shape: tuple[int, ...]) -> None:
    w = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    for data in (FILES["png"], FILES["jpeg"], FILES["webp"]):
        facts = provenance.read(provenance.embed(data, FACTS | provenance.latent_facts(w)))
        assert facts is not None
        found = provenance.latent_of(facts)
        assert found is not None
        assert (found == w).all()
        assert found.shape == shape


def test_a_jpeg_does_without_a_latent_that_has_no_room_in_it() -> None:
    w = np.zeros((64, 512), np.float32)
    told = provenance.embed(FILES["jpeg"], FACTS | provenance.latent_facts(w))
    assert provenance.read(told) == FACTS
    assert (decode_image(told) == decode_image(FILES["jpeg"])).all()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"w": "AAAA"}, "has no shape"),
        ({"w": "AAAA", "wShape": "1,1,1"}, "has no shape"),
        ({"w": "?", "wShape": "1"}, "no base64"),
        ({"w": "AAAA", "wShape": "1"}, "another length"),
        ({"w": "AAAA", "wShape": "999999,999999"}, "another length"),
        ({"w": "AADAfw==", "wShape": "1"}, "not finite"),
    ],
)
def test_a_damaged_latent_is_refused(facts: dict[str, str], said: str) -> None:
    with pytest.raises(MediaError, match=said):
        provenance.latent_of(facts)


def test_facts_have_plain_names() -> None:
    with pytest.raises(MediaError, match="no name for a fact"):
        provenance.packet({"a b": "c"})


def _png_with(packet: bytes, *, packed: bool = False) -> bytes:
    body = b"XML:com.adobe.xmp\0" + bytes([packed, 0, 0, 0]) + packet
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    return FILES["png"][:33] + chunk + FILES["png"][33:]


def test_a_packed_packet_is_read() -> None:
    assert provenance.read(_png_with(zlib.compress(provenance.packet(FACTS)), packed=True)) == FACTS


@pytest.mark.parametrize(
    "data",
    [
        _png_with(b"<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>"),
        _png_with(b"<a"),
        _png_with(b"\xff\xfe"),
        _png_with(zlib.compress(bytes(64_000_000)), packed=True),
        _png_with(b"noise", packed=True),
        _png_with(b"")[:60],
        FILES["webp"][:40],
    ],
    ids=["entities", "half a tag", "no text", "a bomb", "noise", "cut off", "half a WebP"],
)
def test_hostile_and_damaged_packets_are_refused(data: bytes) -> None:
    with pytest.raises(MediaError):
        provenance.read(data)


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_no_beginning_of_a_file_and_no_flipped_byte_breaks_the_reader(name: str) -> None:
    told = provenance.embed(FILES[name], FACTS)
    for at in range(0, min(len(told), 1500), 3):
        for damaged in (told[:at], told[:at] + bytes([told[at] ^ 0xFF]) + told[at + 1 :]):
            try:
                provenance.read(damaged)
            except MediaError:
                continue
