"""The clock that Atelier goes by, Redis', jumps."""

from __future__ import annotations

from jobs.drill.scene import Scene, Story

_JUMPS_S = (3600.0, 45.0, 5.0, -5.0, -45.0, -3600.0)


def jump(scene: Scene) -> Story:
    """Forward or back, by seconds or an hour; it stays there."""
    server = scene.farm.redis
    clock = server.clock if server else None
    assert clock is not None, "the table says that it needs a clock to put wrong"
    seconds = scene.rng.choice(_JUMPS_S)
    scene.strike(f"Redis' clock jumps by {seconds:+.0f} s")
    clock.jump(seconds)
    yield from scene.moves()
