"""Which folders of this machine a job file may name: any, unless it came from afar.

Whoever types a command may read and write what they may anyhow. A job file that came over HTTP is read, and later
rendered, with the rights of the farm, so it is held to the folders of the setting `web_folders`, and to uploads. Where
that is any folder, what the kernel shows as files stays out: the farm's own environment, and its secrets, lie there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from pipeline.addresses import is_public
from pipeline.errors import InputError
from pipeline.web import Bounds

ANY = ("/",)
"""Any folder that holds files: what a job file from afar may name where only this machine's users send some."""

_KERNELS = ("/proc", "/sys", "/dev")
"""What lies here is no file."""

_SENT = Bounds(may_reach=is_public, within_s=120.0, most_bytes=2_000_000_000)
"""Of what is fetched for a job file from afar: its sender waits, and could otherwise ask what only we can reach."""

_folders: ContextVar[tuple[str, ...] | None] = ContextVar("folders", default=None)


@contextmanager
def confined(folders: Sequence[str] | None) -> Iterator[None]:
    """Within the block, job files may name what is in these folders, and nothing else here; None: anything."""
    token = _folders.set(None if folders is None else tuple(os.path.realpath(folder) for folder in folders))
    try:
        yield
    finally:
        _folders.reset(token)


def folders() -> tuple[str, ...] | None:
    """The folders that may be named now; None: any."""
    return _folders.get()


def check_within(path: str, *, said: str = "") -> None:
    """Raises: InputError if the path, wherever its links lead, is in none of the folders. Looks at nothing there.

    `said`: the path as it was written, where it was completed: the error does not tell with what.
    """
    allowed = folders()
    if allowed is None:
        return
    place = os.path.realpath(path)
    if any(_is_in(place, folder) for folder in _KERNELS):
        raise InputError(f"{path}: is no file, but what the kernel tells of this machine; name a file, or upload one")
    if not any(_is_in(place, folder) for folder in allowed):
        raise InputError(
            f"{said or path}: is in no folder that job files sent to this dashboard may name (ATELIER_WEB_FOLDERS); "
            "upload the file, or give an s3:// address"
        )


def _is_in(place: str, folder: str) -> bool:
    return place == folder or place.startswith(folder.rstrip("/") + "/")


def check_fetched(url: str) -> None:
    """Raises: InputError if files of the web are not fetched for whoever sent the job file: it might be anybody's
    errand.
    """
    if folders() not in (None, ANY):
        raise InputError(f"{url}: is on the web, and a job file sent to this dashboard has nothing fetched; upload it")


def bounds() -> Bounds:
    """Of what is fetched from the web now."""
    return Bounds() if folders() is None else _SENT
