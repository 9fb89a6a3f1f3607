"""A worker's disk is full: for a while its process cannot make a file grow.

A file system of a drill's own would take root. So the limit that the kernel keeps for each process stands in: writes
beyond it fail with EFBIG, where a full disk gives ENOSPC.
"""

from __future__ import annotations

import resource

from jobs.drill.scene import Scene, Story
from jobs.ledger import Ledger
from pipeline.errors import QueueUnavailable

_ROOM_BYTES = 512
_LASTS_S = 1.5


def full(scene: Scene) -> Story:
    """No room for the files of a process that paints, until it has failed once."""
    run = yield from scene.painting()
    pid = scene.farm.painter_of(run.worker) if run else None
    if run is None or pid is None:
        return
    _, hard = before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    scene.strike(f"no room on the disk, {run.frames} frames into chunk {run.chunk}")
    failed = _failures(scene.farm.ledger, scene.plan.job)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (_ROOM_BYTES, hard))
    try:
        waiting = scene.pause(_LASTS_S)
        while _failures(scene.farm.ledger, scene.plan.job) <= failed and next(waiting, True) is None:
            yield
    finally:
        _give_room(pid, before)
    yield from scene.moves()


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
