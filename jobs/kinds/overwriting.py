"""Would a job write over what it reads? Delivering replaces files, so a job that would is never accepted."""

from __future__ import annotations

import os

from jobs.naming import delivered_names
from jobs.records import Plan
from pipeline.film.source import Source
from pipeline.storage import is_remote


def overwritten(plan: Plan, source: Source) -> str | None:
    """The first of the source's files, its path or address, that a deliverable would replace."""
    if is_remote(plan.output) != is_remote(source.url):
        return None
    places = _Places()
    files = _files(source, places)
    root = _root(plan.output)
    for name in delivered_names(plan):
        if places.of(f"{root}/{name}") in files:
            return f"{root}/{name}"
    return None


def _root(output: str) -> str:
    """The output without slashes at its ends: a store in S3 ignores those of its prefix."""
    if not is_remote(output):
        return output.rstrip("/")
    scheme, _, rest = output.partition("://")
    bucket, _, prefix = rest.partition("/")
    return f"{scheme}://{bucket}/{prefix.strip('/')}".rstrip("/")


def _files(source: Source, places: _Places) -> set[str]:
    """Where the source's files lie: those that a range leaves out too, and what links among them point to."""
    folder = source.url if source.kind == "folder" else source.url.rpartition("/")[0]
    paths = [f"{folder.rstrip('/')}/{name}" for name in source.names] or [source.url]
    found = {places.of(path) for path in paths}
    if not is_remote(source.url):
        found |= {os.path.realpath(path) for path in paths if os.path.islink(path)}
    return found


class _Places:
    """Paths with the links among their folders resolved, each folder once. Writing a file replaces a link, so the last
    part stays as it is."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def of(self, path: str) -> str:
        """Where the directory entry is; an s3:// address stays as it is."""
        if is_remote(path):
            return path
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder or "/")
        return f"{self._folders[folder].rstrip('/')}/{name}"
