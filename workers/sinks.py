"""Where painted frames go: picture files, one upload each, and the segments of the movies to be.

Each sink takes frames in order and works in threads of its own; `finish` gives what the receipt says about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from jobs.marks import facts_of
from jobs.records import Blob, Plan
from pipeline import provenance
from pipeline.film.deliverables import EVERY, Deliverable
from pipeline.film.encode import SegmentEncoder
from pipeline.images import encode_jpeg, encode_png, encode_tiff, encode_webp, to_depth
from pipeline.pdf import encode_pdf
from pipeline.provenance.label import stamp
from pipeline.storage.base import Store
from pipeline.stream import Pool, Stopwatch
from workers.edges import Edges

PICTURES: dict[str, Callable[[np.ndarray], bytes]] = {
    "png": lambda pixels: encode_png(to_depth(pixels, deep=False)),
    "png16": lambda pixels: encode_png(to_depth(pixels, deep=True)),
    "tiff": lambda pixels: encode_tiff(to_depth(pixels, deep=True)),
    "jpeg": encode_jpeg,
    "webp-still": encode_webp,
    "pdf": encode_pdf,
}
"""Deliverable made of frames → its encoder."""

Facts = Mapping[str, str]
"""What a picture file says of itself: see pipeline/provenance."""

Mark = Callable[[bytes, Facts | None], bytes]
"""(picture file, what its painter told of it) → the file with what it is to say."""

_Told = tuple[int, np.ndarray, Facts | None]
"""A frame's number, its pixels, and what its file is to say."""


def uploaded(store: Store, path: Path, key: str, watch: Stopwatch) -> Blob:
    """A local file, stored."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with watch.time("upload_s"):
        store.upload(path, key)
    return Blob(key=key, size=path.stat().st_size, sha256=digest)


class Pictures:
    """One picture file a frame, encoded and uploaded by a few threads."""

    def __init__(
        self, store: Store, folder: str, row: Deliverable, *, start: int, threads: int, watch: Stopwatch, mark: Mark
    ) -> None:
        self._store, self._folder, self._row, self._mark = store, folder, row, mark
        self._next = start
        self._watch = watch
        self._pool: Pool[tuple[int, np.ndarray, Facts | None], Blob] = Pool(
            self._write, threads=threads, name=f"write-{row.name}"
        )

    def put(self, pixels: np.ndarray, facts: Facts | None = None) -> None:
        """The next frame, and what its file says of itself."""
        self._pool.put((self._next, pixels, facts))
        self._next += 1

    def _write(self, item: _Told) -> Blob:
        frame, pixels, facts = item
        with self._watch.time(f"{self._row.name}_s"):
            data = PICTURES[self._row.name](pixels)
            if self._row.suffix in provenance.SUFFIXES:
                data = self._mark(data, facts)
            digest = hashlib.sha256(data).hexdigest()
        key = f"{self._folder}/{self._row.name}-{frame:08d}{self._row.suffix}"
        with self._watch.time("upload_s"):
            self._store.put(key, data)
        return Blob(key=key, size=len(data), sha256=digest)

    def finish(self) -> tuple[Blob, ...]:
        """Every picture written, in order."""
        return tuple(self._pool.finish())

    def close(self) -> None:
        """Stop the threads."""
        self._pool.close()


class Segment:
    """One chunk of one movie, encoded as the frames come."""

    def __init__(
        self, store: Store, folder: str, row: Deliverable, rate: Fraction, *, scratch: Path, watch: Stopwatch
    ) -> None:
        self._store, self._key = store, f"{folder}/segment-{row.name}{row.suffix}"
        self._path = scratch / Path(self._key).name
        self._row, self._rate, self._watch = row, rate, watch
        self._encoder: SegmentEncoder | None = None
        # One thread: frames are encoded in order, beside the model and the picture writers.
        self._pool: Pool[np.ndarray, None] = Pool(self._encode, threads=1, name=f"segment-{row.name}")

    def put(self, pixels: np.ndarray, facts: Facts | None = None) -> None:
        """The next frame. Movies say nothing of their frames."""
        self._pool.put(pixels)

    def _encode(self, pixels: np.ndarray) -> None:
        with self._watch.time(f"{self._row.name}_s"):
            if self._encoder is None:
                height, width = pixels.shape[:2]
                self._encoder = SegmentEncoder(self._row, width, height, self._rate, target=self._path)
            self._encoder.write(pixels)

    def finish(self) -> Blob:
        """The segment, stored."""
        self._pool.finish()
        assert self._encoder is not None, "a chunk has at least one frame"
        with self._watch.time(f"{self._row.name}_s"):
            self._encoder.close()
        return uploaded(self._store, self._path, self._key, self._watch)

    def close(self) -> None:
        """Stop the thread, and free the encoder if the chunk was left half-way."""
        self._pool.close()
        if self._encoder is not None:
            self._encoder.close()


@dataclass(frozen=True)
class Written:
    """What a chunk's sinks have stored."""

    frames: tuple[Blob, ...]
    extra: dict[str, tuple[Blob, ...]]
    segments: dict[str, Blob]
    edges: tuple[str, ...]


class Sinks:
    """All that a chunk's frames are written to. Use as a context manager."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        folder: str,
        start: int,
        stop: int,
        *,
        rate: Fraction | None,
        threads: int,
        scratch: Path,
        watch: Stopwatch,
    ) -> None:
        rows = [EVERY[name] for name in plan.deliver]
        kept = EVERY[plan.kept]
        mark = _marking(plan)
        self._plan, self._next = plan, start
        self.edges = Edges(stop - start)
        self.frames = Pictures(store, folder, kept, start=start, threads=threads, watch=watch, mark=mark)
        self.extra = {
            row.name: Pictures(store, folder, row, start=start, threads=threads, watch=watch, mark=mark)
            for row in rows
            if row.made_of == "frames" and row != kept and plan.has_pictures(start, stop)
        }
        self.segments = {
            row.name: Segment(store, folder, row, rate, scratch=scratch, watch=watch)
            for row in rows
            if row.made_of == "segments" and row.name not in plan.clips and rate is not None and start in plan.filmed
        }

    def __enter__(self) -> Sinks:
        return self

    def __exit__(self, *_: object) -> None:
        for sink in self._all():
            sink.close()

    def put(self, pixels: np.ndarray, facts: Facts | None = None) -> None:
        """The next frame goes to every sink, with what its pictures say of themselves, and with its label."""
        # Where a label ends, a film shows no seam.
        self.edges.put(pixels)
        if self._plan.label is not None and self._plan.is_labelled(self._next):
            pixels = stamp(pixels, self._plan.label)
        self._next += 1
        for sink in self._all():
            sink.put(pixels, facts)

    def finish(self) -> Written:
        """Wait until everything is encoded and stored."""
        return Written(
            frames=self.frames.finish(),
            extra={name: sink.finish() for name, sink in self.extra.items()},
            segments={name: sink.finish() for name, sink in self.segments.items()},
            edges=self.edges.finish(),
        )

    def _all(self) -> list[Pictures | Segment]:
        return [self.frames, *self.extra.values(), *self.segments.values()]


def _marking(plan: Plan) -> Mark:
    """What puts into the job's picture files what they are to say."""
    told = facts_of(plan)

    def mark(data: bytes, facts: Facts | None) -> bytes:
        if facts is None and plan.marks is not None:
            return provenance.embed(data, told, plan.marks)
        return provenance.embed(data, facts, plan.marks) if facts else data

    return mark
