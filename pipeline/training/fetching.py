"""The pictures of a training where the worker is: a folder that it shares, or a store's prefix, which is fetched."""

from __future__ import annotations

from collections.abc import Container, Sequence
from pathlib import Path

from pipeline.errors import MediaError
from pipeline.film.access import is_remote, listing, read_bytes
from pipeline.painter import Work
from pipeline.storage import StoreOptions
from pipeline.stream import spread
from pipeline.training.material import MOST_PHOTOS, chosen, mark

_FETCHING = 8
"""Pictures fetched side by side."""


def folder_here(
    url: str,
    scratch: Path,
    work: Work,
    options: StoreOptions,
    *,
    most: int = MOST_PHOTOS,
    wanted: Container[str] | None = None,
) -> Path:
    """The folder, or the prefix copied to `scratch`, which is not there yet; of more than `most` pictures, some.

    `wanted`: names of those to copy, where not all are.
    Raises: MediaError if this worker has no such folder; TransientError.
    """
    if is_remote(url):
        names = [file.name for file in listing(url, options) if wanted is None or file.name in wanted]
        _fetch(url, chosen(names, most=most), scratch, work, options)
    folder = scratch if is_remote(url) else Path(url)
    if not folder.is_dir():
        raise MediaError(f"{url}: no such folder on this worker; share it with the workers, or use s3://")
    return folder


def check_unchanged(paths: Sequence[Path], url: str, planned: str) -> None:
    """Raises: MediaError if the pictures are not those that `material.mark` was of."""
    if mark((path.name, path.stat().st_size) for path in paths) != planned:
        raise MediaError(f"{url}: the photographs have changed since the job was planned; submit it again")


def _fetch(url: str, names: Sequence[str], folder: Path, work: Work, options: StoreOptions) -> None:
    folder.mkdir()

    def fetch(name: str) -> None:
        (folder / name).write_bytes(read_bytes(f"{url.rstrip('/')}/{name}", options))

    for count, _ in enumerate(spread(fetch, names, threads=_FETCHING, name="photos"), 1):
        if count % _FETCHING == 0:
            work.pulse(f"fetching the photographs: {count:,} of {len(names):,}")
