"""Small files that claim or unpack to very much are refused at once, and without the memory that they ask for."""

from __future__ import annotations

import io
import json
import resource
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from jobs import spec
from jobs.config import settings
from pipeline import headers, weights
from pipeline.errors import AtelierError, ConfigError, MediaError, ModelError
from pipeline.film.decode import read_frames
from pipeline.film.limits import Limits
from pipeline.film.probe import probe
from pipeline.images import read_picture
from pipeline.models.vgg import load_vgg
from tests.media import write_film

MOST_S = 3.0
MOST_BYTES = 200_000_000


@contextmanager
def frugal() -> Iterator[None]:
    """The block takes little time, and hardly more memory than was taken before."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    yield
    assert time.perf_counter() - began < MOST_S
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_BYTES


def _saved(kind: str, **options: object) -> bytearray:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(file, kind, **options)
    return bytearray(file.getvalue())


def _png(width: int, height: int, rows: bytes = b"") -> bytes:
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (ihdr, b"IDAT" + zlib.compress(rows), b"IEND")
    written = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def _tiff() -> bytes:
    data = _saved("TIFF")
    for tag in (256, 257):
        at = next(n for n in range(8, len(data)) if struct.unpack_from("<H", data, n)[0] == tag and data[n + 4] == 1)
        data[at + 2 : at + 12] = struct.pack("<HII", 4, 1, 100_000)
    return bytes(data)


def _jpeg() -> bytes:
    data = _saved("JPEG")
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 65_535, 65_535)
    return bytes(data)


def _gif() -> bytes:
    data = _saved("GIF")
    data[6:10] = struct.pack("<HH", 65_535, 65_535)
    return bytes(data)


def _webp() -> bytes:
    return b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (2**24 - 1).to_bytes(3, "little") * 2 + b"VP8L\0\0\0\0"


def _exr(box: tuple[int, int, int, int]) -> bytes:
    def attribute(name: bytes, kind: bytes, value: bytes) -> bytes:
        return name + b"\0" + kind + b"\0" + struct.pack("<I", len(value)) + value

    channels = b"".join(name + b"\0" + struct.pack("<IIII", 1, 0, 1, 1) for name in (b"B", b"G", b"R")) + b"\0"
    window = struct.pack("<iiii", *box)
    return (
        b"\x76\x2f\x31\x01\x02\0\0\0"
        + attribute(b"channels", b"chlist", channels)
        + attribute(b"compression", b"compression", b"\0")
        + attribute(b"dataWindow", b"box2i", window)
        + attribute(b"displayWindow", b"box2i", window)
        + attribute(b"lineOrder", b"lineOrder", b"\0")
        + attribute(b"pixelAspectRatio", b"float", struct.pack("<f", 1))
        + attribute(b"screenWindowCenter", b"v2f", bytes(8))
        + attribute(b"screenWindowWidth", b"float", struct.pack("<f", 1))
        + b"\0"
    )


BOMBS: dict[str, bytes] = {
    "PNG": _png(100_000, 100_000),
    "PNG of zeros": _png(16_384, 16_384, bytes(50_000_000)),
    "TIFF": _tiff(),
    "JPEG": _jpeg(),
    "GIF": _gif(),
    "WebP": _webp(),
    "OpenEXR": _exr((0, 0, 99_999, 99_999)),
    "OpenEXR beyond all numbers": _exr((-(2**31), -(2**31), 2**31 - 1, 2**31 - 1)),
    "BMP": b"BM" + bytes(12) + struct.pack("<IiiHHIIiiII", 40, 100_000, 100_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "PPM": b"P6 100000 100000 255\n",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_picture_that_claims_much_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    (tmp_path / "bomb.png").write_bytes(BOMBS[kind])
    with frugal(), pytest.raises(MediaError, match=r"bomb\.png: "):
        read_picture(BOMBS[kind], where="bomb.png")
    with frugal(), pytest.raises(MediaError, match=r"bomb\.png: "):
        probe(str(tmp_path / "bomb.png"))


def _patched(path: Path, box: bytes, at: int, value: bytes) -> None:
    data = bytearray(path.read_bytes())
    place = data.index(box) + len(box) + at
    data[place : place + len(value)] = value
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("box", "at", "value"),
    [
        (b"avc1", 24, struct.pack(">HH", 65_535, 65_535)),
        (b"tkhd", 76, struct.pack(">II", 65_535 << 16, 65_535 << 16)),
        (b"stsz", 8, struct.pack(">I", 1_000_000_000)),
        (b"stts", 4, struct.pack(">III", 1, 1_000_000_000, 1)),
        (b"stco", 4, struct.pack(">I", 0xFFFFFFFF)),
        (b"ctts", 4, struct.pack(">III", 1, 0xFFFFFFFF, 1)),
        (b"mvhd", 16, struct.pack(">I", 0xFFFFFFFF)),
        (b"stsc", 4, struct.pack(">IIII", 1, 1, 0xFFFFFFFF, 1)),
    ],
    ids=["size", "shown size", "samples", "times", "offsets", "shifts", "duration", "chunks"],
)
def test_film_whose_header_claims_much_costs_little(tmp_path: Path, box: bytes, at: int, value: bytes) -> None:
    path = write_film(tmp_path / "bomb.mp4", 8, size=(48, 32))
    _patched(path, box, at, value)
    with frugal(), suppress(AtelierError):
        source = probe(str(path))
        assert source.frames < 1000
        list(read_frames(source, 0, source.frames))


def test_film_that_grows_midway_is_stopped(tmp_path: Path) -> None:
    one = write_film(tmp_path / "a.ts", 6, size=(96, 64)).read_bytes()
    two = write_film(tmp_path / "b.ts", 6, size=(640, 480)).read_bytes()
    (tmp_path / "grows.ts").write_bytes(one + two)
    source = probe(str(tmp_path / "grows.ts"), limits=Limits(pixels=10_000))
    with pytest.raises(MediaError, match="cannot be decoded"):
        list(read_frames(source, 0, source.frames))


# Checkpoints


@pytest.mark.parametrize("size", [2**60, 2**63 - 1, 2**64 - 1, 200_000_000])
def test_safetensors_header_larger_than_its_file_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "bomb.safetensors"
    path.write_bytes(struct.pack("<Q", size) + b"{}")
    for read in (weights.read, headers.header, headers.tensor_names):
        with frugal(), pytest.raises(ModelError, match="is no whole safetensors file"):
            read(path)


@pytest.mark.parametrize(
    ("shape", "offsets"),
    [([2**40], [0, 4]), ([2**62, 4], [0, 0]), ([0, 2**62], [0, 0]), ([2**31, 2**31, 2**31], [0, 4])],
)
def test_safetensors_of_shapes_that_do_not_fit_are_refused(
    tmp_path: Path, shape: list[int], offsets: list[int]
) -> None:
    text = json.dumps({"a": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}).encode()
    path = tmp_path / "bomb.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(offsets[1]))
    with frugal(), suppress(ModelError):
        assert all(tensor.numel() == 0 for tensor in weights.read(path).tensors.values())


def _torch_archive(**compression: int) -> bytes:
    saved, made = io.BytesIO(), io.BytesIO()
    torch.save({"conv1.conv2d.weight": torch.zeros(5_000_000)}, saved)
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(made, "w", **compression) as archive:  # type: ignore[arg-type]
        for name in whole.namelist():
            archive.writestr(name, whole.read(name))
    return made.getvalue()


def test_packed_torch_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    path.write_bytes(_torch_archive(compression=zipfile.ZIP_DEFLATED))
    assert path.stat().st_size < 100_000
    for read in (weights.read, headers.tensor_names):
        with frugal(), pytest.raises(ModelError, match=r"is packed, as torch\.save packs none"):
            read(path)


def test_archive_whose_entries_overlap_is_refused(tmp_path: Path) -> None:
    data = bytearray(_torch_archive())
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        [entry] = [each for each in archive.infolist() if each.filename.endswith("data/0")]
        directory = archive.start_dir
    # The entry is in the directory forty times, under forty names.
    at = data.rindex(entry.filename.encode()) - 46
    record = bytes(data[at : at + 46 + len(entry.filename)])
    copies = b"".join(record[:-1] + bytes([65 + n]) for n in range(40))
    end = data.rindex(b"PK\x05\x06")
    count, size = struct.unpack_from("<HI", data, end + 10)
    tail = bytearray(data[end:])
    struct.pack_into("<HHII", tail, 8, count + 40, count + 40, size + len(copies), directory)
    path.write_bytes(bytes(data[:end]) + copies + bytes(tail))
    for read in (weights.read, headers.tensor_names):
        with frugal(), pytest.raises(ModelError, match=r"unpacks to more than|is no whole torch checkpoint"):
            read(path)


def test_one_number_shown_at_a_million_places_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    torch.save({"weight": torch.zeros(1).expand(1 << 40)}, path)
    assert path.stat().st_size < 10_000
    with frugal(), pytest.raises(ModelError, match="weight is no plain tensor"):
        weights.read(path)


@pytest.mark.parametrize(
    "opcodes",
    [
        b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"x.",
        b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b"x.",
        b"\x80\x02\x8b" + struct.pack("<i", 2**31 - 1) + b"x.",
        b"cbuiltins\nbytearray\n(L" + str(2**60).encode() + b"L\ntR.",
        b"r\xff\xff\xff\x7f" * 1000 + b".",
        b"L" + b"9" * 100_000 + b"L\n.",
    ],
    ids=["bytes", "word", "number", "bytearray", "memo", "digits"],
)
def test_pickle_that_asks_for_much_memory_is_refused(tmp_path: Path, opcodes: bytes) -> None:
    path = tmp_path / "bomb.pth"
    path.write_bytes(opcodes)
    for read in (weights.read, headers.tensor_names):
        with frugal(), pytest.raises(ModelError, match=r"bomb\.pth: "):
            read(path)


def _npz(header: bytes | None, **compression: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **compression) as archive:  # type: ignore[arg-type]
        array = io.BytesIO()
        if header is None:
            np.save(array, np.zeros(3_000_000, np.float32))
        else:
            array.write(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header)
        archive.writestr("features.0.weight.npy", array.getvalue())
    return file.getvalue()


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,)}\n",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"9" * 3000 + b",)}\n",
        b"{'descr': '|V2147483647', 'fortran_order': False, 'shape': (1000,)}\n",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': " + b"(" * 3000 + b"}\n",
        b"[" * 9000 + b"\n",
    ],
    ids=["shape", "digits", "type", "brackets", "lists"],
)
def test_array_whose_header_claims_much_is_refused(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "bomb.npz"
    path.write_bytes(_npz(header))
    with frugal(), pytest.raises(ModelError, match=r"bomb\.npz: is no whole \.npz file"):
        load_vgg(path)


def test_packed_arrays_are_added_up_before_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.npz"
    path.write_bytes(_npz(None, compression=zipfile.ZIP_DEFLATED))
    monkeypatch.setattr("pipeline.models.vgg._NPZ_BYTES", 10_000_000)
    with frugal(), pytest.raises(ModelError, match="unpacks to more than 10,000,000 bytes"):
        load_vgg(path)


# Text

LAUGHS = "\n".join(
    ["kind: film", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
)
TEXTS = {
    "billion laughs": LAUGHS,
    "quadratic laughs": "kind: film\na: &a " + "x" * 4000 + "\nb: [" + "*a, " * 100_000 + "]",
    "merged laughs": "kind: film\na: &a {b: 1}\nc: {<<: [" + "*a, " * 100_000 + "]}",
    "brackets": "kind: " + "[" * 400_000,
    "braces": "kind: " + "{a: " * 200_000,
    "indentation": "\n".join(" " * n + "a:" for n in range(1200)),
    "dashes": "- " * 200_000,
    "a number in base 60": "kind: film\nsize: 1" + ":1" * 300_000,
    "a fraction in base 60": "kind: film\nsize: 1" + ":1" * 1000 + ".5",
    "a million digits": "kind: film\nsize: " + "9" * 900_000,
    "a long key": "kind: film\n? " + "k" * 900_000 + "\n: 1",
    "a tagged number": "kind: !!int ''",
    "a tagged time": "kind: !!timestamp x",
    "a tagged float": "kind: !!float ''",
    "a tagged truth": "kind: !!bool x",
    "bytes": "kind: !!binary x",
    "a set": "kind: !!set {[1]: 2}",
    "an object": "kind: !!python/object/apply:os.mkdir [canary]",
}


@pytest.mark.parametrize("what", TEXTS)
def test_expensive_job_file_is_refused_at_once(tmp_path: Path, what: str) -> None:
    with frugal(), pytest.raises(spec.JobSpecProblems) as caught:
        spec.parse(TEXTS[what], path="job.yaml", folder=tmp_path)
    assert all(len(problem) < 1000 for problem in caught.value.problems)


@pytest.mark.parametrize("what", TEXTS)
def test_expensive_settings_file_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    path = tmp_path / "atelier.yaml"
    path.write_text(TEXTS[what])
    monkeypatch.setenv("ATELIER_CONFIG", str(path))
    with frugal(), pytest.raises(ConfigError) as caught:
        settings()
    assert len(str(caught.value)) < 1000


def test_broken_settings_file_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "atelier.yaml"
    path.write_text('store: /a\nredis_password: "hunter2\n')
    monkeypatch.setenv("ATELIER_CONFIG", str(path))
    with pytest.raises(ConfigError, match=r"atelier\.yaml: cannot be read as YAML settings: line 3") as caught:
        settings()
    assert "hunter2" not in str(caught.value)
