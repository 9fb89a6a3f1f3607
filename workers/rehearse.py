"""A canary's stitch: each deliverable is made of its few frames for real, timed, and thrown away.

What a movie takes at all and what it takes a frame are told apart by making it twice: of the frames once, and of the
same frames again and again. So an estimate for a long film is not one for many short ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from jobs import naming
from jobs.config import Settings
from jobs.marks import facts_of
from jobs.records import Blob, Plan, Receipt, Rehearsal, Rehearsed
from jobs.truth import Truth
from pipeline import provenance
from pipeline.errors import IntegrityError
from pipeline.film.animate import animate
from pipeline.film.deliverables import EVERY, Deliverable
from pipeline.film.source import Source
from pipeline.film.stitch import Segment, concatenate
from pipeline.images import decode_image
from pipeline.scratch import scratch_folder
from pipeline.storage import open_store
from pipeline.stream import spread
from workers.lease import Lease
from workers.output import Output
from workers.sound import editing_of
from workers.stitch import sealer_of

_AGAIN = 24
"""Times that a movie's frames are repeated, at most."""

_REPEATED_BYTES = 64_000_000
"""Most bytes of a movie that is made for nothing."""

_ANIMATED = 24
"""Frames of an animation, at most: all of them are decoded, and each is encoded by a single thread."""


def rehearse(plan: Plan, generation: int, truth: Truth, config: Settings, lease: Lease) -> None:
    """Make a canary's deliverables, write down what that took, and remove them.

    Raises: IntegrityError if a receipt is missing; what making and storing deliverables raise.
    """
    begun = time.perf_counter()
    receipts = [receipt for receipt in truth.receipts(plan) if receipt is not None]
    if len(receipts) < len(plan.chunks):
        raise IntegrityError(f"{plan.job}: a receipt is missing")
    for receipt in receipts:
        list(truth.attempted(plan.job, receipt.chunk))
    chunk_s = (time.perf_counter() - begun) / len(receipts)
    target = open_store(plan.output, config.store_options())
    output = Output(target, plan.output, sealer_of(plan, generation, truth, config))
    stage = _Stage(plan, receipts, truth, output, config, lease)
    with scratch_folder("rehearsal") as folder:
        rows = [stage.make(EVERY[name], folder) for name in plan.deliver]
    for entry in list(target.list("")):
        target.delete(entry.key)
    truth.put_rehearsal(plan.job, Rehearsal(rows=tuple(row for row in rows if row is not None), chunk_s=chunk_s))


class _Stage:
    """Where a canary's deliverables are made."""

    def __init__(
        self, plan: Plan, receipts: list[Receipt], truth: Truth, output: Output, config: Settings, lease: Lease
    ) -> None:
        self._plan, self._truth, self._output, self._config, self._lease = plan, truth, output, config, lease
        self._receipts = receipts
        self._filmed = [receipt for receipt in receipts if receipt.start in plan.filmed]

    def make(self, row: Deliverable, folder: Path) -> Rehearsed | None:
        """One deliverable; None if no frame that was rendered goes into it."""
        if naming.is_a_frames(self._plan, row):
            return self._pictures(row)
        if not self._filmed:
            return None
        return self._movie(row, folder) if row.made_of == "segments" else self._animation(row, folder)

    def _pictures(self, row: Deliverable) -> Rehearsed | None:
        blobs = [blob for receipt in self._receipts for blob in self._blobs(row, receipt)]
        if not blobs:
            return None
        begun = time.perf_counter()
        deliver = spread(self._copied, enumerate(blobs), threads=self._config.writers, name=f"deliver-{row.name}")
        size = sum(deliver)
        return Rehearsed(name=row.name, frames=len(blobs), seconds=time.perf_counter() - begun, size=size)

    def _blobs(self, row: Deliverable, receipt: Receipt) -> Iterator[Blob]:
        wanted = self._plan.pictured
        blobs = receipt.frames if row.name == self._plan.kept else receipt.extra.get(row.name, ())
        return (blob for frame, blob in zip(range(receipt.start, receipt.stop), blobs, strict=False) if frame in wanted)

    def _copied(self, item: tuple[int, Blob]) -> int:
        number, blob = item
        name = f"{number}-{Path(blob.key).name}"
        self._lease.check(0, "trying how long stitching takes")
        return self._output.picture(self._truth.store, blob, name, fetch=partial(self._truth.store.get, blob.key)).size

    def _movie(self, row: Deliverable, folder: Path) -> Rehearsed:
        receipt = max(self._filmed, key=lambda each: each.stop - each.start)
        frames, blob = receipt.stop - receipt.start, receipt.segments[row.name]
        source = self._plan.inputs.get("source")
        # The sound of a film that were longer than its source would be no sound.
        room = source["frames"] // frames if source else _AGAIN
        often = max(1, min(_AGAIN, room, _REPEATED_BYTES // max(1, blob.size)))
        joined = partial(self._joined, row, blob, frames, folder, first=receipt.start)
        once_s, size = joined(times=1)
        if often == 1:
            return Rehearsed(name=row.name, frames=frames, seconds=once_s, size=size)
        all_s, size = joined(times=often)
        seconds = max(0.0, all_s - once_s) * often / (often - 1)
        return Rehearsed(
            name=row.name, frames=often * frames, seconds=seconds, fixed_s=max(0.0, all_s - seconds), size=size
        )

    def _joined(
        self, row: Deliverable, blob: Blob, frames: int, folder: Path, *, first: int, times: int
    ) -> tuple[float, int]:
        """Seconds and bytes of a movie of one segment, so many times."""
        plan, source = self._plan, self._plan.inputs.get("source")
        path = folder / f"{times}{row.suffix}"

        def read() -> BinaryIO:
            self._lease.check(0, "trying how long stitching takes")
            return BytesIO(self._truth.store.get(blob.key))

        begun = time.perf_counter()
        concatenate(
            [Segment(name=blob.key, frames=frames, open=read)] * times,
            path,
            deliverable=row,
            source=Source.model_validate(source) if source else None,
            first=int(plan.inputs.get("offset", 0)) + (first if times == 1 else 0),
            rate=Fraction(plan.rate or 1),
            options=self._config.store_options(),
            editing=editing_of(plan, self._truth, folder),
        )
        if plan.marks is not None:
            provenance.embed_file(path, facts_of(plan), plan.marks, content=provenance.content_id("", path.name))
        size, _ = self._output.upload(path, f"{row.name}-{path.name}")
        path.unlink()
        return time.perf_counter() - begun, size

    def _animation(self, row: Deliverable, folder: Path) -> Rehearsed:
        receipt = max(self._filmed, key=lambda each: each.stop - each.start)
        blobs = receipt.frames[:_ANIMATED]
        path = folder / f"animation{row.suffix}"
        begun = time.perf_counter()
        animate(self._frames(blobs), path, deliverable=row, rate=Fraction(self._plan.rate or 1))
        size, _ = self._output.upload(path, path.name)
        return Rehearsed(name=row.name, frames=len(blobs), seconds=time.perf_counter() - begun, size=size)

    def _frames(self, blobs: tuple[Blob, ...]) -> Callable[[], Iterator[np.ndarray]]:
        def frames() -> Iterator[np.ndarray]:
            for blob in blobs:
                yield decode_image(self._truth.store.get(blob.key), deep=False)
                self._lease.check(0, "trying how long stitching takes")

        return frames
