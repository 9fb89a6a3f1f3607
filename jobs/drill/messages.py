"""The drill's hands in Celery's lists: only on messages of one job.

A list holds messages as JSON, new ones at the left, and workers take them from the right. What a worker has taken and
not acknowledged is in the hash `unacked`.
"""

from __future__ import annotations

import base64
import binascii
import json
from random import Random

import redis

from jobs.ledger import QUEUES, reachable

_TRIES = 20
"""Workers take messages while we look; then we look again."""


class Messages:
    """The messages of one job. Every method raises QueueUnavailable while Redis is away, or still reads its AOF."""

    def __init__(self, client: redis.Redis, prefix: str, job: str) -> None:
        self._client, self._prefix, self._job = client, prefix, job

    @reachable()
    def waiting(self, queue: str) -> list[str]:
        """Those that no worker has taken, the next one last."""
        found: list[str] = self._client.lrange(self._list(queue), 0, -1)  # type: ignore[assignment]
        return [text for text in found if job_of(text) == self._job]

    @reachable()
    def taken(self) -> list[tuple[str, str]]:
        """(queue, message) of those that workers have and did not acknowledge."""
        entries: list[str] = self._client.hvals(self._prefix + "unacked")  # type: ignore[assignment]
        taken = [json.loads(entry) for entry in entries]
        texts = [(str(row[2]), json.dumps(row[0])) for row in taken]
        return [(queue, text) for queue, text in texts if job_of(text) == self._job]

    def everywhere(self) -> list[tuple[str, str]]:
        """(queue, message) of all."""
        return [(queue, text) for queue in QUEUES for text in self.waiting(queue)] + self.taken()

    @reachable()
    def put(self, queue: str, text: str) -> None:
        """Put a message into a queue, behind the others."""
        self._client.lpush(self._list(queue), text)

    @reachable()
    def take_away(self) -> list[tuple[str, str]]:
        """(queue, message) of those that waited and wait no more."""
        rows = [(queue, text) for queue in QUEUES for text in self.waiting(queue)]
        return [(queue, text) for queue, text in rows if self._client.lrem(self._list(queue), 1, text)]

    @reachable()
    def shuffle(self, queue: str, rng: Random) -> int:
        """Put those that wait into another order, each into the place of another. How many there were."""
        name = self._list(queue)
        for _ in range(_TRIES):
            with self._client.pipeline(transaction=True) as pipe:
                pipe.watch(name)
                texts: list[str] = pipe.lrange(name, 0, -1)  # type: ignore[assignment]
                places = [place for place, text in enumerate(texts) if job_of(text) == self._job]
                if len(places) < 2:
                    return 0
                order = _other_order(places, rng)
                pipe.multi()
                for place, other in zip(places, order, strict=True):
                    pipe.lset(name, place, texts[other])
                try:
                    pipe.execute()
                except redis.WatchError:
                    continue
                return len(places)
        return 0

    def _list(self, queue: str) -> str:
        return self._prefix + queue


def _other_order(places: list[int], rng: Random) -> list[int]:
    order = places[:]
    while order == places:
        rng.shuffle(order)
    return order


def job_of(text: str) -> str:
    """The job that a message is about; empty if it is none of ours."""
    try:
        arguments = json.loads(base64.b64decode(json.loads(text)["body"]))[0]
        return str(arguments[0])
    except (ValueError, KeyError, IndexError, TypeError, binascii.Error):
        return ""
