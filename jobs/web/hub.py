"""One reading of the ledger for however many viewers.

A topic is read once a second while anybody follows it, and seldom once it has ended. What was read is made into bytes
once, and every viewer is given the same bytes: two hundred viewers cost the farm what one does.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from jobs.web.problems import Refusal
from pipeline.errors import AtelierError, JobNotFound

log = logging.getLogger(__name__)

Read = Callable[[], dict[str, Any]]
"""Reads a topic, in a thread: for each event, its data. An event is sent when its data has changed.
Raises: JobNotFound if it is gone for good, other AtelierErrors if it cannot be read now."""

HasEnded = Callable[[dict[str, Any]], bool]

EVERY_S = 1.0
SELDOM_S = 10.0
"""Of what has ended: it may still be ordered again, or swept."""

_THREADS = 32
"""Readings at a time. They have threads of their own, so that a store that hangs takes nobody else's."""

_SHARE = 10
"""One holder of a token may have a tenth of all streams, but some tens in any case."""
_SOME_TENS = 50

_BEAT_S = 15.0
"""Viewers hear something at least so often, so that who is gone is noticed, and proxies keep the line open."""


class Topic:
    """Something that is followed. Lives as long as it has viewers."""

    def __init__(self, read: Read, *, pool: Executor, has_ended: HasEnded) -> None:
        self._read, self._pool, self._has_ended = read, pool, has_ended
        self.viewers = 0
        self.version = 0
        self.is_over = False
        self._changed = asyncio.Condition()
        self._due = asyncio.Event()
        self._newest: dict[str, tuple[int, bytes]] = {}
        """By event: the version that it changed with, and the event as it is sent."""

    async def follow(self) -> None:
        """Read, again and again, until it is over or this is cancelled."""
        while not self.is_over:
            self._due.clear()
            try:
                events = await asyncio.get_running_loop().run_in_executor(self._pool, self._read)
                events.setdefault("trouble", None)
            except JobNotFound as error:
                events, self.is_over = {"gone": str(error)}, True
            except AtelierError as error:
                events = {"trouble": str(error)}
            except Exception:
                log.exception("a topic cannot be read")
                events = {"trouble": "a bug in Atelier; the dashboard's log has it"}
            await self._publish(events)
            if not self.is_over:
                await self._pause(SELDOM_S if self._has_ended(events) else EVERY_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._due.wait()

    def hurry(self) -> None:
        """Read at once, however seldom it is read otherwise."""
        self._due.set()

    async def _publish(self, events: dict[str, Any]) -> None:
        news = {}
        for name, data in events.items():
            sent = encode(name, data)
            if name not in self._newest or self._newest[name][1] != sent:
                news[name] = (self.version + 1, sent)
        if news:
            async with self._changed:
                self.version += 1
                self._newest.update(news)
                self._changed.notify_all()

    async def end(self) -> None:
        """Let every viewer go."""
        async with self._changed:
            self.is_over = True
            self.version += 1
            self._changed.notify_all()

    async def events(self) -> AsyncIterator[bytes]:
        """What a viewer is sent: everything as it is now, then what changes. A slow viewer misses what was between."""
        seen = 0
        while True:
            for version, sent in list(self._newest.values()):
                if version > seen:
                    yield sent
            seen = self.version
            if self.is_over:
                return
            try:
                async with asyncio.timeout(_BEAT_S), self._changed:
                    while self.version <= seen:
                        await self._changed.wait()
            except TimeoutError:
                yield b": still here\n\n"


class Hub:
    """All topics that somebody follows. Used on the event loop only, but for `hurry`."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._most_each = max(limit // _SHARE, min(limit, _SOME_TENS))
        self._held: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="topics")
        self._topics: dict[str, tuple[Topic, asyncio.Task[None]]] = {}

    @property
    def viewers(self) -> int:
        """How many follow something."""
        return sum(topic.viewers for topic, _ in self._topics.values())

    def check_room(self, holder: str) -> None:
        """Raises: Refusal if so many follow something, or so many with this holder's token, that no more can."""
        if self.viewers >= self._limit:
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{self._limit:,} viewers are kept up to date already; close some, or raise ATELIER_WEB_STREAMS",
                {"Retry-After": "30"},
            )
        if self._held[holder] >= self._most_each:
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"{holder} follows {self._most_each:,} things already, a share of ATELIER_WEB_STREAMS; close some",
                {"Retry-After": "30"},
            )

    def hurry(self, name: str) -> None:
        """Something of a topic was changed: who follows it is to see that at once. For any thread."""
        if entry := self._topics.get(name):
            entry[1].get_loop().call_soon_threadsafe(entry[0].hurry)

    async def stream(
        self, name: str, read: Read, *, holder: str, has_ended: HasEnded = lambda events: False
    ) -> AsyncIterator[bytes]:
        """Follow a topic for one viewer, until they leave or it is over.

        `holder`: of their token. `has_ended`: whether what was read is of something that hardly changes any more.
        """
        self.check_room(holder)
        entry = self._topics.get(name)
        if entry is None or entry[0].is_over:
            topic = Topic(read, pool=self._pool, has_ended=has_ended)
            entry = self._topics[name] = (topic, asyncio.create_task(topic.follow(), name=f"topic {name}"))
        topic, task = entry
        topic.viewers += 1
        self._held[holder] += 1
        try:
            async for event in topic.events():
                yield event
        finally:
            topic.viewers -= 1
            self._held[holder] -= 1
            if topic.viewers == 0:
                task.cancel()
                if self._topics.get(name) is entry:
                    del self._topics[name]

    async def close(self) -> None:
        """Stop reading; viewers are sent nothing more, and are let go. Whoever comes later is refused."""
        self._limit = 0
        topics = list(self._topics.values())
        for topic, task in topics:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await topic.end()
        self._pool.shutdown(wait=False, cancel_futures=True)


def encode(event: str, data: Any) -> bytes:
    """One server-sent event (HTML Living Standard, 9.2) with JSON as its data."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event}\ndata: {text}\n\n".encode()
