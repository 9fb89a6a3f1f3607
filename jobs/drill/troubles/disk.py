"""A worker's disk is full: for a while its process cannot make a file grow.

A file system of a drill's own would take root. So the limit that the kernel keeps for each process stands in: writes
beyond it fail with EFBIG, where a full disk gives ENOSPC.
"""

from __future__ import annotations

import resource

from jobs.drill.scene import Scene, Story
from jobs.ledger import Ledger
from jobs.snapshot import Running
from pipeline.errors import QueueUnavailable

_ROOM_BYTES = 512
_LASTS_S = 1.5


def full(scene: Scene) -> Story:
    """No room for the files of a process that paints, until it has failed once."""
    while (run := (yield from scene.painting())) is not None:
        pid = scene.farm.painter_of(run.worker)
        if pid is not None and (before := _take_room(pid)) is not None:
            yield from _cramped(scene, run, pid, before)
            return
        # It died since it was seen; another will paint.
        yield


def _cramped(scene: Scene, run: Running, pid: int, before: tuple[int, int]) -> Story:
    scene.strike(f"no room on the disk, {run.frames} frames into chunk {run.chunk}")
    failed = _failures(scene.farm.ledger, scene.plan.job)
    try:
        waiting = scene.pause(_LASTS_S)
        while _failures(scene.farm.ledger, scene.plan.job) <= failed and next(waiting, True) is None:
            yield
    finally:
        _give_room(pid, before)
    yield from scene.moves()


def _take_room(pid: int) -> tuple[int, int] | None:
    """The limits before; None if the process is gone."""
    try:
        _, hard = before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_ROOM_BYTES, hard))
    except ProcessLookupError:
        return None
    return before


def _give_room(pid: int, before: tuple[int, int]) -> None:
    try:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    except ProcessLookupError:
        return


def _failures(ledger: Ledger, job: str) -> int:
    try:
        seen = ledger.snapshot(job)
    except QueueUnavailable:
        return 0
    return sum(seen.failures.values()) if seen else 0
