"""Messages that come twice, late, or in another order. Only the drill's own job's are touched."""

from __future__ import annotations

from jobs.drill.scene import Scene, Story
from pipeline.errors import QueueUnavailable

_LATE_S = (0.5, 3.0)


def duplicate(scene: Scene) -> Story:
    """Deliver some messages once more, those that workers have among them."""
    while not (there := scene.messages.everywhere()):
        if scene.over:
            return
        yield
    chosen = scene.rng.sample(there, min(len(there), scene.rng.randint(1, 4)))
    scene.strike(f"{len(chosen)} of {len(there)} messages delivered once more")
    for queue, text in chosen:
        scene.messages.put(queue, text)
    yield from scene.moves()


def delay(scene: Scene) -> Story:
    """Take the waiting messages away, and put them back later."""
    while not (away := scene.messages.take_away()):
        if scene.over:
            return
        yield
    late = scene.rng.uniform(*_LATE_S)
    scene.strike(f"{len(away)} messages held back for {late:.1f} s")
    try:
        yield from scene.pause(late)
    finally:
        _put_back(scene, away)
    yield from scene.moves()


def _put_back(scene: Scene, away: list[tuple[str, str]]) -> None:
    try:
        for queue, text in away:
            scene.messages.put(queue, text)
    except QueueUnavailable:
        # Redis is down in the same round: then these are lost with it, as messages are.
        scene.what += ", and lost with Redis"


def reorder(scene: Scene) -> Story:
    """Put the waiting messages into another order."""
    while not (count := scene.messages.shuffle("gpu", scene.rng)):
        if scene.over:
            return
        yield
    scene.strike(f"{count} messages in another order")
    yield from scene.moves()
