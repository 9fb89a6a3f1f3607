"""Signing what a stitcher delivers, so that whoever else stitches the same delivers the same bytes.

No two signings give the same bytes, and two stitchers may be at work at once, or one after the other's death. So a
signed file goes into the job's store first, and a record of it, create-only, says which one counts: the first.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.records import Blob, Plan, Signed
from jobs.truth import Truth
from pipeline import provenance
from pipeline.provenance import Marks
from pipeline.provenance.formats import HEAD, Format, format_of
from pipeline.provenance.signing import Signing

Bytes = io.BytesIO | io.BufferedRandom | io.BufferedReader
"""A file, in memory or not."""


class Sealer:
    """Signs the files of one generation of a job. From any thread."""

    def __init__(self, plan: Plan, marks: Marks, generation: int, truth: Truth, signing: Signing) -> None:
        """Raises: ConfigError if nothing can be signed with the certificate."""
        self._job, self._marks, self._generation = plan.job, marks, generation
        self._truth, self._signing = truth, signing
        self._signer = signing.check()
        self._unsigned: dict[str, str] = {}
        self._ours = uuid.uuid4().hex
        self.store = truth.store

    def seal(self, name: str, content: bytes | Path) -> Blob | None:
        """The signed file in the job's store; None for one that C2PA has no place in, or that no model had a hand in.

        `name`: as it is delivered. A local file is one that a model made.

        Raises: ConfigError, TransientError.
        """
        with _opened(content) as file:
            row = format_of(file.read(HEAD))
            if row is None or not row.signs:
                if row is not None:
                    self._unsigned.setdefault(row.name, name)
                return None
            told = provenance.digital_source_type(content) if isinstance(content, bytes) else self._told(content)
            if told is None:
                return None
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            known = self._truth.signed(self._job, self._generation, name)
            if known is not None and known.of == digest:
                return known.blob
            blob = self._signed(name, content, file, row, told)
        record = Signed(job=self._job, generation=self._generation, name=name, of=digest, blob=blob)
        return self._agreed(record, replaces=known is not None)

    def _told(self, path: Path) -> str:
        """What a local file is: it says so itself, or is what the job's are."""
        return provenance.tell(path).source_type or self._marks.source_type({})

    def notes(self) -> Iterator[str]:
        """What people should be told."""
        yield f"signed with C2PA by {self._signer}"
        for form, name in sorted(self._unsigned.items()):
            yield f"{name} is not signed: C2PA has no place for a signature in {form}"

    def _agreed(self, record: Signed, *, replaces: bool) -> Blob:
        """The signed file that counts: ours, or one that was faster."""
        if not replaces:
            if self._truth.put_signed(record):
                return record.blob
            first = self._truth.signed(self._job, self._generation, record.name)
            if first is not None and first.of == record.of:
                return first.blob
        # Of a stitch that ended before its result, and whose files were others.
        self._truth.replace_signed(record)
        return record.blob

    def _signed(self, name: str, content: bytes | Path, file: Bytes, row: Format, told: str) -> Blob:
        key = self._truth.signed_folder(self._job, self._generation, self._ours) + name
        if isinstance(content, bytes):
            made = io.BytesIO()
            self._sign(file, made, name, row, told)
            data = made.getvalue()
            self.store.put(key, data)
            return Blob(key=key, size=len(data), sha256=hashlib.sha256(data).hexdigest())
        signed = content.with_name(f"{content.name}.signed")
        try:
            with signed.open("w+b") as target:
                self._sign(file, target, name, row, told)
                target.seek(0)
                digest = hashlib.file_digest(target, "sha256").hexdigest()
            self.store.upload(signed, key)
            return Blob(key=key, size=signed.stat().st_size, sha256=digest)
        finally:
            signed.unlink(missing_ok=True)

    def _sign(self, file: Bytes, target: Bytes, name: str, row: Format, told: str) -> None:
        file.seek(0)
        self._signing.sign(file, target, mime=row.mime, title=name.rpartition("/")[2], source_type=told)


@contextmanager
def _opened(content: bytes | Path) -> Iterator[Bytes]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
        return
    with content.open("rb") as file:
        yield file
