"""Two at once, where one is meant to be: stitchers, reconcilers, submitters."""

from __future__ import annotations

from threading import Thread

from jobs.drill.scene import Scene, Story
from jobs.ledger import reachable
from jobs.snapshot import STITCH
from pipeline.errors import AtelierError


def stitchers(scene: Scene) -> Story:
    """Take the lease from a stitcher that lives, and deliver its message once more."""
    run = yield from scene.stitching()
    if run is None:
        return
    token = scene.token(STITCH)
    with reachable():
        scene.redis.delete(f"{scene.farm.config.redis_prefix}lease:{scene.plan.job}:{STITCH}")
    for queue, text in scene.messages.everywhere():
        scene.messages.put(queue, text)
    scene.strike("a second stitch ordered, and the first one's lease taken away")
    yield from scene.goes_on(STITCH, token)


def reconcilers(scene: Scene) -> Story:
    """Start a second reconciler, for the rest of the round."""
    other = scene.farm.start_reconciler()
    scene.strike("a second reconciler until the end")
    try:
        yield from scene.recovers(lambda: other.said("looked:"))
        while not scene.over:
            yield
    finally:
        if other in scene.farm.reconcilers:
            scene.farm.stop_reconciler(other)


def submitters(scene: Scene) -> Story:
    """Submit the same job from two more submitters at the same moment."""
    refused: list[AtelierError] = []

    def submit() -> None:
        try:
            scene.submit()
        except AtelierError as error:
            refused.append(error)

    threads = [Thread(target=submit, name=f"submitter-{n}") for n in range(2)]
    scene.strike("submitted three times at once")
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        yield
    if refused:
        scene.what += f"; {len(refused)} of them refused: {refused[0]}"
    scene.recover()
