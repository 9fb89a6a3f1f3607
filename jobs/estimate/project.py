"""From what some frames took to what a job will take: hours, bytes, and how far off that may be. Pure arithmetic.

A chunk of n frames takes `overhead + n * frame` seconds: a frame that is rendered alone and a run of neighbours give
the two unknowns. The nine frames say how much frames differ, and so how well nine stand for all.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, stdev

from jobs.estimate.choose import Part, lead_in
from jobs.records import Plan, Receipt, Rehearsal
from pipeline.film.deliverables import EVERY

_CERTAINTY = 1.86
"""Student's t of 9 values, two-sided 90 %: how many standard errors the mean of all frames may lie from theirs."""

_MACHINE = 0.10
"""How far two measurements of the same work lie apart on one machine, which no number of frames tells."""

_NOT_WORK = ("wall_s", "cold_s", "decode_s", "upload_s")
"""Stages that say nothing of what is in a frame: seeking in the source, for one, depends on where it is."""


@dataclass(frozen=True)
class Pace:
    """What the frames of one part of a job take of a worker."""

    part: Part
    overhead_s: float
    """What a chunk takes besides its frames."""
    frame_s: float
    """What a frame takes among others, as the middle one of those rendered."""
    ratios: tuple[float, ...]
    """What each frame that was rendered alone took, by the middle one."""
    margin: float
    """How far the mean of all frames may lie from that of these, as a share of it."""

    @property
    def mean_s(self) -> float:
        """What a frame takes in the mean."""
        return self.frame_s * fmean(self.ratios)

    def chunk_s(self, frames: int) -> float:
        """Worker seconds of a chunk of so many frames, those that lead in to it included."""
        return self.overhead_s + frames * self.mean_s


def work_s(receipt: Receipt) -> float:
    """Seconds of threads that a rendering spent on what is in its frames."""
    return sum(seconds for stage, seconds in receipt.timings.items() if stage not in _NOT_WORK)


def pace(part: Part, plan: Plan, alone: Sequence[Receipt], runs: Sequence[Receipt]) -> Pace:
    """What frames of a part take, by some of them rendered alone and some runs of neighbours.

    Without runs, `alone` are all of the job's own chunks.
    """
    ratios = _ratios(plan, alone)
    few = _frames(plan, alone) / len(alone)
    alone_s = median(_wall_s(receipt) for receipt in alone)
    if not runs:
        frame_s = sum(map(_wall_s, alone)) / sum(receipt.stop - receipt.start for receipt in alone)
        return Pace(part, 0.0, frame_s / fmean(ratios), ratios, 0.0)
    many, run_s = _frames(plan, runs) / len(runs), fmean(map(_wall_s, runs))
    frame_s = (run_s - alone_s) / (many - few) if many > few else 0.0
    overhead_s = alone_s - few * frame_s
    if frame_s <= 0 or overhead_s < 0:
        # Too quick to tell them apart.
        frame_s, overhead_s = run_s / many, 0.0
    return Pace(part, overhead_s, frame_s, ratios, _margin(ratios, part.frames))


def _frames(plan: Plan, receipts: Sequence[Receipt]) -> int:
    """Frames that were painted, those that lead in included."""
    return sum(receipt.stop - receipt.start + lead_in(plan, receipt.start) for receipt in receipts)


def _wall_s(receipt: Receipt) -> float:
    return receipt.timings["wall_s"]


def _ratios(plan: Plan, alone: Sequence[Receipt]) -> tuple[float, ...]:
    each = [work_s(receipt) / _frames(plan, [receipt]) for receipt in alone]
    middle = median(each)
    return tuple(one / middle for one in each) if middle else (1.0,) * len(each)


def _margin(ratios: Sequence[float], frames: int) -> float:
    """Of the mean of nine: it shrinks as they become all there are."""
    if len(ratios) < 2:
        return 0.0
    unseen = 1 - min(1.0, len(ratios) / frames)
    return _CERTAINTY * stdev(ratios) / fmean(ratios) * math.sqrt(unseen / len(ratios))


@dataclass(frozen=True)
class Bytes:
    """How much of something there will be."""

    size: int
    files: int


@dataclass(frozen=True)
class Estimate:
    """What a job will take."""

    plan: Plan
    paces: tuple[Pace, ...]
    start_s: float
    """What each worker takes once, before its first frame: loading models, and coming up if it is not up yet."""
    stitch_s: float
    store: dict[str, Bytes]
    """What lies in the store until the job is removed: frames, segments, and further pictures by their deliverable."""
    delivered: dict[str, Bytes]
    device: str
    memory: int
    """Most bytes that a worker held."""
    device_memory: int
    frames_rendered: int
    is_whole: bool
    """Whether every frame was rendered."""
    delivering: dict[str, float] = field(default_factory=dict)
    """What of `stitch_s` each deliverable takes; the rest is looking at what is to be stitched."""

    @property
    def margin(self) -> float:
        """How far all this may be off, as a share of it."""
        frames = sum(pace.part.frames for pace in self.paces)
        spread = sum(pace.margin * pace.part.frames for pace in self.paces) / frames
        return math.hypot(spread, _MACHINE)

    @property
    def render_s(self) -> float:
        """Worker seconds of all chunks."""
        return sum(self._chunks())

    @property
    def worker_s(self) -> float:
        """What is paid for, if one worker makes it."""
        return self.render_s + self.start_s + self.stitch_s

    @property
    def stages(self) -> dict[str, float]:
        """What `worker_s` is made of, stage by stage: coming up, rendering each part, stitching each deliverable."""
        painted = [sum(self._chunks_of(pace)) for pace in self.paces]
        names = ["render"] if len(painted) == 1 else ["render pictures", "render film"]
        rest = {"stitch": max(0.0, self.stitch_s - sum(self.delivering.values()))}
        delivered = {f"stitch {name}": seconds for name, seconds in self.delivering.items()}
        return {"start": self.start_s, **dict(zip(names, painted, strict=True)), **rest, **delivered}

    def paid_s(self, workers: int) -> float:
        """Worker seconds with so many workers, each of which comes up once."""
        return self.worker_s + self.start_s * (min(workers, len(self.plan.chunks)) - 1)

    @property
    def frames_per_hour(self) -> float:
        """What one worker renders."""
        return 3600 * self.plan.frames / self.render_s

    def hours(self, workers: int) -> float:
        """From submission to result, with so many workers, each chunk given to the next one that is free."""
        busy = [0.0] * min(workers, len(self.plan.chunks))
        for seconds in self._chunks():
            heapq.heapreplace(busy, busy[0] + seconds)
        return (self.start_s + max(busy) + self.stitch_s) / 3600

    def price(self, per_hour: float) -> float:
        """At what a worker costs an hour."""
        return self.worker_s / 3600 * per_hour

    def _chunks(self) -> list[float]:
        return [seconds for pace in self.paces for seconds in self._chunks_of(pace)]

    def _chunks_of(self, pace: Pace) -> list[float]:
        chunks = pace.part.chunks(self.plan)
        return [pace.chunk_s(stop - start + lead_in(self.plan, start)) for start, stop in chunks]


def stitch_s(plan: Plan, rehearsal: Rehearsal) -> float:
    """Seconds to make all deliverables of all frames."""
    return len(plan.chunks) * rehearsal.chunk_s + sum(delivering(plan, rehearsal).values())


def delivering(plan: Plan, rehearsal: Rehearsal) -> dict[str, float]:
    """Seconds to make each deliverable of all its frames."""
    return {row.name: row.fixed_s + row.seconds / row.frames * _frames_of(plan, row.name) for row in rehearsal.rows}


def _frames_of(plan: Plan, name: str) -> int:
    """How many frames a deliverable is made of."""
    is_pictures = EVERY[name].made_of == "frames" or name in plan.clips
    return len(plan.pictured if is_pictures else plan.filmed)


def stored(plan: Plan, part: Part, alone: Sequence[Receipt], runs: Sequence[Receipt]) -> dict[str, Bytes]:
    """What a part's frames take in the store, by what they are."""
    frames = [blob.size for receipt in alone for blob in receipt.frames]
    found = {"frames": Bytes(round(fmean(frames) * part.frames), part.frames)}
    pictured = sum(1 for frame in plan.pictured if part.start <= frame < part.stop)
    for name in sorted({name for receipt in alone for name in receipt.extra}):
        sizes = [blob.size for receipt in alone for blob in receipt.extra.get(name, ())]
        found[name] = Bytes(round(fmean(sizes) * pictured), pictured)
    # Of a segment's frames only the first is whole, so one frame alone says little.
    longest = runs or alone
    if any(receipt.segments for receipt in longest):
        size = sum(blob.size for receipt in longest for blob in receipt.segments.values())
        count = sum(receipt.stop - receipt.start for receipt in longest)
        kinds = max(len(receipt.segments) for receipt in longest)
        found["segments"] = Bytes(round(size / count * part.frames), kinds * len(part.chunks(plan)))
    return found


def delivered(plan: Plan, rehearsal: Rehearsal, store: dict[str, Bytes]) -> dict[str, Bytes]:
    """What the output will hold, by deliverable; its contact sheet, certificate and the like are next to nothing."""
    found = {}
    for row in rehearsal.rows:
        frames = _frames_of(plan, row.name)
        is_pictures = EVERY[row.name].made_of == "frames" or row.name in plan.clips
        size = store[row.name].size if row.name in store else round(row.size / row.frames * frames)
        found[row.name] = Bytes(size, frames if is_pictures else 1)
    return found


def added(each: Sequence[dict[str, Bytes]]) -> dict[str, Bytes]:
    """Several parts' bytes together."""
    found: dict[str, Bytes] = {}
    for some in each:
        for name, amount in some.items():
            before = found.get(name, Bytes(0, 0))
            found[name] = Bytes(before.size + amount.size, before.files + amount.files)
    return found
