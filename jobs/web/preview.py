"""The growing film of a job: what is painted so far, small, in order and without gaps.

It is made of parts of a second each, which are kept: when more is painted, only the parts that changed are made again.
A long film is shown by every nth of its frames, the same ones from first to last, so that it never lasts longer than
some seconds and its parts stay true.
"""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np
from av.error import FFmpegError

from jobs.marks import facts_of
from jobs.records import Blob, Plan, Receipt
from jobs.web.memory import Memory
from jobs.web.records import KnownTruth
from jobs.web.shelves import DiskCache
from jobs.web.walls import BAD, DONE, REDONE, Walls
from pipeline import provenance
from pipeline.errors import MediaError, ObjectNotFound
from pipeline.film.colour import Colours
from pipeline.film.deliverables import Deliverable
from pipeline.film.encode import SegmentEncoder
from pipeline.film.geometry import even_size
from pipeline.film.stitch import Segment, concatenate
from pipeline.images import decode_image
from pipeline.stream import spread

LONGEST_S = 20
"""Seconds that a film lasts at most."""

LARGEST_PX = 640
"""A side of it."""

_SLIDES_A_S = Fraction(2)
"""Pictures a second where they are no film's."""

_A_PART = 24
"""Frames."""

_FRESH_S = 4.0
"""However fast a job is painted, its film is not made more often."""

_THREADS = 2
"""Parts that are made side by side."""

_DECODED = ("h264", "h264-mkv", "hevc", "av1")
"""Segments that are quicker to decode than the same frames' pictures, the quickest first."""

_WORTH = 4
"""A segment is decoded if one in so many of its frames is wanted."""

_WAY = Deliverable(
    name="preview",
    made_of="segments",
    suffix=".mp4",
    container="mp4",
    codec="libx264",
    pix_fmt="yuv420p",
    options={"preset": "veryfast", "crf": "26", "x264-params": "repeat-headers=1:open-gop=0:keyint=48"},
    reorder=2,
)


@dataclass(frozen=True)
class Outline:
    """Which frames of a job its film shows."""

    grid: Sequence[int]
    """Of all frames, counted from 0, those that are shown once they are painted."""
    step: int
    """One in so many."""
    rate: Fraction
    """Frames a second."""
    painted: tuple[int, ...]
    """Those of the grid that are painted."""
    version: int
    """The wall's."""

    @property
    def seconds(self) -> float:
        """How long the film is now."""
        return float(len(self.painted) / self.rate)


@dataclass(frozen=True)
class Made:
    """A film that was made."""

    path: Path
    tag: str
    """Changes when the film does."""
    outline: Outline


class Previews:
    """Makes the films of jobs, and keeps them. Any threads may use it; a job's films are made one after the other."""

    def __init__(self, truth: KnownTruth, walls: Walls, *, fresh_s: float = _FRESH_S) -> None:
        """`fresh_s`: how old a film may be to be shown as it is."""
        self._truth, self._walls = truth, walls
        self._fresh: Memory[Made] = Memory(256, lasts_s=fresh_s)
        self._newest: Memory[Made] = Memory(256, lasts_s=3600)
        self._canvases: Memory[tuple[int, int]] = Memory(1024, lasts_s=86_400)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.is_closing = False

    def outline(self, plan: Plan) -> Outline:
        """What a job's film shows now. Raises: JobNotFound, StorageUnavailable, QueueUnavailable."""
        wall = self._walls.look(plan.job)
        moves = plan.rate_fraction is not None and not plan.clips
        shown = plan.filmed if moves else plan.pictured
        rate = plan.rate_fraction if moves and plan.rate_fraction is not None else _SLIDES_A_S
        step = max(1, -(-len(shown) // int(LONGEST_S * rate)))
        grid = shown[::step]
        painted = tuple(frame for frame in grid if wall.states[plan.chunk_of(frame)] in (DONE, REDONE, BAD))
        return Outline(grid, step, rate, painted, wall.version)

    def newest(self, plan: Plan) -> Made | None:
        """The film that was made last, if it is still there."""
        found = self._newest.peek(plan.job)
        return found if found is not None and found.path.exists() else None

    def make(self, plan: Plan, cache: DiskCache) -> Made:
        """The job's film as it is now, or was some seconds ago.

        Raises: ObjectNotFound if nothing of it can be shown yet; StorageUnavailable, StorageFull, QueueUnavailable.
        """
        with self._locks[plan.job]:
            fresh = self._fresh.peek(plan.job)
            if fresh is not None and fresh.path.exists():
                return fresh
            made = self._joined(plan, self.outline(plan), cache)
            self._fresh.put(plan.job, made)
            self._newest.put(plan.job, made)
            return made

    def _joined(self, plan: Plan, outline: Outline, cache: DiskCache) -> Made:
        receipts = self._receipts(plan, outline.painted)
        painted = [frame for frame in outline.painted if plan.chunk_of(frame) in receipts]
        canvas = self._canvas(plan, painted, receipts)
        groups = [group for group in _grouped(painted, outline) if group]
        maker = _Parts(plan, receipts, self._truth, cache, canvas=canvas, rate=outline.rate)
        parts = [
            part
            for part in spread(
                lambda group: None if self.is_closing else maker.part(group), groups, threads=_THREADS, name="preview"
            )
            if part is not None
        ]
        if not parts:
            raise _nothing(plan)
        tag = hashlib.sha256("\n".join(name for name, _, _ in parts).encode()).hexdigest()
        path = cache.find(f"{tag}.mp4")
        if path is None:
            with TemporaryDirectory(dir=cache.folder) as folder:
                target = Path(folder) / "film.mp4"
                segments = [Segment.of_file(part, frames) for _, part, frames in parts]
                concatenate(segments, target, deliverable=_WAY, rate=outline.rate, tags=_tags(plan, tag))
                path = cache.take(target, f"{tag}.mp4")
        return Made(path, tag, outline)

    def _receipts(self, plan: Plan, frames: Sequence[int]) -> dict[int, Receipt]:
        chunks = sorted({plan.chunk_of(frame) for frame in frames})
        read = spread(lambda n: self._truth.newest_receipt(plan.job, n), chunks, threads=8, name="receipts")
        return {
            chunk: receipt
            for chunk, receipt in zip(chunks, read, strict=True)
            if receipt is not None and receipt.frames
        }

    def _canvas(self, plan: Plan, painted: Sequence[int], receipts: dict[int, Receipt]) -> tuple[int, int]:
        """Width and height of the film: the shape of the first frame that can be seen."""
        known = self._canvases.peek(plan.job)
        if known is not None:
            return known
        for frame in painted:
            try:
                pixels = _decoded(self._truth, _blob(receipts[plan.chunk_of(frame)], frame))
            except ObjectNotFound:
                continue
            height, width = pixels.shape[:2]
            scale = min(1.0, LARGEST_PX / max(height, width))
            canvas = even_size(max(2, int(width * scale)), max(2, int(height * scale)))
            self._canvases.put(plan.job, canvas)
            return canvas
        raise _nothing(plan)


class _Parts:
    """Makes the parts of one film."""

    def __init__(
        self,
        plan: Plan,
        receipts: dict[int, Receipt],
        truth: KnownTruth,
        cache: DiskCache,
        *,
        canvas: tuple[int, int],
        rate: Fraction,
    ) -> None:
        self._plan, self._receipts, self._truth, self._cache = plan, receipts, truth, cache
        self._canvas, self._rate = canvas, rate

    def part(self, frames: Sequence[int]) -> tuple[str, Path, int] | None:
        """A part's name, where it lies, and how many frames it has; None if none of them can be seen."""
        name = self._name(frames)
        path = self._cache.find(name)
        if path is not None and (count := _count(path)):
            return name, path, count
        with TemporaryDirectory(dir=self._cache.folder) as folder:
            target = Path(folder) / "part.mp4"
            with SegmentEncoder(_WAY, *self._canvas, self._rate, target=target) as encoder:
                for pixels in self._pixels(frames):
                    encoder.write(_fitted(pixels, *self._canvas))
            if not encoder.frames:
                return None
            return name, self._cache.take(target, name), encoder.frames

    def _name(self, frames: Sequence[int]) -> str:
        digests = (_blob(self._receipts[self._plan.chunk_of(frame)], frame).sha256 for frame in frames)
        told = "\n".join((*digests, *map(str, self._canvas), str(self._rate)))
        return f"{hashlib.sha256(told.encode()).hexdigest()}-part.mp4"

    def _pixels(self, frames: Sequence[int]) -> Iterator[np.ndarray]:
        """The frames in order, as far as they can be seen; each may have a size of its own."""
        by_chunk: defaultdict[int, list[int]] = defaultdict(list)
        for frame in frames:
            by_chunk[self._plan.chunk_of(frame)].append(frame)
        for chunk, wanted in by_chunk.items():
            receipt = self._receipts[chunk]
            found = self._of_segment(receipt, wanted)
            for frame in wanted:
                if frame in found:
                    yield found[frame]
                    continue
                try:
                    yield _decoded(self._truth, _blob(receipt, frame))
                except ObjectNotFound:
                    # The film does without it; who looks at the frame is told why.
                    continue

    def _of_segment(self, receipt: Receipt, wanted: Sequence[int]) -> dict[int, np.ndarray]:
        """Those of the frames that the chunk's segment shows, if it is worth while to decode it."""
        names = [name for name in _DECODED if name in receipt.segments]
        if not names or len(wanted) * _WORTH < receipt.stop - receipt.start:
            return {}
        blob, width, height = receipt.segments[names[0]], *self._canvas
        places, last, colours = (
            {frame - receipt.start: frame for frame in wanted},
            wanted[-1] - receipt.start,
            Colours(),
        )
        found: dict[int, np.ndarray] = {}
        try:
            data = _fetched(self._truth, blob)
            with av.open(BytesIO(data), "r") as container:
                for place, frame in enumerate(container.decode(video=0)):
                    if place in places:
                        found[places[place]] = colours.pixels(frame, width, height)
                    if place >= last:
                        break
        except (FFmpegError, ObjectNotFound):
            return {}
        return found


def _grouped(painted: Sequence[int], outline: Outline) -> Iterator[list[int]]:
    """The frames by parts: the same frames of the grid always share one."""
    place = {frame: at for at, frame in enumerate(outline.grid)}
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for frame in painted:
        groups[place[frame] // _A_PART].append(frame)
    yield from (groups[number] for number in sorted(groups))


def _fitted(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """The picture within width x height, on black where its shape is another."""
    own_height, own_width = pixels.shape[:2]
    if (own_width, own_height) == (width, height):
        return pixels
    scale = min(width / own_width, height / own_height)
    inner = max(1, min(width, round(own_width * scale))), max(1, min(height, round(own_height * scale)))
    small = cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    canvas = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas[top : top + inner[1], left : left + inner[0]] = small
    return canvas


def _blob(receipt: Receipt, frame: int) -> Blob:
    return receipt.frames[frame - receipt.start]


def _decoded(truth: KnownTruth, blob: Blob) -> np.ndarray:
    try:
        return decode_image(_fetched(truth, blob), where=blob.key)
    except MediaError as error:
        raise ObjectNotFound(str(error)) from error


def _fetched(truth: KnownTruth, blob: Blob) -> bytes:
    data = truth.store.get(blob.key)
    if hashlib.sha256(data).hexdigest() != blob.sha256:
        raise ObjectNotFound(f"{blob.key} is damaged: it is not what its receipt says")
    return data


def _count(path: Path) -> int:
    """Frames of a part; 0 if it is damaged."""
    try:
        with av.open(str(path), "r") as container:
            return container.streams.video[0].frames
    except (FFmpegError, IndexError):
        return 0


def _tags(plan: Plan, tag: str) -> dict[str, str]:
    """What the film says of itself, as all does that leaves."""
    if plan.marks is None:
        return {}
    content = provenance.content_id(tag, "preview.mp4")
    return provenance.movie_tags(_WAY.container, facts_of(plan), plan.marks, content=content)


def _nothing(plan: Plan) -> ObjectNotFound:
    return ObjectNotFound(f"nothing of {plan.job} is painted yet")
