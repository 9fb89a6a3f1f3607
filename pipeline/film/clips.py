"""Clips: short movies and animations that one process makes whole, from frames that it paints, as a poster's are.

Films are made of segments by many workers: see encode.py and stitch.py. A clip goes through the same encoders and the
same joining, so that its files are as a film's are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from pipeline.errors import MediaError
from pipeline.film.animate import animate
from pipeline.film.changes import check_frame
from pipeline.film.deliverables import DELIVERABLES, Deliverable
from pipeline.film.encode import SegmentEncoder
from pipeline.film.geometry import even_size
from pipeline.film.sound_edits import Editing
from pipeline.film.spool import Spool
from pipeline.film.stitch import Segment, concatenate
from pipeline.scratch import scratch_folder


@dataclass(frozen=True)
class ClipReport:
    """What was written."""

    frames: int
    """Of those that were given, as many as are shown."""
    duration_s: Fraction
    width: int
    """Pixels of the file: even where its codec wants that, fewer where it had to become smaller."""
    height: int
    size: int
    """Bytes."""
    notes: tuple[str, ...] = ()
    """What people should be told: what was given up to keep within a size."""


def encode_clip(
    frames: Iterable[np.ndarray],
    target: Path,
    *,
    deliverable: Deliverable,
    rate: Fraction,
    most_bytes: int | None = None,
    loop: bool = True,
) -> ClipReport:
    """Write the frames as one movie or animation. As `encode_clips`, which see."""
    limits = {} if most_bytes is None else {deliverable.name: most_bytes}
    return encode_clips(frames, {deliverable.name: target}, rate=rate, most_bytes=limits, loop=loop)[deliverable.name]


def encode_clips(
    frames: Iterable[np.ndarray],
    targets: Mapping[str, Path],
    *,
    rate: Fraction,
    most_bytes: Mapping[str, int] | None = None,
    loop: bool = True,
    editing: Editing | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> dict[str, ClipReport]:
    """Write the frames to several files, by the names of their deliverables; each frame is asked for once.

    `frames`: (H, W, 3) uint8 sRGB of one size; the next may be painted over the one before. `rate`: frames per second.
    `most_bytes`: how large an animation may become, by its deliverable. `loop`: whether animations repeat for ever;
    with movies that is their player's matter. `editing`: what is heard with movies; silence without it. `pulse` is
    called again and again while animations are made, which begins when all frames were taken. The same frames give the
    same bytes. If it fails, nothing is left at any target.
    Raises: MediaError if there are no frames, or of two sizes, or if they cannot be written so, or not that small;
    StorageFull, StorageUnavailable, AccessDenied; whatever `frames` and `pulse` raise.
    """
    limits = dict(most_bytes or {})
    rows = _rows(targets, limits)
    try:
        with scratch_folder("clip") as folder, ExitStack() as closing:
            taking = _Taking(rows, rate, folder, closing)
            for pixels in frames:
                taking.take(pixels)
            taking.finish()
            made: dict[str, ClipReport] = {}
            for row in rows:
                pulse()
                if row.made_of == "segments":
                    made[row.name] = taking.movie(row, targets[row.name], editing)
                else:
                    most = limits.get(row.name)
                    made[row.name] = taking.animation(row, targets[row.name], most_bytes=most, loop=loop, pulse=pulse)
            return made
    except BaseException:
        for path in targets.values():
            path.unlink(missing_ok=True)
        raise


def _rows(targets: Mapping[str, Path], limits: Mapping[str, int]) -> list[Deliverable]:
    rows = [DELIVERABLES[name] for name in targets]
    if pictures := [row.name for row in rows if row.made_of == "frames"]:
        raise MediaError(f"deliverable {pictures[0]!r} is of single pictures, and no clip")
    animations = [row.name for row in rows if row.made_of == "animation"]
    if others := [name for name in limits if name not in animations]:
        raise MediaError(f"deliverable {others[0]!r} cannot be kept within a size; only {', '.join(animations)} can")
    return rows


class _Taking:
    """The one pass over the frames: movies are encoded as they come, and animations get them from a spool."""

    def __init__(self, rows: list[Deliverable], rate: Fraction, folder: Path, closing: ExitStack) -> None:
        self._rate, self._folder, self._closing = rate, folder, closing
        self._movies = [row for row in rows if row.made_of == "segments"]
        self._encoders: dict[str, SegmentEncoder] = {}
        self._spool: Spool | None = None
        if len(self._movies) < len(rows):
            self._spool = closing.enter_context(Spool(folder / "frames"))
        self._shape: tuple[int, ...] | None = None
        self._frames = 0

    def take(self, pixels: np.ndarray) -> None:
        check_frame(pixels, self._shape, self._frames)
        if self._shape is None:
            self._shape = pixels.shape
            self._encoders = {row.name: self._closing.enter_context(self._encoder(row)) for row in self._movies}
        for encoder in self._encoders.values():
            encoder.write(pixels)
        if self._spool is not None:
            self._spool.put(pixels)
        self._frames += 1

    def _encoder(self, row: Deliverable) -> SegmentEncoder:
        assert self._shape is not None
        return SegmentEncoder(row, self._shape[1], self._shape[0], self._rate, target=self._segment(row))

    def _segment(self, row: Deliverable) -> Path:
        return self._folder / f"{row.name}{row.suffix}"

    def finish(self) -> None:
        if not self._frames:
            raise MediaError("a clip has at least one frame, and none was given")
        for encoder in self._encoders.values():
            encoder.close()

    def movie(self, row: Deliverable, target: Path, editing: Editing | None) -> ClipReport:
        """Joined with nothing, the segment gets the times and the place of the index that films have."""
        segment = Segment.of_file(self._segment(row), self._frames)
        made = concatenate([segment], target, deliverable=row, rate=self._rate, editing=editing)
        self._segment(row).unlink()
        assert self._shape is not None
        height, width = self._shape[:2]
        width, height = even_size(width, height) if row.even else (width, height)
        return ClipReport(made.frames, made.duration_s, width, height, target.stat().st_size, made.notes)

    def animation(
        self, row: Deliverable, target: Path, *, most_bytes: int | None, loop: bool, pulse: Callable[[], None]
    ) -> ClipReport:
        spool = self._spool
        assert spool is not None

        def frames() -> Iterator[np.ndarray]:
            for pixels in spool.read():
                pulse()
                yield pixels

        made = animate(frames, target, deliverable=row, rate=self._rate, most_bytes=most_bytes, loop=loop)
        return ClipReport(made.frames, made.duration_s, made.width, made.height, target.stat().st_size, made.notes)
