"""Deaths of workers, of the whole machine, and of the reconciler."""

from __future__ import annotations

import signal

from jobs.drill.children import kill
from jobs.drill.scene import Scene, Story
from jobs.snapshot import STITCH

_AWAY_S = (0.2, 1.0)
"""How long a machine or a reconciler is away before another takes its place."""


def kill_worker(scene: Scene) -> Story:
    """SIGKILL for the process that paints."""
    run = yield from scene.painting()
    pid = scene.farm.painter_of(run.worker) if run else None
    if run is None or pid is None:
        return
    token = scene.token(run.chunk)
    scene.strike(f"SIGKILL, {run.frames} frames into chunk {run.chunk}")
    kill(pid)
    yield from scene.goes_on(run.chunk, token)


def kill_celery(scene: Scene) -> Story:
    """SIGKILL for the Celery process above the one that paints."""
    run = yield from scene.painting()
    pid = scene.farm.celery_of(run.worker) if run else None
    if run is None or pid is None:
        return
    token = scene.token(run.chunk)
    scene.strike(f"SIGKILL for Celery, {run.frames} frames into chunk {run.chunk}")
    kill(pid)
    yield from scene.goes_on(run.chunk, token)


def kill_machine(scene: Scene) -> Story:
    """SIGKILL for supervisor, Celery and painter at once; another machine comes."""
    run = yield from scene.painting()
    machine = scene.farm.machine_of(run.worker) if run else None
    if run is None or machine is None:
        return
    token = scene.token(run.chunk)
    scene.strike(f"SIGKILL for all of a machine, {run.frames} frames into chunk {run.chunk}")
    scene.farm.machines[machine].kill()
    yield from scene.pause(scene.rng.uniform(*_AWAY_S))
    scene.farm.start_machine(machine)
    yield from scene.goes_on(run.chunk, token)


def end_worker(scene: Scene) -> Story:
    """SIGTERM for a machine's supervisor; when it has ended, another machine comes."""
    run = yield from scene.painting()
    machine = scene.farm.machine_of(run.worker) if run else None
    if run is None or machine is None:
        return
    token = scene.token(run.chunk)
    scene.strike(f"SIGTERM, {run.frames} frames into chunk {run.chunk}")
    leaving = scene.farm.machines[machine]
    leaving.tell(signal.SIGTERM)
    going_on = scene.goes_on(run.chunk, token)
    # Work may go on before the machine has ended, or only with the one that comes.
    try:
        while leaving.lives:
            next(going_on, None)
            yield
    finally:
        if leaving.lives:
            leaving.kill()
    scene.farm.start_machine(machine)
    yield from going_on


def kill_stitcher(scene: Scene) -> Story:
    """SIGKILL for the process that stitches."""
    run = yield from scene.stitching()
    if run is None:
        return
    yield from scene.pause(scene.rng.uniform(0, 0.15))
    pid = scene.farm.painter_of(run.worker)
    if pid is None or scene.over:
        return
    token = scene.token(STITCH)
    scene.strike("SIGKILL in the middle of the stitch")
    kill(pid)
    yield from scene.goes_on(STITCH, token)


def kill_reconciler(scene: Scene) -> Story:
    """SIGKILL for the reconciler; another comes."""
    reconcilers = scene.farm.reconcilers
    if not reconcilers:
        return
    scene.strike("SIGKILL for the reconciler")
    reconcilers.pop(0).kill()
    yield from scene.pause(scene.rng.uniform(*_AWAY_S))
    other = scene.farm.start_reconciler()
    yield from scene.recovers(lambda: other.said("looked:"))
