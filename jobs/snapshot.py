"""A job at one moment, as the ledger's fields tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STITCH = "stitch"
"""Stands for a chunk's number where the stitch itself is leased."""

FINAL = frozenset({"done", "failed", "cancelled"})
"""States that a job does not leave, except by a redo or by being submitted again."""


@dataclass(frozen=True)
class Running:
    """A chunk in a worker's hands."""

    chunk: int | str
    frames: int
    worker: str
    note: str = ""
    """How it stands, where frames do not tell."""


@dataclass(frozen=True)
class Snapshot:
    """A job as the ledger sees it at one moment."""

    job: str
    kind: str
    state: str
    generation: int
    priority: int
    chunks: int
    chunks_done: int
    frames: int
    frames_done: int
    """Frames of finished chunks, plus those already painted in chunks that run."""
    compute_s: float
    """Worker seconds spent on finished chunks."""
    rate: float | None
    """Frames a second over the last chunks and those that run; None before the first frame."""
    eta_s: float | None
    started: float | None
    """Seconds since the epoch."""
    finished: float | None
    error: str
    output: str
    running: tuple[Running, ...] = ()
    failures: dict[str, int] = field(default_factory=dict)
    """Chunks that have failed and how often."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in FINAL


def compose(
    job: str,
    fields: Mapping[str, str],
    progress: Mapping[str, str],
    recent: Sequence[str],
    attempts: Mapping[str, str],
    *,
    now: float,
) -> Snapshot:
    """A snapshot of the job's hash, its chunks' `frames worker⇥note`, its last completions and its failures."""
    running = tuple(
        _running(chunk, value)
        for chunk, value in sorted(progress.items(), key=lambda item: (item[0] == STITCH, item[0].zfill(9)))
    )
    frames = int(fields["frames"])
    under_way = sum(run.frames for run in running if run.chunk != STITCH)
    painted = int(fields["frames_done"]) + under_way
    rate = _rate(recent, under_way, started=_maybe(fields.get("started")), now=now)
    return Snapshot(
        job=job,
        kind=fields["kind"],
        state=fields["state"],
        generation=int(fields["generation"]),
        priority=int(fields["priority"]),
        chunks=int(fields["chunks"]),
        chunks_done=int(fields["done"]),
        frames=frames,
        frames_done=min(painted, frames),
        compute_s=float(fields["compute_s"]),
        rate=rate,
        eta_s=(frames - min(painted, frames)) / rate if rate and fields["state"] == "running" else None,
        started=_maybe(fields.get("started")),
        finished=_maybe(fields.get("finished")),
        error=fields.get("error", ""),
        output=fields["output"],
        running=running,
        failures={chunk: int(count) for chunk, count in attempts.items()},
    )


def _running(chunk: str, value: str) -> Running:
    standing, _, note = value.partition("\t")
    frames, worker = standing.split(" ", 1)
    return Running(STITCH if chunk == STITCH else int(chunk), int(frames), worker, note)


def _maybe(value: str | None) -> float | None:
    return float(value) if value else None


def _rate(recent: Sequence[str], under_way: int, *, started: float | None, now: float) -> float | None:
    """Frames a second from (completion time in µs, frames) of the last chunks, newest first, and what runs now."""
    times, frames = [], []
    for line in recent:
        time_us, count = line.split()
        times.append(int(time_us) / 1e6)
        frames.append(int(count))
    if len(times) > 1:
        # The oldest chunk only marks the beginning.
        return _ratio(sum(frames[:-1]) + under_way, max(now, times[0]) - times[-1])
    return _ratio(sum(frames) + under_way, now - started) if started else None


def _ratio(frames: int, seconds: float) -> float | None:
    return frames / seconds if frames and seconds > 0 else None
