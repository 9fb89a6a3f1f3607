"""Redis dies, comes back with what it wrote or with nothing, or is emptied while it runs."""

from __future__ import annotations

from jobs.drill.scene import Scene, Story
from jobs.ledger import reachable

_DOWN_S = (0.1, 1.5)


def kill_and_keep(scene: Scene) -> Story:
    """SIGKILL; started again with its AOF."""
    yield from _kill(scene, empty=False)


def kill_and_forget(scene: Scene) -> Story:
    """SIGKILL; started again without its AOF, and so empty."""
    yield from _kill(scene, empty=True)


def _kill(scene: Scene, *, empty: bool) -> Story:
    server = scene.farm.redis
    assert server is not None, "the table says that it needs a Redis of the drill's own"
    yield from scene.until(lambda: server.is_up)
    if scene.over:
        return
    before = scene.held()
    away = scene.rng.uniform(*_DOWN_S)
    scene.strike(f"SIGKILL, back {'empty' if empty else 'with its AOF'} after {away:.1f} s")
    server.kill()
    yield from scene.pause(away)
    server.start(empty=empty)
    yield from scene.taken(before)


def flush(scene: Scene) -> Story:
    """FLUSHALL."""
    before = scene.held()
    with reachable():
        scene.redis.flushall()
    scene.strike("FLUSHALL")
    yield from scene.taken(before)
