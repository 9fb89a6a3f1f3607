"""What was read a moment ago, and how long it counts."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Memory(Generic[V]):
    """The values that were asked for last, each remembered for so long. Any threads may use it."""

    def __init__(self, most: int, *, lasts_s: float) -> None:
        """`most`: how many values are kept."""
        self._most, self._lasts_s = most, lasts_s
        self._kept: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], V]) -> V:
        """The value, read if it is not known or too old. Nothing is remembered of what is not there (None)."""
        found = self.peek(key)
        if found is not None:
            return found
        value = read()
        if value is not None:
            self.put(key, value)
        return value

    def peek(self, key: Hashable) -> V | None:
        """The value, if it is known and not too old."""
        with self._lock:
            found = self._kept.get(key)
            if found is None or time.monotonic() - found[0] > self._lasts_s:
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: Hashable, value: V) -> None:
        """Remember a value."""
        with self._lock:
            self._kept[key] = (time.monotonic(), value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
