"""Stitching: every receipt is there, so the deliverables are made, verified, published, and last of all the result.

Memory does not grow with the film: receipts are read as they are needed, segments and pictures one at a time.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np

from jobs import naming
from jobs.config import Settings
from jobs.records import Blob, Plan, Receipt, Result
from jobs.records import Deliverable as Delivered
from jobs.truth import Truth, now
from pipeline.errors import IntegrityError, ObjectNotFound
from pipeline.film.animate import animate
from pipeline.film.contact_sheet import contact_sheet, evenly_spaced
from pipeline.film.deliverables import DELIVERABLES, Deliverable
from pipeline.film.source import Source
from pipeline.film.stitch import Segment, concatenate
from pipeline.images import decode_image
from pipeline.storage import open_store
from workers.lease import Lease

log = logging.getLogger(__name__)

SHEET_FRAMES = 20
"""Frames on a contact sheet."""


class MissingReceipt(IntegrityError):
    """A chunk that the ledger calls done has no receipt, or its files are not what the receipt says."""

    def __init__(self, chunk: int, message: str) -> None:
        super().__init__(message)
        self.chunk = chunk


class Stitcher:
    """Makes the deliverables of one job."""

    def __init__(self, plan: Plan, generation: int, truth: Truth, config: Settings, lease: Lease) -> None:
        self._plan, self._generation = plan, generation
        self._truth, self._config, self._lease = truth, config, lease
        self._output = open_store(plan.output, config.store_options())

    def stitch(self) -> Result:
        """Make, verify and publish everything. The result that counts, ours or one that was faster.

        Raises: MissingReceipt, Interrupted, StorageUnavailable, StorageFull, MediaError.
        """
        digest, compute_s = self._verify()
        # While deliverables are replaced, no older result may vouch for them.
        self._output.delete(naming.RESULT)
        with TemporaryDirectory(prefix="atelier-stitch-") as folder:
            made = [self._make(DELIVERABLES[name], Path(folder)) for name in self._plan.deliver]
            made += self._products()
            made.append(self._sheet())
        result = Result(
            job=self._plan.job,
            generation=self._generation,
            frames=self._plan.frames,
            frames_sha256=digest,
            deliverables=tuple(made),
            models=self._plan.models,
            submitted_at=self._truth.submitted_at(self._plan.job),
            finished_at=now(),
            compute_s=round(compute_s, 3),
            notes=self._plan.notes,
        )
        self._output.put(naming.RESULT, result.model_dump_json(indent=1).encode())
        if not self._truth.put_result(result):
            result = self._truth.result(self._plan.job, self._generation) or result
        self._truth.retire(self._plan.job, self._generation)
        self._truth.drop_states(self._plan.job)
        return result

    def _verify(self) -> tuple[str, float]:
        """Check every receipt against the plan and every picture against the listing: count, order, size."""
        frames = hashlib.sha256()
        compute_s = 0.0
        for chunk, receipt in enumerate(self._receipts()):
            start, stop = self._plan.chunks[chunk]
            if (receipt.start, receipt.stop) != (start, stop) or len(receipt.frames) != stop - start:
                raise MissingReceipt(chunk, f"{self._plan.job} chunk {chunk}: its receipt is for other frames")
            folder = Truth.attempt(self._plan.job, chunk, receipt.token)
            there = {entry.key: entry.size for entry in self._truth.store.list(f"{folder}/")}
            for blob in receipt.blobs():
                if there.get(blob.key) != blob.size:
                    raise MissingReceipt(chunk, f"{blob.key}: is not the {blob.size} bytes of its receipt")
            for blob in receipt.frames:
                frames.update(bytes.fromhex(blob.sha256))
            compute_s += receipt.timings.get("wall_s", 0.0)
            self._lease.check(stop)
        return frames.hexdigest(), compute_s

    def _receipts(self) -> Iterator[Receipt]:
        for chunk, receipt in enumerate(self._truth.receipts(self._plan)):
            if receipt is None:
                raise MissingReceipt(chunk, f"{self._plan.job} chunk {chunk}: has no receipt")
            yield receipt

    def _make(self, row: Deliverable, folder: Path) -> Delivered:
        ways: dict[str, Callable[[Deliverable, Path], Delivered]] = {
            "segments": self._movie,
            "animation": self._animation,
            "frames": lambda row, _: self._pictures(row),
        }
        return ways[row.made_of](row, folder)

    def _movie(self, row: Deliverable, folder: Path) -> Delivered:
        name = naming.file_name(self._plan, row)
        made = concatenate(
            [self._segment(receipt, row.name) for receipt in self._receipts()],
            folder / name,
            deliverable=row,
            source=self._source(),
            first=int(self._plan.inputs.get("offset", 0)),
            rate=self._frame_rate(),
            options=self._config.store_options(),
        )
        if made.frames != self._plan.frames:
            raise IntegrityError(f"{name}: has {made.frames} frames, not the {self._plan.frames} of the plan")
        sound = {"copied": "sound copied", "encoded": "sound encoded", "none": "no sound"}[made.audio]
        return self._publish(row.name, folder / name, name, (sound, *made.notes))

    def _source(self) -> Source | None:
        """Whose sound and timecode a movie gets: none where frames are not painted after a film."""
        source = self._plan.inputs.get("source")
        return Source.model_validate(source) if source else None

    def _segment(self, receipt: Receipt, name: str) -> Segment:
        blob, chunk = receipt.segments[name], receipt.chunk

        def read() -> BinaryIO:
            self._lease.check(receipt.stop)
            return BytesIO(self._fetch(blob, chunk))

        return Segment(name=blob.key, frames=receipt.stop - receipt.start, open=read)

    def _animation(self, row: Deliverable, folder: Path) -> Delivered:
        name = naming.file_name(self._plan, row)
        report = animate(self._frames, folder / name, deliverable=row, rate=self._frame_rate())
        return self._publish(row.name, folder / name, name, report.notes)

    def _frames(self) -> Iterator[np.ndarray]:
        """Every painted frame in order, verified, (H, W, 3) uint8."""
        for chunk, receipt in enumerate(self._receipts()):
            for blob in receipt.frames:
                yield decode_image(self._fetch(blob, chunk), deep=False)
            self._lease.check(receipt.stop)

    def _fetch(self, blob: Blob, chunk: int) -> bytes:
        try:
            data = self._truth.store.get(blob.key)
        except ObjectNotFound as error:
            raise MissingReceipt(chunk, f"{blob.key}: is gone") from error
        if hashlib.sha256(data).hexdigest() != blob.sha256:
            raise MissingReceipt(chunk, f"{blob.key}: is not what its receipt says")
        return data

    def _pictures(self, row: Deliverable) -> Delivered:
        """Copy the pictures under the names that people know them by; on the server where the store can."""
        digest, size, count = hashlib.sha256(), 0, 0
        wanted = set(self._plan.pictured)
        for receipt in self._receipts():
            blobs = receipt.frames if row.name == self._plan.kept else receipt.extra[row.name]
            for frame, blob in enumerate(blobs, receipt.start):
                if frame not in wanted:
                    continue
                self._output.copy_from(self._truth.store, blob.key, naming.picture_name(self._plan, row, frame))
                digest.update(bytes.fromhex(blob.sha256))
                size, count = size + blob.size, count + 1
            self._lease.check(receipt.stop)
        return Delivered(
            name=row.name,
            url=_join(self._plan.output, f"{row.name}/"),
            files=count,
            size=size,
            sha256=digest.hexdigest(),
        )

    def _products(self) -> list[Delivered]:
        """Copy the painter's own files under their names."""
        made = []
        for receipt in self._receipts():
            for name, blob in receipt.products.items():
                self._output.copy_from(self._truth.store, blob.key, name)
                url = _join(self._plan.output, name)
                made.append(Delivered(name=name, url=url, files=1, size=blob.size, sha256=blob.sha256))
        if missing := set(self._plan.products) - {row.name for row in made}:
            raise IntegrityError(f"{self._plan.job}: its painter gave no {', '.join(sorted(missing))}")
        return made

    def _sheet(self) -> Delivered:
        """A contact sheet of frames spread over the job."""
        chosen = evenly_spaced(self._plan.frames, SHEET_FRAMES)
        counting = self._truth.counting(self._plan.job, len(self._plan.chunks))
        pictures = [(self._label(frame), self._picture(frame, counting)) for frame in chosen]
        data = contact_sheet(pictures, title=self._plan.stem, subtitle=self._subtitle())
        self._output.put(naming.SHEET, data)
        return Delivered(
            name="contact-sheet",
            url=_join(self._plan.output, naming.SHEET),
            files=1,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )

    def _picture(self, frame: int, counting: list[int | None]) -> np.ndarray:
        chunk = self._plan.chunk_of(frame)
        by = counting[chunk]
        receipt = None if by is None else self._truth.receipt(self._plan.job, chunk, by)
        if receipt is None:
            raise MissingReceipt(chunk, f"{self._plan.job} chunk {chunk}: has no receipt")
        return decode_image(self._fetch(receipt.frames[frame - receipt.start], chunk), deep=False)

    def _label(self, frame: int) -> str:
        return self._plan.frame_name(frame) if self._plan.names else str(self._plan.number(frame))

    def _subtitle(self) -> str:
        plan = self._plan
        rate = f"{float(self._frame_rate()):g} fps" if plan.rate else ""
        return " · ".join(part for part in (plan.style, f"{plan.frames} frames", rate) if part)

    def _frame_rate(self) -> Fraction:
        assert self._plan.rate_fraction is not None, "planning refuses movies without a rate"
        return self._plan.rate_fraction

    def _publish(self, label: str, path: Path, key: str, notes: tuple[str, ...]) -> Delivered:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
        self._output.upload(path, key)
        path.unlink()
        return Delivered(name=label, url=_join(self._plan.output, key), files=1, size=size, sha256=digest, notes=notes)


def _join(output: str, key: str) -> str:
    return f"{output.rstrip('/')}/{key}"
