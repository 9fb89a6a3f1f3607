"""The clips that a file of labels names, and their skeletons, wherever they lie. Torch-free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from pipeline.errors import MediaError
from pipeline.film import access
from pipeline.motion.labels import Labels

_MOST_BYTES = 400_000_000
"""Of one recording."""


def listed(data: str, labels: Labels, options: object) -> dict[str, int]:
    """Names and bytes of the files that a training takes, relative to the folder or prefix `data`.

    Raises: MediaError if a row names what is not there, or the folder cannot be listed; AccessDenied;
    StorageUnavailable.
    """
    made: dict[str, int] = {}
    folders: dict[str, dict[str, int]] = {}
    for row in labels.rows:
        path = PurePosixPath(row.file)
        inner = "" if str(path.parent) == "." else f"{path.parent}/"
        if inner not in folders:
            folders[inner] = _files(data, inner, options)
        there = folders[inner]
        if path.name not in there:
            raise MediaError(
                f"{labels.where}:{row.line}: {row.file} is not in {access.basename(data)}; correct its name, or remove "
                "the row"
            )
        made[row.file] = there[path.name]
        if path.suffix.casefold() == ".amc":
            made |= {inner + name: size for name, size in there.items() if name.casefold().endswith(".asf")}
    return made


def fetched(data: str, files: Mapping[str, int], scratch: Path, options: object, tell: Callable[[int], None]) -> Path:
    """The folder on this machine, or a prefix' files copied to `scratch`, which is not there yet.

    `tell` is told how many were copied. Raises: as `listed`.
    """
    if not access.is_remote(data):
        return Path(data)
    for count, name in enumerate(files, 1):
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(access.read_bytes(f"{data.rstrip('/')}/{name}", options, most=_MOST_BYTES))
        tell(count)
    return scratch


def _files(data: str, inner: str, options: object) -> dict[str, int]:
    if not access.is_remote(data) and not Path(data, inner).is_dir():
        raise MediaError(f"{data.rstrip('/')}/{inner}: is no folder; give the folder that the recordings are in")
    return {file.name: file.size for file in access.listing(f"{data.rstrip('/')}/{inner}".rstrip("/"), options)}
