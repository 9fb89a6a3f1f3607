"""Values that take long: each is worked out once, however many threads ask for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class _Place(Generic[T]):
    def __init__(self) -> None:
        self.lock = Lock()
        self.held: list[T] = []


class Once(Generic[T]):
    """Values by key, the ones used last; from any thread."""

    def __init__(self, most: int) -> None:
        """`most`: how many are kept."""
        self._most = most
        self._places: OrderedDict[Hashable, _Place[T]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value, made now if it is not there. Who else wants it meanwhile waits. Raises: what `make` does."""
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            if len(self._places) > self._most:
                self._places.popitem(last=False)
        with place.lock:
            if not place.held:
                place.held.append(make())
            return place.held[0]
