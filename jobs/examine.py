"""Reading stored things again and comparing them with what was certified of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jobs.certificate import is_result
from pipeline.errors import InputError, ObjectNotFound, StorageUnavailable
from pipeline.storage import is_remote
from pipeline.storage.base import Store
from pipeline.storage.digests import digest_of
from pipeline.stream import spread

_THREADS = 4

Report = Callable[[int, int], None]
"""Called with the bytes that were read so far, and with those that there are."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was certified."""

    what: str
    where: str
    """Its address."""
    why: str
    mend: str
    """What puts it right."""
    frames: tuple[int, ...] = ()
    """Frames to be rendered again, as people number them."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be read, and what it must be."""

    store: Store
    key: str
    size: int | None
    """Bytes; None if nothing says."""
    sha256: str
    what: str
    mend: str
    frames: tuple[int, ...] = ()
    certificate: str = ""
    """Of a result: the certificate that it must name; `sha256` is of the result without."""

    def damaged(self, why: str) -> Damage:
        """What is to be told of it."""
        return Damage(self.what, f"{self.store.url.rstrip('/')}/{self.key}", why, self.mend, self.frames)


@dataclass
class Findings:
    """What was read, and what was wrong with it."""

    files: int = 0
    size: int = 0
    """Bytes."""
    damages: list[Damage] = field(default_factory=list)

    def examine(self, items: Iterable[Item], report: Report) -> None:
        """Read every item and compare it. Raises: StorageUnavailable."""
        waiting = list(items)
        total = self.size + sum(item.size or 0 for item in waiting)
        for size, damage in spread(_examined, waiting, threads=_THREADS, name="verify"):
            self.files += size is not None
            self.size += size or 0
            if damage is not None:
                self.damages.append(damage)
            report(min(self.size, total), total)


def _examined(item: Item) -> tuple[int | None, Damage | None]:
    """How many bytes were read (None: the item could not be), and what is wrong with them."""
    try:
        return _compared(item)
    except ObjectNotFound:
        return None, item.damaged("is missing")
    except InputError as error:
        return None, item.damaged(f"cannot be read ({error})")
    except StorageUnavailable as error:
        # A server may answer later; a disk that cannot read a file has lost it.
        if is_remote(item.store.url):
            raise
        return None, item.damaged(f"cannot be read ({error})")


def _compared(item: Item) -> tuple[int, Damage | None]:
    if item.certificate:
        data = item.store.get(item.key)
        whole = is_result(data, item.sha256, item.certificate)
        return len(data), None if whole else item.damaged("is not what was certified")
    size, sha256 = digest_of(item.store, item.key, expected=item.size or 0)
    if item.size is not None and size != item.size:
        return size, item.damaged(f"has {size:,} bytes and not {item.size:,}")
    return size, None if sha256 == item.sha256 else item.damaged("is not what was certified: some of its bytes changed")
