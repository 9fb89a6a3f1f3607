"""Jobs whose chunks are done, without workers: ready to be stitched, and stitched in this process."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

import numpy as np

from jobs.config import Settings
from jobs.records import Blob, Plan, Receipt, Result
from jobs.truth import Truth
from jobs.verify import Verdict, verify_job
from pipeline import provenance
from pipeline.images import encode_png
from pipeline.storage import open_store
from tests.media import numbered_picture
from workers.edges import Edges
from workers.lease import Lease
from workers.software import software
from workers.stitch import Stitcher


class Unhurried:
    """A lease that nobody wants."""

    def check(self, frames: int, note: str = "") -> None:
        """Go on."""


class Job:
    """Six frames in three chunks, numbered from 1 and delivered as PNG, below one folder."""

    def __init__(self, folder: Path, *, settings: dict[str, str] | None = None, **changes: Any) -> None:
        self.folder, self.output = folder, folder / "out"
        self.config = Settings.model_validate({"store": str(folder / "store"), "writers": 2, **(settings or {})})
        self.truth = Truth(open_store(self.config.store, self.config.store_options()))
        fields = {
            "job": "film-1",
            "kind": "film",
            "priority": 5,
            "queue": "gpu",
            "fingerprint": "f",
            "frames": 6,
            "first": 1,
            "chunks": ((0, 2), (2, 4), (4, 6)),
            "deliver": ("png",),
            "output": str(self.output),
            "stem": "film",
            "rate": "24",
            "inputs": {"seed": 7},
        }
        self.plan = Plan.model_validate(fields | changes)
        self.truth.accept(self.plan, {"kind": "film"})
        for chunk in range(3):
            self.render(chunk)

    def render(
        self, chunk: int, *, generation: int = 1, token: int = 1, bad: dict[int, str] | None = None, shift: int = 0
    ) -> Receipt:
        """Do a worker's part; pictures are those of the frames `shift` further on."""
        start, stop = self.plan.chunks[chunk]
        edges = Edges(stop - start)
        pictures = [_picture(frame + shift) for frame in range(start, stop)]
        for pixels in pictures:
            edges.put(pixels)
        receipt = Receipt(
            job=self.plan.job,
            chunk=chunk,
            generation=generation,
            start=start,
            stop=stop,
            token=token,
            worker="a",
            device="cpu",
            frames=tuple(self._stored(chunk, token, n, pixels) for n, pixels in enumerate(pictures, start)),
            bad=bad or {},
            edges=edges.finish(),
            software=software(),
        )
        self.truth.put_receipt(receipt)
        return receipt

    def _stored(self, chunk: int, token: int, frame: int, pixels: np.ndarray) -> Blob:
        data = encode_png(pixels)
        if self.plan.marks is not None:
            data = provenance.embed(data, {"kind": self.plan.kind}, self.plan.marks)
        key = f"{Truth.attempt(self.plan.job, chunk, token)}/png-{frame:08d}.png"
        self.truth.store.put(key, data)
        return Blob(key=key, size=len(data), sha256=hashlib.sha256(data).hexdigest())

    def stitcher(self, *, generation: int = 1, truth: Truth | None = None) -> Stitcher:
        """Somebody who stitches the job."""
        lease = cast(Lease, Unhurried())
        return Stitcher(self.plan, generation, truth or self.truth, self.config, lease)

    def stitch(self, *, generation: int = 1) -> Result:
        """Stitch the job."""
        return self.stitcher(generation=generation).stitch()

    def verify(self) -> Verdict:
        """Check everything of it."""
        return verify_job(self.plan.job, self.truth, self.config.store_options())


def _picture(frame: int) -> np.ndarray:
    """A picture that becomes lighter by one code a frame, (36, 64, 3) uint8."""
    return (numbered_picture(0, 64, 36) // 2 + frame).astype(np.uint8)
