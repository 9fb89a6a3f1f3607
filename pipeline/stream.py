"""Overlap: stages of a stream run side by side in threads, with bounded queues between them.

What runs in the threads releases Python's lock while it works: FFmpeg, PyTorch, OpenCV, sockets. fpng does not, but
takes 6 to 10 ms for a 1080p frame where encoders that do take 45 and more.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_END = object()


class Stopwatch:
    """Seconds spent in each named stage, from any thread."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)
        self._open: dict[object, tuple[str, float]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Count the block towards a stage."""
        begun, entry = time.perf_counter(), object()
        with self._lock:
            self._open[entry] = stage, begun
        try:
            yield
        finally:
            with self._lock:
                del self._open[entry]
                self._seconds[stage] += time.perf_counter() - begun

    def longest(self, *, but: str = "") -> tuple[str, float] | None:
        """The stage that has been under way for the longest, and for how many seconds; `but` is not looked at."""
        with self._lock:
            under_way = [(begun, stage) for stage, begun in self._open.values() if stage != but]
        if not under_way:
            return None
        begun, stage = min(under_way)
        return stage, time.perf_counter() - begun

    def seconds(self) -> dict[str, float]:
        """Stage → seconds."""
        with self._lock:
            return {stage: round(value, 4) for stage, value in self._seconds.items()}


def timed(items: Iterable[T], watch: Stopwatch, stage: str) -> Iterator[T]:
    """The items as they are, the time to get each counted towards a stage."""
    iterator = iter(items)
    while True:
        with watch.time(stage):
            item = next(iterator, _END)
        if item is _END:
            return
        yield item  # type: ignore[misc]


class Ahead(Generic[T]):
    """Iterates in a thread of its own, at most `depth` items ahead of who reads. Use as a context manager.

    An exception in the thread is raised to the reader, after the items before it.
    """

    def __init__(self, items: Iterable[T], *, depth: int, name: str) -> None:
        self._items = items
        self._queue: queue.Queue[object] = queue.Queue(maxsize=depth)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._read()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        # A thread that waits for room sees the stop within its time-out.
        self._thread.join()

    def _run(self) -> None:
        iterator = iter(self._items)
        try:
            for item in iterator:
                if not self._put(item):
                    break
        except BaseException as error:  # handed to the reader, whole
            self._error = error
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
            self._put(_END)

    def _put(self, item: object) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def _read(self) -> Iterator[T]:
        while (item := self._queue.get()) is not _END:
            yield item  # type: ignore[misc]
        if self._error is not None:
            raise self._error


def spread(function: Callable[[T], R], items: Iterable[T], *, threads: int, name: str) -> Iterator[R]:
    """The function of each item, computed on some threads, in the order of the items.

    One item more than there are threads is under way, so that none of them waits for the reader.
    """
    under_way: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix=name) as pool:
        try:
            for item in items:
                under_way.append(pool.submit(function, item))
                if len(under_way) > threads:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


class Pool(Generic[T, R]):
    """Applies a function to items on some threads, with a bounded backlog, and keeps the results in order.

    The first exception is raised by the next `put` or by `finish`.
    """

    def __init__(self, function: Callable[[T], R], *, threads: int, name: str) -> None:
        self._function = function
        self._backlog = 2 * threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting: deque[Future[R]] = deque()
        self._results: list[R] = []

    def put(self, item: T) -> None:
        """Hand an item over; waits while the backlog is full."""
        while len(self._waiting) >= self._backlog:
            self._results.append(self._waiting.popleft().result())
        self._waiting.append(self._pool.submit(self._function, item))

    def finish(self) -> list[R]:
        """Wait for everything; the results in the order of `put`."""
        while self._waiting:
            self._results.append(self._waiting.popleft().result())
        return self._results

    def close(self) -> None:
        """Drop what has not begun and wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)
