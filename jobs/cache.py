"""The frame cache: where frames lie that some job has painted, by what they were painted from.

    cache/<family>/<job>/000012-0001        chunk 12 of this job, generation 1, holds frames of this family

An entry is empty. Which frames the chunk holds is in its receipt, and an entry without a receipt counts for nothing. So
the cache has no pictures of its own, and is no more than a way to find those of other jobs. What a key means is the
painter's matter (pipeline/film/keys.py, pipeline/portraits/known.py); whether a picture is what its receipt says is
checked when it is read.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from jobs.records import Receipt
from jobs.truth import Truth
from pipeline.errors import AtelierError, IntegrityError, ObjectNotFound
from pipeline.storage.base import Store

log = logging.getLogger(__name__)

FOLDER = "cache/"
"""What every entry's key begins with."""

_STALE_S = 120.0
"""After so long a family is listed again: another job may have painted more of it meanwhile."""

_FAMILIES_KEPT = 32
"""Families that a process remembers."""

_MOST_FRAMES = 400_000
"""Frames of one family that a process remembers, in about 150 MB."""

_READERS = 16
"""Receipts that are read at once."""

_AT_ONCE = 256
"""Receipts read before it is looked whether there is room for more."""


@dataclass
class _Family:
    """What a process knows of one family."""

    listed_at: float = float("-inf")
    jobs: set[str] = field(default_factory=set)
    """Jobs of ours for which it was listed."""
    read: set[str] = field(default_factory=set)
    """Entries whose receipts were read."""
    pictures: dict[bytes, tuple[str, bytes]] = field(default_factory=dict)
    """A frame's digest → its picture's key and SHA-256. Bytes take half the room of hexadecimal digits."""


class FrameCache:
    """The frames that can be found in one store. One for each process; from any thread."""

    def __init__(self, truth: Truth, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds that only grow."""
        self._truth, self._clock = truth, clock
        self._families: OrderedDict[str, _Family] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, *, job: str) -> bytes | None:
        """The lossless picture of the frame of this key, as another job stored it; None if there is none, or damaged.

        Asks the store only for what it has: once for a job and family, then again every few minutes.
        Raises: TransientError, AccessDenied.
        """
        name, digest = _split(key)
        with self._lock:
            pictures = self._family(name, job).pictures
            place = pictures.get(digest)
        if place is None:
            return None
        where, sha256 = place
        try:
            data = self._truth.store.get(where)
        except ObjectNotFound:
            data = b""
        if hashlib.sha256(data).digest() == sha256:
            return data
        log.info("%s: is gone or damaged; the frame is painted again", where)
        with self._lock:
            pictures.pop(digest, None)
        return None

    def add(self, receipt: Receipt) -> None:
        """Let a chunk's frames be found. To be called when its receipt is in the store; a failure costs no more than
        painting the frames again."""
        families = sorted({_split(key)[0] for key in receipt.keys if key})
        try:
            for family in families:
                self._truth.store.put(_entry(family, receipt), b"")
        except AtelierError as error:
            log.warning("%s chunk %d: not entered into the frame cache: %s", receipt.job, receipt.chunk, error)

    def _family(self, name: str, job: str) -> _Family:
        family = self._families.setdefault(name, _Family())
        self._families.move_to_end(name)
        if job not in family.jobs or self._clock() - family.listed_at > _STALE_S:
            self._refresh(name, family, job)
        if len(self._families) > _FAMILIES_KEPT:
            self._families.popitem(last=False)
        return family

    def _refresh(self, name: str, family: _Family, job: str) -> None:
        entries = [entry.key for entry in self._truth.store.list(f"{FOLDER}{name}/")]
        if not family.read.issubset(entries):
            # Some job was deleted. Another may have the same frames, which were passed over.
            family.read.clear()
            family.pictures.clear()
        # What a job paints, it need not look for; were its own frames good, it would not paint them.
        new = [entry for entry in entries if entry not in family.read and _job(entry) != job]
        for at in range(0, len(new), _AT_ONCE):
            if len(family.pictures) >= _MOST_FRAMES:
                break
            self._read(name, family, new[at : at + _AT_ONCE])
        family.jobs.add(job)
        family.listed_at = self._clock()

    def _read(self, name: str, family: _Family, entries: list[str]) -> None:
        with ThreadPoolExecutor(_READERS, thread_name_prefix="cache") as pool:
            for entry, receipt in zip(entries, pool.map(self._receipt, entries), strict=True):
                if receipt is not None:
                    family.read.add(entry)
                    family.pictures.update(_pictures(name, receipt))

    def _receipt(self, entry: str) -> Receipt | None:
        """The receipt that an entry stands for, if it is there and whole."""
        chunk, _, generation = entry.rpartition("/")[2].partition("-")
        if not (_job(entry) and chunk.isdecimal() and generation.isdecimal()):
            return None
        try:
            return self._truth.receipt(_job(entry), int(chunk), int(generation))
        except IntegrityError:
            return None


def forget(store: Store, *jobs: str) -> int:
    """Remove all entries of these jobs, when they are deleted; gives how many there were."""
    dead = [entry.key for entry in store.list(FOLDER) if _job(entry.key) in jobs]
    for key in dead:
        store.delete(key)
    return len(dead)


def recalled(receipts: Iterable[Receipt]) -> tuple[int, int]:
    """How many frames of a job were found in the cache, and how many it has."""
    pairs = [(receipt.recalled, receipt.stop - receipt.start) for receipt in receipts]
    return sum(found for found, _ in pairs), sum(frames for _, frames in pairs)


def note(found: int, frames: int) -> str | None:
    """What people are told of it, if there is anything to tell."""
    return f"{found:,} of {frames:,} frames were found in the frame cache" if found else None


def _pictures(family: str, receipt: Receipt) -> dict[bytes, tuple[str, bytes]]:
    """Those of the receipt's frames that are of this family."""
    pairs = zip(receipt.keys, receipt.frames, strict=False)
    try:
        digests = [(_split(key), blob) for key, blob in pairs if key]
        return {digest: (blob.key, bytes.fromhex(blob.sha256)) for (name, digest), blob in digests if name == family}
    except ValueError:
        log.warning("%s chunk %d: its receipt is damaged; its frames are not looked for", receipt.job, receipt.chunk)
        return {}


def _split(key: str) -> tuple[str, bytes]:
    name, _, digest = key.partition("/")
    return name, bytes.fromhex(digest)


def _entry(family: str, receipt: Receipt) -> str:
    return f"{FOLDER}{family}/{receipt.job}/{receipt.chunk:06d}-{receipt.generation:04d}"


def _job(entry: str) -> str:
    """The job of an entry; empty if it is none of ours."""
    parts = entry.split("/")
    return parts[2] if len(parts) == 4 else ""
