"""Which folders of this machine a job file may name: any, unless it came from afar.

Whoever types a command may read and write what they may anyhow. A job file that came over HTTP is read, and later
rendered, with the rights of the farm, so it is held to the folders of the setting `web_folders`, and to uploads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from pipeline.errors import InputError

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
    if not any(place == folder or place.startswith(folder.rstrip("/") + "/") for folder in allowed):
        raise InputError(
            f"{said or path}: is in no folder that job files sent to this dashboard may name (ATELIER_WEB_FOLDERS); "
            "upload the file, or give an s3:// address"
        )


def check_fetched(url: str) -> None:
    """Raises: InputError if files of the web are not fetched for whoever sent the job file: it might be anybody's
    errand, to a server that only we can reach.
    """
    if folders() is not None:
        raise InputError(f"{url}: is on the web, and a job file sent to this dashboard has nothing fetched; upload it")
