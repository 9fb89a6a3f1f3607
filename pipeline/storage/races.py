"""Whether a store's create-only put really has one winner.

Some S3 servers look first and write later, and some never look. What follows from that is the application's to decide:
it asks here once, when it starts, and opens its stores with `StoreOptions(atomic_create=...)` of the answer.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from pipeline.storage.base import Store

WRITERS = 16
ROUNDS = 5


@dataclass(frozen=True)
class Races:
    """What the races showed."""

    winners: tuple[int, ...]
    """How many writers were told that they created the key, per round."""
    kept_winner: bool
    """Whether each round's key holds the bytes of a writer that was told so."""
    refused_late: bool
    """Whether a writer that came after the race was refused."""

    @property
    def atomic(self) -> bool:
        """Whether every race had one winner, whose bytes stayed."""
        return self.kept_winner and self.refused_late and all(count == 1 for count in self.winners)


def creates_atomically(store: Store) -> bool:
    """Whether races for one key had exactly one winner each: `race_creators(store).atomic`."""
    return race_creators(store).atomic


def race_creators(store: Store, *, writers: int = WRITERS, rounds: int = ROUNDS) -> Races:
    """Let `writers` threads create one fresh key below `.probe/`, at most `rounds` times, and count who won.

    Stops at the first race that shows the store is not atomic. A pass is no proof: such a store may be lucky.
    OpenStack Swift on one machine had a single winner in 10 of 60 races, so that five rounds miss it about once in
    8,000 starts; fewer cores or a distant client make luck likelier.
    What the store says of itself (`atomic_create`) is not looked at and not changed.
    Raises: what the store raises.
    """
    races = Races(winners=(), kept_winner=True, refused_late=True)
    with ThreadPoolExecutor(writers, thread_name_prefix="probe") as pool:
        while races.atomic and len(races.winners) < rounds:
            count, kept, refused = _race(store, pool, writers)
            races = Races(winners=(*races.winners, count), kept_winner=kept, refused_late=refused)
    return races


def _race(store: Store, pool: ThreadPoolExecutor, writers: int) -> tuple[int, bool, bool]:
    """(winners, whether a winner's bytes stayed, whether a late writer was refused)."""
    key = f".probe/{uuid.uuid4().hex}"
    start = Barrier(writers, timeout=30)

    def create(number: int) -> bool:
        start.wait()
        return store.put_if_absent(key, b"writer %d" % number)

    try:
        won = list(pool.map(create, range(writers)))
        refused = not store.put_if_absent(key, b"late")
        kept = store.get(key) in {b"writer %d" % number for number, first in enumerate(won) if first}
    finally:
        store.delete(key)
    return sum(won), kept, refused
