"""A farm on which nobody works: a real Redis and store, where a test does by hand what workers would do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

from jobs.config import Settings
from jobs.drill.farm import Farm
from jobs.drill.redis_server import RedisServer
from jobs.drill.rounds import Performance
from jobs.drill.scene import Scene, Watch
from jobs.drill.seeds import Blow
from jobs.queue import Queue
from jobs.records import Plan
from tests.jobs.making import Hand, make_plan


class Stage(Farm):
    """One job of four chunks of ten frames, all of them published, and machines that are what a test says."""

    def __init__(self, folder: Path, server: RedisServer) -> None:
        config = Settings(redis_url=server.url, redis_prefix="test:", store=str(folder / "store"))
        super().__init__(folder, config, {}, redis=server, proxy=None, lacks={})
        self.server, self.hand, self.job = server, Hand(self.ledger), make_plan()
        self.watch = Watch(self, self.job)
        self.painters: list[int] = []
        """The process ids of who paints, one asked for after the other; the last one again and again."""
        self.came: list[int] = []
        """The places of machines that were started."""

    def plan(self, text: str, *, token: str) -> Plan:
        return self.job

    def submit(self, text: str, *, token: str) -> Plan:
        self.hand.create(self.job)
        self.hand.reserve()
        with closing(Queue(self.config)) as queue:
            for chunk in range(len(self.job.chunks)):
                queue.render(self.job.job, chunk, 1, queue="gpu")
        return self.job

    def is_ours(self, slot: str) -> bool:
        return True

    def machine_of(self, slot: str) -> int | None:
        return 0

    def painter_of(self, slot: str) -> int | None:
        return self.painters.pop(0) if len(self.painters) > 1 else self.painters[0]

    def start_machine(self, number: int) -> None:
        self.came.append(number)

    def paint(self, chunk: int, *, frames: int) -> int:
        """A worker gets so far with a chunk, and is seen there. Its token."""
        token = self.hand.token(chunk)
        self.hand.tick(chunk, token, frames=frames)
        self.watch.look()
        return token

    def scene(self) -> Scene:
        """What a trouble sees."""
        return Scene(self, self.job, self.watch, Random(1), lambda: None)

    def performance(self, trouble: str) -> Performance:
        """A trouble whose moment has come."""
        return Performance(Blow(trouble, 0.0, 1), self, self.job, self.watch, lambda: None)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage, as long as the block lasts; `folder` must have a short path, for a socket."""
    with closing(RedisServer(folder, None)) as server, closing(Stage(folder, server)) as stage:
        yield stage
