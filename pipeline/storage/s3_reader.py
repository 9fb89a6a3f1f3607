"""Reading an object, whole or by ranges, through connections that may break off."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from botocore.exceptions import (
    ConnectionClosedError,
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

# botocore repeats a request until its answer begins; what breaks off later is ours to repeat.
_BROKEN = (ResponseStreamingError, ReadTimeoutError, IncompleteReadError, ConnectionClosedError, FlexibleChecksumError)


def read_object(client: Any, *, attempts: int, **request: Any) -> bytes:
    """The bytes that GetObject answers with; an answer that breaks off is asked for again.

    Raises: botocore's errors.
    """
    for attempt in range(attempts - 1):
        try:
            return _read_once(client, request)
        except _BROKEN:
            time.sleep(random.uniform(0, 0.1 * 2**attempt))
    return _read_once(client, request)


def _read_once(client: Any, request: dict[str, Any]) -> bytes:
    with closing(client.get_object(**request)["Body"]) as body:
        return body.read()


class RangeReader(io.RawIOBase):
    """A seekable file whose every read is one `fetch(start, stop)`; wrap it in a BufferedReader."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"cannot seek to {base + offset}, before the beginning")
        self._position = base + offset
        return self._position

    def readall(self) -> bytes:
        # The inherited one would ask for 8 KiB at a time.
        start, self._position = self._position, max(self._position, self._size)
        return self._fetch(start, self._size) if start < self._size else b""

    def readinto(self, buffer: Any) -> int:
        stop = min(self._position + len(buffer), self._size)
        if stop <= self._position:
            return 0
        data = self._fetch(self._position, stop)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
