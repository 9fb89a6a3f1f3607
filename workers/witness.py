"""What a job's receipts say together, gathered in one pass, one receipt at a time, for its certificate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from jobs.cache import note
from jobs.certificate import ChunkRow, FrameRow, WorkerRow
from jobs.records import Plan, Receipt
from pipeline.film.seams import EDGE, PASSED, seam_score, unpacked
from workers.software import software


class Witness:
    """Sees each receipt that counts, in order, and keeps what the certificate needs: about 200 bytes a frame."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.frames: list[FrameRow] = []
        self.chunks: list[ChunkRow] = []
        self.bad: dict[int, str] = {}
        """Frames as people number them, and why they could not be painted."""
        self.compute_s = 0.0
        self.recalled = 0
        self._told: list[str] = []
        self._workers: dict[tuple[str, str, str, int], list[int]] = {}
        self._software: list[dict[str, str]] = []
        self._tails: list[np.ndarray] = []
        self._cuts = frozenset(plan.inputs.get("shots") or ())

    def see(self, receipt: Receipt, digest: str, *, attempts: int) -> None:
        """The next chunk's receipt and the SHA-256 of its bytes. Raises: IntegrityError if its edges are damaged."""
        number = self._plan.number
        self.frames += [
            (number(frame), blob.size, blob.sha256) for frame, blob in enumerate(receipt.frames, receipt.start)
        ]
        self.bad |= {number(frame): why for frame, why in sorted(receipt.bad.items())}
        self.compute_s += receipt.timings.get("wall_s", 0.0)
        self.recalled += receipt.recalled
        self._told += receipt.notes
        self.chunks.append(
            ChunkRow(
                chunk=receipt.chunk,
                frames=(number(receipt.start), number(receipt.stop - 1)),
                generation=receipt.generation,
                receipt=digest,
                worker=self._worker(receipt),
                attempts=attempts,
                history=receipt.history,
                recalled=receipt.recalled,
                seam=self._seam(receipt),
            )
        )

    @property
    def frames_sha256(self) -> str:
        """One number for all the pictures."""
        whole = hashlib.sha256()
        for _, _, sha256 in self.frames:
            whole.update(bytes.fromhex(sha256))
        return whole.hexdigest()

    @property
    def workers(self) -> tuple[WorkerRow, ...]:
        """Who painted how many chunks."""
        return tuple(
            WorkerRow(worker=name, device=device, precision=precision, chunks=len(chunks), software=versions)
            for (name, device, precision, versions), chunks in self._workers.items()
        )

    @property
    def software(self) -> tuple[dict[str, str], ...]:
        """The workers' versions, and this process's."""
        return (*self._software, software())

    @property
    def seams(self) -> list[tuple[int, float]]:
        """First frame after each boundary that was judged, as people number it, and the boundary's score."""
        return [(row.frames[0], row.seam) for row in self.chunks if row.seam is not None]

    def notes(self) -> Iterator[str]:
        """What people should be told, and the plan does not tell already."""
        yield from (told for told in dict.fromkeys(self._told) if told not in self._plan.notes)
        if found := note(self.recalled, self._plan.frames):
            yield found
        yield from self._losses()
        seen = sorted(((score, number) for number, score in self.seams if score > PASSED), reverse=True)
        if seen:
            worst = f"frame {seen[0][1]}, score {seen[0][0]:g}"
            yield f"a seam may be seen before {worst}" if len(seen) == 1 else f"{len(seen)} seams may be seen; {worst}"

    def _losses(self) -> Iterator[str]:
        """What could not be painted, and what is there instead."""
        if self._plan.manifest:
            # No file is in its place. The painter's own sentence says which one it was, and often is that of several.
            lost = dict.fromkeys(f"left out: {why}" for why in self.bad.values())
            yield from (told for told in lost if told not in self._plan.notes)
            return
        for number, why in self.bad.items():
            yield f"frame {number} could not be painted and repeats its neighbour: {why}"

    def _worker(self, receipt: Receipt) -> int:
        if receipt.software not in self._software:
            self._software.append(receipt.software)
        key = (receipt.worker, receipt.device, receipt.precision, self._software.index(receipt.software))
        self._workers.setdefault(key, []).append(receipt.chunk)
        return list(self._workers).index(key)

    def _seam(self, receipt: Receipt) -> float | None:
        """Score of the boundary before this chunk; None where there is nothing to compare."""
        heads, tails = _ends(receipt)
        before, self._tails = self._tails, tails
        if (
            self._plan.rate is None
            or self._plan.clips
            or receipt.start in self._cuts
            or receipt.start <= self._plan.film_begins
        ):
            return None
        return seam_score(before, heads)


def _ends(receipt: Receipt) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Small copies of a chunk's first and last frames. None of a bad one: it only repeats its neighbour."""
    if any(frame < receipt.start + EDGE or frame >= receipt.stop - EDGE for frame in receipt.bad):
        return [], []
    copies = [unpacked(text) for text in receipt.edges]
    half = len(copies) // 2
    return copies[:half], copies[half:]
