"""Stitching: every receipt is there, so the deliverables are made, verified, published, and last of all the result.

Memory grows by about a kilobyte a frame, for the certificate: receipts are read as they are needed, segments one at a
time, pictures a few at a time.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from jobs import naming
from jobs.config import Settings
from jobs.marks import facts_of
from jobs.records import Blob, Plan, Receipt, Result
from jobs.records import Deliverable as Delivered
from jobs.truth import Truth, now
from jobs.webhooks.announce import announce
from pipeline import provenance
from pipeline.errors import IntegrityError, ObjectNotFound
from pipeline.film.animate import animate
from pipeline.film.deliverables import EVERY, Deliverable
from pipeline.film.sound_edits import Editing
from pipeline.film.source import Source
from pipeline.film.stitch import Delivered as Joined
from pipeline.film.stitch import Segment, concatenate
from pipeline.images import decode_image
from pipeline.scratch import scratch_folder
from pipeline.storage import open_store
from pipeline.stream import spread
from workers.certify import Certifier
from workers.lease import Lease
from workers.manifest import Handed, manifest
from workers.narration import NARRATION, narration_of
from workers.output import Output
from workers.seal import Sealer
from workers.sheet import sheet
from workers.sound import editing_of, heard, is_as_wanted
from workers.witness import Witness

log = logging.getLogger(__name__)

_SOUND = {"copied": "sound copied", "encoded": "sound encoded", "edited": "sound edited", "none": "no sound"}
"""What became of a movie's sound, for people."""


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
        self._sealer = sealer_of(plan, generation, truth, config)
        self._output = Output(open_store(plan.output, config.store_options()), plan.output, self._sealer)
        self._witness = Witness(plan)
        self._is_told = False
        """Whether any picture that was looked at says that a model made it."""
        self._handed: list[Handed] = []
        self._certifier = Certifier(plan, generation, truth, self._witness)

    def stitch(self) -> Result:
        """Make, verify and publish everything. The result that counts, ours or one that was faster.

        Raises: MissingReceipt, Interrupted, StorageUnavailable, StorageFull, MediaError.
        """
        # Who died between the result and here, or was slow, must not touch what is published.
        result = self._truth.result(self._plan.job, self._generation) or self._stitch()
        announce(self._plan.job, self._generation, self._truth, self._config)
        self._truth.retire(self._plan.job, self._generation)
        self._truth.drop_states(self._plan.job)
        return result

    def _stitch(self) -> Result:
        self._verify()
        self._output.withdraw()
        if (other := self._truth.result(self._plan.job, self._generation)) is not None:
            # Another stitcher was slow, and published between our looking and our withdrawing.
            return self._certifier.vouch_again(other, self._output)
        with scratch_folder("stitch") as folder:
            made = [self._make(EVERY[name], Path(folder)) for name in self._plan.deliver]
            made += self._products()
            made += self._narration(Path(folder))
            made += self._board()
            made += self._manifest()
            made.append(self._sheet())
        return self._certifier.publish(self._result(tuple(made)), self._output)

    def _result(self, made: tuple[Delivered, ...]) -> Result:
        # The last moment to notice that somebody else stitches: from here on it is published.
        self._lease.check(self._plan.frames)
        return Result(
            job=self._plan.job,
            generation=self._generation,
            frames=self._plan.frames,
            frames_sha256=self._witness.frames_sha256,
            deliverables=made,
            models=self._plan.models,
            submitted_at=self._truth.submitted_at(self._plan.job),
            finished_at=now(),
            compute_s=round(self._witness.compute_s, 3),
            bad=self._witness.bad,
            notes=(
                *self._plan.notes,
                *self._witness.notes(),
                *self._certifier.notes(),
                *(self._sealer.notes() if self._sealer is not None else ()),
            ),
        )

    def _verify(self) -> None:
        """Check every receipt against the plan and every file of its against the listing: count, order, size."""
        stored = 0
        for chunk, (receipt, digest) in enumerate(self._read_receipts()):
            start, stop = self._plan.chunks[chunk]
            if (receipt.start, receipt.stop) != (start, stop) or len(receipt.frames) != stop - start:
                raise MissingReceipt(chunk, f"{self._plan.job} chunk {chunk}: its receipt is for other frames")
            # Where no frame could be made, there is no neighbour's clip to stand for it.
            for name in self._plan.clips if len(receipt.bad) < stop - start else ():
                if len(receipt.extra.get(name, ())) != stop - start:
                    raise MissingReceipt(chunk, f"{self._plan.job} chunk {chunk}: its receipt lacks some {name}")
            there = {entry.key: entry.size for entry in self._truth.attempted(self._plan.job, chunk)}
            for blob in receipt.blobs():
                if there.get(blob.key) != blob.size:
                    raise MissingReceipt(chunk, f"{blob.key}: is not the {blob.size} bytes of its receipt")
                stored += 1
            try:
                self._witness.see(receipt, digest, attempts=len({key.split("/")[4] for key in there}))
            except IntegrityError as error:
                raise MissingReceipt(
                    chunk, f"{self._plan.job} chunk {chunk}: its receipt is damaged: {error}"
                ) from error
            self._lease.check(stop)
        self._certifier.check(
            "receipts", "each chunk's receipt with the frames that the plan says", len(self._plan.chunks)
        )
        self._certifier.check("sizes", "each stored file's size with its receipt", stored)

    def _read_receipts(self) -> Iterator[tuple[Receipt, str]]:
        """Every receipt that counts, and the SHA-256 of its bytes."""
        job = self._plan.job
        for chunk, generation in enumerate(self._truth.counting(job, len(self._plan.chunks))):
            try:
                found = None if generation is None else self._truth.receipt_with_digest(job, chunk, generation)
            except IntegrityError as error:
                raise MissingReceipt(chunk, f"{job} chunk {chunk}: its receipt is damaged") from error
            if found is None:
                raise MissingReceipt(chunk, f"{job} chunk {chunk}: has no receipt")
            yield found

    def _receipts(self) -> Iterator[Receipt]:
        """The same, once they were seen: none may have become another meanwhile, for the certificate names them."""
        for row, (receipt, digest) in zip(self._witness.chunks, self._read_receipts(), strict=True):
            if digest != row.receipt:
                raise IntegrityError(f"{self._plan.job} chunk {row.chunk}: got another receipt while it was stitched")
            yield receipt

    def _filmed(self) -> Iterator[Receipt]:
        """Those of the chunks that movies show."""
        return (receipt for receipt in self._receipts() if receipt.start in self._plan.filmed)

    def _make(self, row: Deliverable, folder: Path) -> Delivered:
        ways: dict[str, Callable[[Deliverable, Path], Delivered]] = {
            "segments": self._movie,
            "animation": self._animation,
        }
        return self._pictures(row) if naming.is_a_frames(self._plan, row) else ways[row.made_of](row, folder)

    def _movie(self, row: Deliverable, folder: Path) -> Delivered:
        name = naming.file_name(self._plan, row)
        editing = editing_of(self._plan, self._truth, folder, lambda: self._lease.check(self._plan.frames))
        made = concatenate(
            [self._segment(receipt, row.name) for receipt in self._filmed()],
            folder / name,
            deliverable=row,
            source=self._source(),
            first=int(self._plan.inputs.get("offset", 0)),
            rate=self._frame_rate(),
            options=self._config.store_options(),
            tags=self._tags(row, name),
            editing=editing,
        )
        frames = len(self._plan.filmed)
        if made.frames != frames:
            raise IntegrityError(f"{name}: has {made.frames} frames, not the {frames} of the plan")
        segments = len(self._plan.chunks) - self._plan.chunk_of(self._plan.film_begins)
        self._certifier.check(f"{row.name} segments", "each segment with its receipt's SHA-256", segments)
        self._certifier.check(f"{row.name} frames", "the movie's frames with the plan", made.frames)
        said = [_SOUND[made.audio], *made.notes, *self._heard(row, folder / name, made, editing)]
        return self._publish(row.name, folder / name, name, tuple(said))

    def _heard(self, row: Deliverable, path: Path, made: Joined, editing: Editing | None) -> Iterator[str]:
        """How loud a movie is, once it is written, where its job file says how loud it is to be."""
        sound = heard(path, made, editing)
        if editing is None or sound is None:
            return
        compared = "the loudness of the movie, as it is heard, with what was asked for"
        self._certifier.check(f"{row.name} loudness", compared, 1, passed=is_as_wanted(sound, editing))
        yield f"measured: {sound}"

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
        """Every frame of the film in order, verified, (H, W, 3) uint8."""
        for receipt in self._filmed():
            for blob in receipt.frames:
                yield decode_image(self._fetch(blob, receipt.chunk), deep=False)
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
        """Copy the pictures, or clips, under the names that people know them by; on the server where the store can."""
        digest, size, count = hashlib.sha256(), 0, 0
        for name, frame, blob in spread(
            self._picture_copied, self._delivered(row), threads=self._config.writers, name=f"deliver-{row.name}"
        ):
            if row.name == self._plan.kept and self._sealer is None:
                self._output.pictures.append((name, self._plan.number(frame)))
            else:
                self._output.files.append((name, blob.size, blob.sha256))
            self._handed.append(Handed(row.name, frame, name, blob))
            digest.update(bytes.fromhex(blob.sha256))
            size, count = size + blob.size, count + 1
        self._certifier.check(f"{row.name} pictures", "each picture, read back, with its receipt's SHA-256", count)
        return Delivered(
            name=row.name, url=self._output.address(f"{row.name}/"), files=count, size=size, sha256=digest.hexdigest()
        )

    def _delivered(self, row: Deliverable) -> Iterator[tuple[str, int, Blob, int]]:
        """Pictures to deliver: name, frame, what lies in the store, chunk."""
        wanted = self._plan.pictured if self._plan.pictures is None else set(self._plan.pictured)
        for receipt in self._receipts():
            frames = [frame for frame in range(receipt.start, receipt.stop) if frame in wanted]
            blobs = receipt.frames if row.name == self._plan.kept or not frames else receipt.extra[row.name]
            for frame in frames:
                name = naming.picture_name(self._plan, row, frame)
                if frame in receipt.bad and self._plan.on_error == "skip":
                    self._output.remove(name)
                else:
                    yield name, frame, blobs[frame - receipt.start], receipt.chunk
            self._lease.check(receipt.stop)

    def _picture_copied(self, picture: tuple[str, int, Blob, int]) -> tuple[str, int, Blob]:
        name, frame, blob, chunk = picture
        return name, frame, self._output.picture(self._truth.store, blob, name, fetch=lambda: self._fetch(blob, chunk))

    def _products(self) -> list[Delivered]:
        """Copy the painter's own files under their names."""
        made: list[Delivered] = []
        if not self._plan.products:
            return made
        for receipt in self._receipts():
            for name, blob in receipt.products.items():
                data = self._fetch(blob, receipt.chunk)
                # Weights, cards and curves: no model made these.
                size, sha256 = self._output.put(name, data, sealed=False)
                made.append(Delivered(name=name, url=self._output.address(name), files=1, size=size, sha256=sha256))
        if missing := set(self._plan.products) - {row.name for row in made}:
            raise IntegrityError(f"{self._plan.job}: its painter gave no {', '.join(sorted(missing))}")
        return made

    def _narration(self, folder: Path) -> Iterator[Delivered]:
        """All lines in one sound, in each format that was asked for, and their captions."""
        if not self._plan.narration:
            return
        told = narration_of(
            self._plan, self._receipts(), self._fetch, folder, lambda: self._lease.check(self._plan.frames)
        )
        for row in (EVERY[name] for name in self._plan.narration):
            name = naming.narration_name(self._plan, row.suffix)
            told.write(row.name, folder / name)
            yield self._publish(NARRATION, folder / name, name, told.notes)
        self._certifier.check("narration", "each line's sound with its receipt's SHA-256", told.lines)
        for suffix, data in told.captions():
            name = naming.narration_name(self._plan, suffix)
            size, sha256 = self._output.put(name, data, sealed=False)
            yield Delivered(name="captions", url=self._output.address(name), files=1, size=size, sha256=sha256)

    def _manifest(self) -> Iterator[Delivered]:
        """What every frame became, for whoever hands it on."""
        if not self._plan.manifest:
            return
        for name, data in manifest(self._plan, self._handed, self._receipts(), self._fetch):
            size, sha256 = self._output.put(name, data)
            yield Delivered(name=name, url=self._output.address(name), files=1, size=size, sha256=sha256)

    def _sheet(self) -> Delivered:
        """A contact sheet of frames spread over the job."""
        # A poster that could not be made has no neighbour's picture in its place.
        lost = {frame for receipt in self._receipts() for frame in receipt.bad} if self._plan.manifest else set()
        content = self._content(naming.SHEET)
        made = sheet(self._plan, self._picture, content=content, lost=lost, is_told=lambda: self._is_told)
        size, sha256 = self._output.put(naming.SHEET, made)
        url = self._output.address(naming.SHEET)
        return Delivered(name="contact-sheet", url=url, files=1, size=size, sha256=sha256)

    def _board(self) -> Iterator[Delivered]:
        """The board, if there is one: two files of one content."""
        if self._plan.board is None:
            return
        # ReportLab takes long to import, and few jobs have boards.
        from workers.board import board

        for label, suffix, data in board(self._plan, self._plan.board, self._design, content=self._content("board")):
            name = naming.board_name(self._plan, suffix)
            size, sha256 = self._output.put(name, data)
            yield Delivered(name=label, url=self._output.address(name), files=1, size=size, sha256=sha256)

    def _design(self, frame: int) -> np.ndarray | None:
        """A frame as a board shows it: not its neighbour in its place."""
        self._lease.check(frame)
        receipt = self._receipt_of(frame)
        return None if frame in receipt.bad else self._decoded(receipt, frame)

    def _picture(self, frame: int) -> np.ndarray:
        """One painted frame, verified, (H, W, 3) uint8."""
        return self._decoded(self._receipt_of(frame), frame)

    def _receipt_of(self, frame: int) -> Receipt:
        chunk = self._plan.chunk_of(frame)
        receipt = self._truth.receipt(self._plan.job, chunk, self._witness.chunks[chunk].generation)
        if receipt is None:
            raise MissingReceipt(chunk, f"{self._plan.job} chunk {chunk}: has no receipt")
        return receipt

    def _decoded(self, receipt: Receipt, frame: int) -> np.ndarray:
        data = self._fetch(receipt.frames[frame - receipt.start], receipt.chunk)
        self._is_told = self._is_told or provenance.digital_source_type(data) is not None
        return decode_image(data, deep=False)

    def _frame_rate(self) -> Fraction:
        assert self._plan.rate_fraction is not None, "planning refuses movies without a rate"
        return self._plan.rate_fraction

    def _content(self, name: str) -> str:
        """A deliverable's number: the same for the same frames."""
        return provenance.content_id(self._witness.frames_sha256, name)

    def _tags(self, row: Deliverable, name: str) -> dict[str, str]:
        """What a movie's own metadata say of it."""
        marks = self._plan.marks
        if marks is None:
            return {}
        return provenance.movie_tags(row.container, facts_of(self._plan), marks, content=self._content(name))

    def _publish(self, label: str, path: Path, name: str, notes: tuple[str, ...]) -> Delivered:
        if self._plan.marks is not None:
            provenance.embed_file(path, facts_of(self._plan), self._plan.marks, content=self._content(name))
        size, sha256 = self._output.upload(path, name)
        path.unlink()
        return Delivered(name=label, url=self._output.address(name), files=1, size=size, sha256=sha256, notes=notes)


def sealer_of(plan: Plan, generation: int, truth: Truth, config: Settings) -> Sealer | None:
    """Who signs what is delivered. Raises: ConfigError."""
    signing = config.signing()
    if signing is None or plan.marks is None:
        return None
    return Sealer(plan, plan.marks, generation, truth, signing)
