"""A finished job's certificate: what it is made of, by digest, in a form that shows any flipped byte.

Its JSON has one form only, so that what is read must be what would be written; and it carries the digest of its own
content, the seal. A seal finds damage. It is no signature: whoever can write the file can seal it anew.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from jobs.records import Record, Result
from pipeline.errors import InputError, IntegrityError

VERSION = 1
"""Of the certificate's form."""


class Check(Record):
    """Something that the stitcher compared before it published."""

    name: str
    compared: str
    """What with what, as a sentence."""
    count: int
    """How many there were."""
    passed: bool


FrameRow = tuple[int, int, str]
"""A frame's number as people know it, its size in bytes, SHA-256."""


class ChunkRow(Record):
    """Who painted a chunk, and its place in the film."""

    chunk: int
    frames: tuple[int, int]
    """First and last, as people number them."""
    generation: int
    receipt: str
    """SHA-256 of the receipt that counts."""
    worker: int
    """Place in the certificate's `workers`."""
    attempts: int
    """How many attempts left files, the winner's included."""
    history: tuple[str, ...] = ()
    """What happened to earlier attempts."""
    recalled: int = 0
    """Frames that were found in the frame cache and not painted."""
    seam: float | None = None
    """Score of the boundary before the chunk, 1.0 being none to be seen: see pipeline/film/seams.py. None where there
    is nothing to compare: at a cut, and where frames are no film."""

    def numbers(self, frames: Sequence[FrameRow]) -> tuple[int, ...]:
        """The chunk's frames, of the job's, as people number them: between first and last, seeds may have gaps."""
        begin = bisect_left(frames, self.frames[0], key=itemgetter(0))
        end = bisect_right(frames, self.frames[1], key=itemgetter(0))
        return tuple(number for number, _, _ in frames[begin:end])


class WorkerRow(Record):
    """A worker that painted some of the chunks."""

    worker: str
    device: str
    precision: str
    chunks: int
    software: int
    """Place in the certificate's `software`."""


class InputRow(Record):
    """A network or file that the job was painted with, as the store keeps it."""

    name: str
    key: str
    sha256: str


class RedoRow(Record):
    """What a redo did to the frames, by comparison with the certificate before it."""

    generation: int
    """The earlier one."""
    certificate: str
    """Its certificate's SHA-256."""
    again: str
    """Frames of the chunks that were rendered again, as people number them: `25-48`."""
    untouched: int
    """Frames of the other chunks; their bytes are those of the earlier generation."""
    same: int
    """Frames rendered again whose bytes came out the same."""
    changed: str = ""
    """Frames rendered again whose bytes did not: `25-26,30`."""


class ResultDigests(Record):
    """SHA-256 of the result's two copies while their `certificate` was empty."""

    output: str
    store: str


class Certificate(Record):
    """Everything that is known of a finished generation of a job."""

    version: int
    job: str
    generation: int
    kind: str
    output: str
    records: dict[str, str]
    """Spec, plan and generations: their place below the job's folder → SHA-256."""
    frames: Annotated[tuple[FrameRow, ...], Field(min_length=1)]
    """Their numbers rise."""
    files: tuple[tuple[str, int, str], ...]
    """Every file in the output that is no frame itself: name, size in bytes, SHA-256."""
    pictures: tuple[tuple[str, int], ...] = ()
    """Every file in the output that is a frame's own bytes: name, the frame's number."""
    chunks: tuple[ChunkRow, ...]
    models: tuple[InputRow, ...]
    inputs: tuple[InputRow, ...]
    seeds: dict[str, int]
    """Where in the plan's inputs → the seed."""
    prompts: tuple[tuple[str, str], ...] = ()
    """What pictures were made of, and what was not to be seen in them, of kinds that take words; or what was said."""
    workers: tuple[WorkerRow, ...]
    software: tuple[dict[str, str], ...]
    """The sets of versions that were at work; the stitcher's is the last."""
    checks: tuple[Check, ...]
    redo: RedoRow | None = None
    result: dict[str, Any]
    """The result, but for its `certificate`."""
    result_sha256: ResultDigests

    @model_validator(mode="after")
    def _names_its_own_frames(self) -> Self:
        if not {number for _, number in self.pictures} <= {number for number, _, _ in self.frames}:
            raise ValueError("pictures: one is of a frame that is not among the frames")
        return self

    def delivered(self) -> dict[str, tuple[int, str]]:
        """Every file that must lie in the output besides the certificate and the result: name → (size, SHA-256)."""
        frames = {number: (size, sha256) for number, size, sha256 in self.frames}
        files = {name: (size, sha256) for name, size, sha256 in self.files}
        return files | {name: frames[number] for name, number in self.pictures}

    def to_bytes(self) -> bytes:
        """As it is written, sealed."""
        body = self.model_dump(mode="json", exclude_defaults=True)
        unsealed = canonical(body | {"seal": ""})
        return unsealed.replace(_seal_line(""), _seal_line(hashlib.sha256(unsealed).hexdigest()), 1)


def canonical(body: dict[str, Any]) -> bytes:
    """The one form of a certificate's JSON: keys sorted, no spaces, and a line for each row of a list."""
    lines = [f"{_compact(key)}:{_value(body[key])}" for key in sorted(body)]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _value(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_compact, value)) + "\n]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _seal_line(seal: str) -> bytes:
    """The line that holds the SHA-256 of everything, itself being empty. Nested keys never begin a line."""
    return f'\n"seal":"{seal}"'.encode()


def read(data: bytes, where: str) -> Certificate:
    """The certificate in these bytes, whole; `where` is what an error names.

    Raises: IntegrityError if any byte is not as it was written; InputError if it is of another version of Atelier.
    """
    body = _unsealed(data, where)
    if body.get("version") != VERSION:
        raise InputError(
            f"{where}: is a certificate of version {body.get('version')}, and this Atelier reads version {VERSION}; "
            "verify it with the Atelier that made it"
        )
    try:
        return Certificate.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise IntegrityError(f"{where}: is no certificate: {field}: {first['msg']}".replace(": : ", ": ")) from error


def _unsealed(data: bytes, where: str) -> dict[str, Any]:
    """The content of a sealed certificate. Raises: IntegrityError."""
    try:
        body = json.loads(data)
        whole = isinstance(body, dict) and canonical(body) == data
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{where}: is damaged: it is not whole JSON") from error
    if not whole:
        raise IntegrityError(f"{where}: is damaged, or was edited: its JSON is not in the form that Atelier writes")
    seal = body.pop("seal", None)
    unsealed = data.replace(_seal_line(str(seal)), _seal_line(""), 1)
    if hashlib.sha256(unsealed).hexdigest() != seal:
        raise IntegrityError(f"{where}: is damaged, or was edited: its content does not match its seal")
    return body


# The result, which carries the certificate's digest and is vouched for by it


def result_bytes(result: Result) -> tuple[bytes, bytes]:
    """The result as it is written to the output and to the store."""
    return result.model_dump_json(indent=1).encode(), result.model_dump_json().encode()


def result_digests(result: Result) -> ResultDigests:
    """What a certificate says about a result that does not carry one yet."""
    output, store = (hashlib.sha256(data).hexdigest() for data in result_bytes(result))
    return ResultDigests(output=output, store=store)


def is_result(data: bytes, digest: str, certificate: str) -> bool:
    """Whether these are a result's bytes, undamaged: `digest` without, and carrying, the certificate's digest."""
    for space in (b" ", b""):
        named = b'"certificate":' + space + f'"{certificate}"'.encode()
        if data.count(named) == 1:
            bare = data.replace(named, b'"certificate":' + space + b'""')
            return hashlib.sha256(bare).hexdigest() == digest
    return False
