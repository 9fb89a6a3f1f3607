"""Damaged and hostile files are refused by a sentence, whatever is damaged, and never read further than they go."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from pipeline import provenance
from pipeline.errors import MediaError, SourceMissing
from pipeline.images import decode_image
from pipeline.provenance import aigc, tell
from tests.provenance.files import EMBEDDED, FACTS, MARKS, MOVIES, STILLS, write_movie


def _png_with(packet: bytes, *, packed: bool = False) -> bytes:
    body = b"XML:com.adobe.xmp\0" + bytes([packed, 0, 0, 0]) + packet
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    return STILLS["png"][:33] + chunk + STILLS["png"][33:]


def test_a_packed_packet_is_read() -> None:
    assert provenance.read(_png_with(zlib.compress(provenance.packet(FACTS)), packed=True)) == FACTS


@pytest.mark.parametrize(
    "data",
    [
        _png_with(b"<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>"),
        _png_with("<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>".encode("utf-16")),
        _png_with(b"<a"),
        _png_with(b"\xff\xfe"),
        _png_with(zlib.compress(bytes(64_000_000)), packed=True),
        _png_with(b"noise", packed=True),
        _png_with(b"")[:60],
        STILLS["webp"][:40],
    ],
    ids=["entities", "entities in UTF-16", "half a tag", "no text", "a bomb", "noise", "cut off", "half a WebP"],
)
def test_hostile_and_damaged_packets_are_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        provenance.read(data)
    path = tmp_path / "file.png"
    path.write_bytes(data)
    with pytest.raises(MediaError, match=f"^{path}: "):
        tell(path)


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "gif", "tiff", "pdf"])
def test_no_beginning_of_a_file_and_no_flipped_byte_breaks_the_reader(name: str) -> None:
    told = provenance.embed(EMBEDDED[name], FACTS, MARKS)
    step = max(3, len(told) // 500)
    for at in range(0, len(told), step):
        for damaged in (told[:at], told[:at] + bytes([told[at] ^ 0xFF]) + told[at + 1 :]):
            try:
                provenance.read(damaged)
            except MediaError:
                continue


@pytest.mark.parametrize("name", ["h264", "prores"])
def test_no_flipped_byte_of_a_movie_breaks_the_reader(name: str, tmp_path: Path) -> None:
    whole = write_movie(name, tmp_path).read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 500)):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            try:
                provenance.read(damaged)
            except MediaError:
                continue


@pytest.mark.parametrize("name", MOVIES)
def test_a_cut_off_movie_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    path = write_movie(name, tmp_path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(MediaError, match=f"^{path}: .*cut off or damaged"):
        tell(path)


def test_what_is_no_file_of_ours_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MediaError, match="is no file"):
        tell(tmp_path / "pipe")
    with pytest.raises(SourceMissing, match="no such file"):
        tell(tmp_path / "absent.png")
    with pytest.raises(MediaError, match="is a folder"):
        tell(tmp_path)
    with pytest.raises(MediaError, match="is none of PNG, JPEG"):
        tell(tmp_path / "a.txt")
    with pytest.raises(MediaError, match="is empty"):
        tell(tmp_path / "empty")


def test_a_film_of_ten_gigabytes_is_not_read_through(tmp_path: Path) -> None:
    path = write_movie("h264", tmp_path)
    data = path.read_bytes()
    at = data.rindex(b"uuid") - 4
    with path.open("wb") as file:
        file.write(data[:at] + struct.pack(">I4sQ", 1, b"free", 10_000_000_000))
        file.seek(10_000_000_000 - 16, 1)
        file.write(data[at:])
    assert path.stat().st_size > 10_000_000_000
    assert tell(path).facts == FACTS


@pytest.mark.parametrize(
    ("begin", "part", "end"),
    [
        (b"\x89PNG\r\n\x1a\n", struct.pack(">I4sI", 0, b"junk", 0), struct.pack(">I4sI", 0, b"IEND", 0)),
        (b"\xff\xd8", b"\xff\xe2\0\2", b"\xff\xda\0\2"),
        (b"RIFF\0\0\0\0WEBP", b"junk\0\0\0\0", b""),
        (b"GIF89a" + bytes(7), b"!\xfe\0\0", b";"),
        (b"GIF89a" + bytes(7) + b"!\xfe\0", b"\1 ", b"\0;"),
        (b"\0\0\0\x08ftyp", struct.pack(">I4s", 8, b"free"), b""),
    ],
    ids=["PNG", "JPEG", "WebP", "GIF", "GIF's blocks", "MP4"],
)
def test_a_file_of_countless_parts_is_given_up(
    begin: bytes, part: bytes, end: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(begin + part * 2000 + end)
    assert tell(path).is_silent
    monkeypatch.setattr("pipeline.provenance.splices.MOST_PARTS", 1000)
    with pytest.raises(MediaError, match="cut off or damaged"):
        tell(path)


def test_facts_have_plain_names() -> None:
    with pytest.raises(MediaError, match="no name for a fact"):
        provenance.packet({"a b": "c"})


@pytest.mark.parametrize("shape", [(512,), (18, 512)])
def test_a_latent_is_read_back_bit_for_bit(shape: tuple[int, ...]) -> None:
    w = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    for name in ("png", "jpeg", "webp", "tiff"):
        facts = provenance.read(provenance.embed(STILLS[name], FACTS | provenance.latent_facts(w), MARKS))
        assert facts is not None
        found = provenance.latent_of(facts)
        assert found is not None
        assert (found == w).all()
        assert found.shape == shape


def test_a_jpeg_does_without_a_latent_that_has_no_room_in_it() -> None:
    w = np.zeros((64, 512), np.float32)
    told = provenance.embed(STILLS["jpeg"], FACTS | provenance.latent_facts(w))
    assert provenance.read(told) == FACTS
    assert (decode_image(told) == decode_image(STILLS["jpeg"])).all()


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


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "no JSON object"),
        ("[" * 100_000, "no JSON object"),
        ('"AIGC"', "no JSON object"),
        ('{"Label": "1"}', "has no ContentProducer"),
        ('{"Label": "4", "ContentProducer": "a", "ProduceID": "b"}', "which is not 1, 2 or 3"),
        ('{"AIGC": {"Label": "2", "ContentProducer": "a", "ProduceID": "b"}}', ""),
        (aigc.field_of("a", "b"), ""),
    ],
)
def test_a_field_is_understood_or_its_fault_is_named(text: str, problem: str) -> None:
    said = aigc.understood(text)[1]
    assert said == problem if not problem else problem in said


@pytest.mark.parametrize(
    ("name", "is_right"),
    [
        ("Atelier", True),
        ("001191110102MACQD9K64010000", True),
        ("", False),
        ("a b", False),
        ("工作室", False),
        ('a"', False),
    ],
)
def test_a_producer_is_printable_ascii(name: str, is_right: bool) -> None:
    assert aigc.is_producer(name) == is_right
