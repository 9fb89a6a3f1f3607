"""What workers count of their work (jobs/metrics/table.py), and the lines that they log of it for people."""

from __future__ import annotations

import logging

from jobs import tracing
from jobs.metrics.causes import cause
from jobs.metrics.tally import count, observe
from jobs.records import Plan, Receipt
from jobs.snapshot import STITCH
from pipeline.errors import Interrupted, LeaseLost
from workers.health import Presence

log = logging.getLogger(__name__)

_STAGES_SAID = 5
"""Stages of a chunk that its line names, the longest first."""


def took() -> None:
    """A worker has a lease."""
    count("atelier_leases_taken_total")


def begins(name: str, what: str, *, after: str = "") -> None:
    """It begins with what is to be done. `name`: of which chunk of which job; `after`: why its last attempt failed."""
    log.info("%s: begins%s: %s", name, f" again ({after})" if after else "", what)


def refused(reason: str) -> None:
    """A message came for a chunk that is not to be had."""
    count("atelier_leases_refused_total", reason=reason)


def rendered(plan: Plan, receipt: Receipt, *, is_ours: bool) -> None:
    """A chunk has its receipt; ours, or one that another attempt had put there before."""
    count("atelier_chunks_ended_total", kind=plan.kind, outcome="done" if is_ours else "second")
    if not is_ours:
        return
    seconds = receipt.timings.get("wall_s", 0.0)
    stages = {f"stage.{name.removesuffix('_s')}": spent for name, spent in receipt.timings.items() if name != "wall_s"}
    frames = receipt.stop - receipt.start
    tracing.annotate(frames=frames, recalled=receipt.recalled, device=receipt.device, batch=receipt.batch, **stages)
    observe("atelier_chunk_seconds", seconds, kind=plan.kind, device=Presence.device_kind())
    if receipt.bad:
        count("atelier_frames_bad_total", len(receipt.bad), kind=plan.kind)
    for stage, spent in receipt.timings.items():
        if stage != "wall_s":
            count("atelier_stage_seconds_total", spent, stage=stage.removesuffix("_s"))
    log.info("%s chunk %d: done: %s", plan.job, receipt.chunk, _sentence(receipt, seconds))


def stitched(plan: Plan, seconds: float, deliverables: int) -> None:
    """A job has its deliverables."""
    observe("atelier_stitch_seconds", seconds, kind=plan.kind)
    tracing.annotate(deliverables=deliverables)
    log.info("%s stitch: done: %d deliverable%s in %.1f s", plan.job, deliverables, "s" * (deliverables != 1), seconds)


def failed(kind: str, chunk: int | str, error: BaseException) -> None:
    """An attempt came to nothing: it was interrupted, or failed."""
    is_fault = not isinstance(error, Interrupted)
    if isinstance(error, LeaseLost):
        count("atelier_leases_lost_total")
    if chunk != STITCH:
        count("atelier_chunks_ended_total", kind=kind, outcome="failed" if is_fault else "interrupted")


def given_back(error: BaseException) -> None:
    """What failed or was interrupted is to be done again."""
    count("atelier_retries_total", cause=cause(error))


def _sentence(receipt: Receipt, seconds: float) -> str:
    frames = receipt.stop - receipt.start
    stages = sorted(((spent, name) for name, spent in receipt.timings.items() if name != "wall_s"), reverse=True)
    said = ", ".join(f"{name.removesuffix('_s')} {spent:.1f}" for spent, name in stages[:_STAGES_SAID] if spent >= 0.05)
    parts = [f"{frames} frames in {seconds:.1f} s"]
    parts += [f"{receipt.recalled} of them found"] if receipt.recalled else []
    parts += [f"{len(receipt.bad)} cannot be painted"] if receipt.bad else []
    return ", ".join(parts) + (f" ({said})" if said else "")


class Progress:
    """Counts frames as they come, so that a rate is smooth however long chunks are."""

    def __init__(self, kind: str) -> None:
        self._kind, self._painted, self._recalled = kind, 0, 0

    def at(self, frames: int, recalled: int) -> None:
        """So many frames are there by now, so many of them found and not painted."""
        # What is found is found ahead of its turn, and counts as painted at no time.
        painted = max(self._painted, frames - recalled)
        if painted > self._painted:
            more = painted - self._painted
            count("atelier_frames_painted_total", more, kind=self._kind, device=Presence.device_kind())
        if recalled > self._recalled:
            count("atelier_frames_recalled_total", recalled - self._recalled, kind=self._kind)
        self._painted, self._recalled = painted, recalled
