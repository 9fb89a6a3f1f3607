"""A certificate has one form, and whatever is done to it, to its result or to a receipt is seen."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator

import pytest

from jobs.certificate import Certificate, Check, ChunkRow, InputRow, WorkerRow, is_result, read, result_bytes
from jobs.certificate import result_digests as digests_of
from jobs.records import Deliverable, Result
from jobs.redone import compare, is_proved, sentence
from pipeline.errors import AtelierError, InputError, IntegrityError


def sha(text: object) -> str:
    """Some digest."""
    return hashlib.sha256(str(text).encode()).hexdigest()


RESULT = Result(
    job="film-1",
    generation=1,
    frames=4,
    frames_sha256=sha("frames"),
    deliverables=(Deliverable(name="png", url="/out/png/", files=4, size=40, sha256=sha("png"), notes=("schön",)),),
    models=(),
    submitted_at="2026-11-22T20:00:00.000Z",
    finished_at="2026-11-22T20:00:09.000Z",
    compute_s=1.5,
)


def certificate(
    frames: int = 4, *, size: int = 2, changed: tuple[int, ...] = (), again: tuple[int, ...] = ()
) -> Certificate:
    """Of a job with `size` frames a chunk; `changed` frames are others, `again` are chunks with another receipt."""
    rows = [(n, 10 + n, sha(f"frame {n} {n in changed}")) for n in range(1, frames + 1)]
    chunks = [
        ChunkRow(
            chunk=n,
            frames=(size * n + 1, size * n + size),
            generation=1,
            receipt=sha(f"receipt {n} {n in again}"),
            worker=0,
            attempts=1,
            seam=1.0 if n else None,
        )
        for n in range(frames // size)
    ]
    return Certificate(
        version=1,
        job="film-1",
        generation=1,
        kind="film",
        output="/out",
        records={"plan.json": sha("plan")},
        frames=tuple(rows),
        files=(("film-h264.mp4", 99, sha("movie")),),
        pictures=tuple((f"png/film.{n:06d}.png", n) for n in range(1, frames + 1)),
        chunks=tuple(chunks),
        models=(InputRow(name="great-wave", key="models/a.safetensors", sha256=sha("model")),),
        inputs=(),
        seeds={"schedule.seed": 7},
        workers=(WorkerRow(worker="gpu-0@böx:1", device="cpu", precision="float32", chunks=2, software=0),),
        software=({"python": "3.11.7"},),
        checks=(Check(name="receipts", compared="this with that", count=2, passed=True),),
        result=RESULT.model_dump(mode="json", exclude={"certificate"}),
        result_sha256=digests_of(RESULT),
    )


def flipped(data: bytes) -> Iterator[bytes]:
    """The data with one bit flipped: each byte in turn, its lowest bit and the one that tells capitals from others."""
    for at, byte in enumerate(data):
        for bit in (0, 5):
            yield data[:at] + bytes([byte ^ 1 << bit]) + data[at + 1 :]


def test_certificate_reads_back_as_it_was_written() -> None:
    assert read(certificate().to_bytes(), "certificate.json") == certificate()


def test_a_flipped_bit_of_any_byte_of_a_certificate_is_found() -> None:
    for damaged in flipped(certificate(2).to_bytes()):
        with pytest.raises(IntegrityError):
            read(damaged, "certificate.json")


@pytest.mark.parametrize("copy", [0, 1], ids=["output", "store"])
def test_a_flipped_bit_of_any_byte_of_a_result_is_found(copy: int) -> None:
    seal = sha("certificate")
    vouched = (digests_of(RESULT).output, digests_of(RESULT).store)[copy]
    whole = result_bytes(RESULT.model_copy(update={"certificate": seal}))[copy]
    assert is_result(whole, vouched, seal)
    assert not any(is_result(damaged, vouched, seal) for damaged in flipped(whole))


def test_result_that_names_another_certificate_is_refused() -> None:
    other = result_bytes(RESULT.model_copy(update={"certificate": sha("another")}))[0]
    assert not is_result(other, digests_of(RESULT).output, sha("certificate"))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: b"[]",
        lambda data: b"[" * 100_000,
        lambda data: b"\xff" + data,
        lambda data: json.dumps(json.loads(data)).encode(),
        lambda data: data.replace(b"{\n", b'{\n"job":"film-2",\n', 1),
    ],
    ids=["cut", "longer", "half", "empty", "list", "deep", "no text", "reformatted", "a key twice"],
)
def test_certificate_that_was_touched_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(IntegrityError, match=r"certificate\.json: is damaged"):
        read(change(certificate().to_bytes()), "certificate.json")


def test_certificate_of_another_version_is_no_damage() -> None:
    data = certificate().model_copy(update={"version": 2}).to_bytes()
    with pytest.raises(InputError, match="version 2, and this Atelier reads version 1"):
        read(data, "certificate.json")


@pytest.mark.parametrize("forged", [{"frames": ()}, {"pictures": (("png/film.9.png", 9),)}], ids=str)
def test_sealed_contradiction_is_refused(forged: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="is no certificate: "):
        read(certificate().model_copy(update=forged).to_bytes(), "certificate.json")


def test_sealed_nonsense_is_refused_in_one_sentence() -> None:
    data = certificate().model_copy(update={"frames": "none"})
    with pytest.warns(UserWarning, match="serialized"):
        sealed = data.to_bytes()
    with pytest.raises(AtelierError, match="is no certificate: frames"):
        read(sealed, "certificate.json")


def test_certificate_of_many_frames_is_small_and_quickly_read() -> None:
    data = certificate(20_000, size=20).to_bytes()
    assert len(data) < 20_000 * 250
    begun = time.monotonic()
    assert len(read(data, "certificate.json").frames) == 20_000
    assert time.monotonic() - begun < 4


def test_each_frame_has_a_line_of_its_own() -> None:
    assert f'[3,13,"{sha("frame 3 False")}"],' in certificate().to_bytes().decode().splitlines()


def test_redo_is_compared_frame_by_frame() -> None:
    new = certificate(6, again=(1,), changed=(4,))
    row = compare(certificate(6), sha("first"), new.frames, new.chunks)
    assert (row.again, row.untouched, row.same, row.changed) == ("3-4", 4, 1, "4")
    assert is_proved(row, 6)
    assert sentence(row) == (
        "frames 3-4 were rendered again and 1 of them came out otherwise (4); the other 4 are the bytes of generation 1"
    )


def test_frame_that_changed_without_being_rendered_is_no_proof() -> None:
    new = certificate(6, again=(1,), changed=(6,))
    assert not is_proved(compare(certificate(6), sha("first"), new.frames, new.chunks), 6)
