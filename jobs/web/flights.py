"""Work that takes a processor for a while: a few pieces at a time, each once however many want it, and none for nobody.

Requests wait for it without a thread of their own, so that a page of pictures does not keep others from being served.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

V = TypeVar("V")

_LOOKS_EVERY_S = 0.5
"""How often it is looked whether who waits is still there."""


class NobodyWaits(Exception):
    """Who wanted it has left."""


@dataclass
class _Flight:
    task: asyncio.Task[Any]
    waiting: int = 0


class Flights:
    """Pieces of work by name. Belongs to one event loop; `make` runs in threads."""

    def __init__(self, threads: int, *, name: str) -> None:
        """`threads`: how many pieces are worked on at a time."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._room = asyncio.Semaphore(threads)
        self._flights: dict[Hashable, _Flight] = {}

    async def once(
        self, key: Hashable, make: Callable[[], V], *, has_left: Callable[[], Awaitable[bool]] | None = None
    ) -> V:
        """What `make` gives, made once for all who want the same at the same time.

        `has_left`: whether who waits has gone. Work that nobody waits for any more is not begun.
        Raises: what `make` raises; NobodyWaits.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(self._run(make)))
            flight.task.add_done_callback(lambda _: self._land(key, flight))
        flight.waiting += 1
        try:
            while True:
                done, _ = await asyncio.wait({flight.task}, timeout=_LOOKS_EVERY_S)
                if done:
                    found: V = flight.task.result()
                    return found
                if has_left is not None and await has_left():
                    raise NobodyWaits
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._land(key, flight)
                flight.task.cancel()

    async def _run(self, make: Callable[[], V]) -> V:
        async with self._room:
            return await asyncio.get_running_loop().run_in_executor(self._pool, make)

    def _land(self, key: Hashable, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            # Looked at, so that nobody complains of an error that everybody has left before.
            flight.task.exception()

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
