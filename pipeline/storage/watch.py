"""Who wants to know how stores do is told of every operation: how long it took, how many bytes, of what it failed.

The one seam of all stores: `Store` wraps the operations of each class that is made of it. While nobody watches, that
costs a look at an empty list. An operation that calls others, as `upload` may call `put`, is one; what a reader that
`open` gave fetches later is none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

OPERATIONS = (
    *("get", "put", "put_if_absent", "list", "exists", "size", "delete"),
    *("open", "upload", "download", "copy_from", "sweep"),
)
"""What is watched, by the name of the store's method."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of a store, after it has ended."""

    name: str
    seconds: float
    """Of a listing, those that its caller waited for."""
    written: int = 0
    """Bytes given to the store. A copy from store to store counts for nothing: it may never have come by here."""
    read: int = 0
    """Bytes that the store gave."""
    error: Exception | None = None


_watchers: list[Callable[[Operation], None]] = []
_within = threading.local()


def watch(watcher: Callable[[Operation], None]) -> None:
    """From now on, call it after every operation of every store in this process. Asked for twice, it is called once."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def unwatch(watcher: Callable[[Operation], None]) -> None:
    """Call it no more."""
    if watcher in _watchers:
        _watchers.remove(watcher)


def watched(cls: type) -> None:
    """Wrap the operations that a class of stores defines itself."""
    for name in OPERATIONS:
        method = cls.__dict__.get(name)
        if method is not None:
            setattr(cls, name, _listing(method) if name == "list" else _timed(name, method))


def _timed(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def operation(self: Any, *args: Any, **options: Any) -> Any:
        if not _watchers or getattr(_within, "operation", False):
            return method(self, *args, **options)
        _within.operation, begun = True, time.perf_counter()
        result, failure = None, None
        try:
            result = method(self, *args, **options)
            return result
        except Exception as error:
            failure = error
            raise
        finally:
            _within.operation = False
            _tell(name, time.perf_counter() - begun, args, result, failure)

    return operation


def _listing(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def operation(self: Any, *args: Any, **options: Any) -> Any:
        entries = method(self, *args, **options)
        return entries if not _watchers or getattr(_within, "operation", False) else _counted(entries)

    return operation


def _counted(entries: Iterator[Any]) -> Iterator[Any]:
    """The entries as they are, the time to get them counted."""
    seconds, failure = 0.0, None
    try:
        while True:
            _within.operation, begun = True, time.perf_counter()
            try:
                entry = next(entries)
            finally:
                _within.operation = False
                seconds += time.perf_counter() - begun
            yield entry
    except StopIteration:
        return
    except Exception as error:
        failure = error
        raise
    finally:
        _tell("list", seconds, (), None, failure)


def _tell(name: str, seconds: float, args: tuple[Any, ...], result: Any, error: Exception | None) -> None:
    written = read = 0
    if error is None:
        if name in ("put", "put_if_absent"):
            written = len(args[1]) if len(args) > 1 and (name == "put" or result) else 0
        elif name == "upload":
            written = _length(args[0])
        elif name == "get":
            read = len(result)
        elif name == "download" and len(args) > 1:
            read = _length(args[1])
    for watcher in _watchers:
        watcher(Operation(name, seconds, written, read, error))


def _length(path: Path) -> int:
    """Bytes of a file; 0 if its owner has removed it already."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
