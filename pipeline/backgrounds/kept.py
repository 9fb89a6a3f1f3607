"""Pictures on this machine's disk, as long as the process lives: what was painted once is not painted again.

Raw pixels, mapped and not read: what an encoder would save in room, a decoder takes in time, for each poster anew. Who
was not asked for longest leaves when room is short. Torch-free.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.backgrounds.footage import Picture
from pipeline.scratch import scratch_folder

log = logging.getLogger(__name__)

ROOM_BYTES = 2_000_000_000
"""Of one process: twenty seconds of a 1080 px square at 30 frames a second."""

_SHARE = 4
"""Of the disk's free room, at most one part in so many."""


@dataclass(frozen=True)
class _Entry:
    path: Path
    shape: tuple[int, ...]
    size: int
    """Bytes."""
    facts: Mapping[str, str]


class Kept:
    """Pictures by key. From any thread."""

    def __init__(self, folder: Path, *, room_bytes: int = ROOM_BYTES) -> None:
        """`folder`: ours alone. `room_bytes`: what all pictures may take; one that is larger is not kept."""
        self._folder, self._room = folder, room_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._taken = self._made = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> Picture | None:
        """The picture, if it is there; its pixels cannot be written to."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            try:
                pixels = np.asarray(np.memmap(entry.path, np.uint8, "r", shape=entry.shape))
            except OSError as error:
                log.warning("%s: a kept picture cannot be read: %s; it is painted again", entry.path, error)
                self._drop(key)
                return None
            return Picture(pixels, entry.facts)

    def put(self, key: str, picture: Picture) -> bool:
        """Keep a picture, and say whether there was room: a full disk costs time and nothing else."""
        pixels = picture.pixels
        with self._lock:
            if key in self._entries:
                return True
            if pixels.nbytes > self._room:
                return False
            while self._taken + pixels.nbytes > self._room:
                self._drop(next(iter(self._entries)))
            path = self._folder / f"{self._made:08d}"
            self._made += 1
            try:
                path.write_bytes(np.ascontiguousarray(pixels).data)
            except OSError as error:
                log.warning("%s: no room to keep a picture: %s", path, error)
                path.unlink(missing_ok=True)
                return False
            self._entries[key] = _Entry(path, pixels.shape, pixels.nbytes, picture.facts)
            self._taken += pixels.nbytes
            return True

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key)
        self._taken -= entry.size
        # Who has it mapped goes on seeing it.
        entry.path.unlink(missing_ok=True)


_ours: dict[int, Kept] = {}
"""Process → its pictures: a child that was forked begins its own."""

_beginning = threading.Lock()


def kept_here() -> Kept:
    """This process's pictures, in a temporary folder that goes when it ends, however it ends."""
    process = os.getpid()
    with _beginning:
        if process not in _ours:
            folders = ExitStack()
            folder = folders.enter_context(scratch_folder("backgrounds"))
            room = min(ROOM_BYTES, shutil.disk_usage(folder).free // _SHARE)
            _ours[process] = Kept(folder, room_bytes=room)
            # A child that was forked later leaves its parent's folder alone.
            atexit.register(lambda: folders.close() if os.getpid() == process else None)
        return _ours[process]
