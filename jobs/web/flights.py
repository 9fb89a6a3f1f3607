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

    async def once(self, key: Hashable, make: Callable[[], V], *, has_left: Callable[[], Awaitable[bool]]) -> V:
        """What `make` gives, made once for all who want the same at the same time.

        `has_left`: whether who waits has gone. Work that nobody waits for any more is not begun.
        Raises: what `make` raises; NobodyWaits.
        """
        flight = self._flight(key, make)
        flight.waiting += 1
        try:
            while not await _lands(flight, _LOOKS_EVERY_S):
                if await has_left():
                    raise NobodyWaits
            found: V = flight.task.result()
            return found
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._forget(key, flight)
                flight.task.cancel()

    async def within(self, seconds: float, key: Hashable, make: Callable[[], V]) -> V | None:
        """The same, but only if it is there so soon; else it goes on, and whoever asks next may have it.

        Raises: what `make` raises.
        """
        flight = self._flight(key, make)
        found: V | None = flight.task.result() if await _lands(flight, seconds) else None
        return found

    def _flight(self, key: Hashable, make: Callable[[], Any]) -> _Flight:
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(self._run(make)))
            flight.task.add_done_callback(lambda _: self._forget(key, flight))
        return flight

    async def _run(self, make: Callable[[], V]) -> V:
        async with self._room:
            return await asyncio.get_running_loop().run_in_executor(self._pool, make)

    def _forget(self, key: Hashable, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            # Looked at, so that nobody complains of an error that everybody has left before.
            flight.task.exception()

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def _lands(flight: _Flight, seconds: float) -> bool:
    done, _ = await asyncio.wait({flight.task}, timeout=seconds)
    return bool(done)
