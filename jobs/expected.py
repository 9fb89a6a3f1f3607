"""What a certificate says must lie where: in the output, and in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from jobs import naming
from jobs.certificate import Certificate, ChunkRow
from jobs.examine import Damage, Findings, Item
from jobs.records import Receipt
from jobs.truth import Truth
from pipeline.errors import ObjectNotFound
from pipeline.ranges import as_ranges
from pipeline.storage.base import Store
from pipeline.stream import spread

_THREADS = 4
_AGAIN = "submit its file once more with `--again`: no redo can mend this"


def delivered(certificate: Certificate, data: bytes, output: Store) -> Iterator[Item]:
    """Everything that must lie in the output."""
    # Whichever frame is rendered again, everything is delivered anew.
    mend = redo(certificate.job, certificate.frames[0][:1])
    sha256 = hashlib.sha256(data).hexdigest()
    yield Item(output, naming.CERTIFICATE, len(data), sha256, "certificate", mend)
    vouched = certificate.result_sha256.output
    yield Item(output, naming.RESULT, None, vouched, "result", mend, certificate=sha256)
    numbers = dict(certificate.pictures)
    for name, (size, sha256) in certificate.delivered().items():
        what = f"picture of frame {numbers[name]}" if name in numbers else "delivered file"
        yield Item(output, name, size, sha256, what, mend)


def records(certificate: Certificate, data: bytes, truth: Truth) -> Iterator[Item]:
    """Spec, plan, generations, networks, files, and the result's copy."""
    for name, sha256 in certificate.records.items():
        yield Item(truth.store, f"jobs/{certificate.job}/{name}", None, sha256, "record", _AGAIN)
    for what, rows in (("network", certificate.models), ("file", certificate.inputs)):
        for row in rows:
            mend = "submit the job's file again: that puts it back"
            yield Item(truth.store, row.key, None, row.sha256, f"{what} {row.name}", mend)
    key = truth.result_key(certificate.job, certificate.generation)
    vouched, sha256 = certificate.result_sha256.store, hashlib.sha256(data).hexdigest()
    yield Item(truth.store, key, None, vouched, "result", _AGAIN, certificate=sha256)
    if certificate.redo is not None:
        key = truth.certificate_key(certificate.job, certificate.redo.generation)
        what = f"certificate of generation {certificate.redo.generation}"
        mend = "nothing needs it any more, but what the redo changed cannot be proved again"
        yield Item(truth.store, key, None, certificate.redo.certificate, what, mend)


def kept(certificate: Certificate, truth: Truth, findings: Findings) -> Iterator[Item]:
    """What each receipt names. The receipts themselves are examined here."""

    def receipt(row: ChunkRow) -> tuple[int | None, Damage | None, list[Item]]:
        frames = row.numbers(certificate.frames)
        key = truth.receipt_key(certificate.job, row.chunk, row.generation)
        mend = redo(certificate.job, frames)
        item = Item(truth.store, key, None, row.receipt, f"receipt of frames {as_ranges(frames)}", mend, frames)
        data = stored(truth.store, key)
        if data is None:
            return None, item.damaged("is missing, and without it the chunk's frames cannot be checked"), []
        if hashlib.sha256(data).hexdigest() != row.receipt:
            why = "is not what was certified, and without it the chunk's frames cannot be checked"
            return len(data), item.damaged(why), []
        return len(data), None, list(_named(Receipt.model_validate_json(data), frames, certificate.job, truth.store))

    for size, damage, items in spread(receipt, certificate.chunks, threads=_THREADS, name="receipts"):
        findings.files += size is not None
        findings.size += size or 0
        if damage is not None:
            findings.damages.append(damage)
        yield from items


def _named(receipt: Receipt, frames: tuple[int, ...], job: str, store: Store) -> Iterator[Item]:
    """Everything that a receipt vouches for; `frames` are the chunk's, as people number them."""
    sequences = [("frame", receipt.frames), *((f"{name} of frame", blobs) for name, blobs in receipt.extra.items())]
    for what, blobs in sequences:
        for number, blob in zip(frames, blobs, strict=True):
            mend = redo(job, (number,))
            yield Item(store, blob.key, blob.size, blob.sha256, f"{what} {number}", mend, (number,))
    others = [("segment", receipt.segments), ("product", receipt.products)]
    for what, named in others:
        for name, blob in named.items():
            told = f"{name} {what} of frames {as_ranges(frames)}"
            yield Item(store, blob.key, blob.size, blob.sha256, told, redo(job, frames), frames)


def redo(job: str, frames: tuple[int, ...]) -> str:
    """The command that renders these frames again, as people number them, and delivers everything anew."""
    return f"`atelier redo {job} --frames {as_ranges(frames)}`"


def stored(store: Store, key: str) -> bytes | None:
    """The object's bytes, if it is there."""
    try:
        return store.get(key)
    except ObjectNotFound:
        return None
