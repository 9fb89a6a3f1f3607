"""Models that are a folder of files, as their libraries save them: found here, and pinned file by file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from jobs.confine import check_within
from jobs.records import FileRef, ModelRef
from jobs.registry import folder
from pipeline.catalog import ASSETS, FOLDERS, digest
from pipeline.diffusion import hub
from pipeline.errors import ModelError


def located(value: str) -> Path:
    """A model's folder or file: at a path, or in the hub's cache by its id. Raises: ModelError if it is in neither."""
    path = Path(value)
    return path if path.exists() or not hub.is_id(value) else hub.snapshot(value)


def check_cached(value: str, key: str) -> bool:
    """Whether a value is an id of the hub. Raises: ValueError, naming the key, if its model is not in the cache."""
    if not hub.is_id(value):
        return False
    try:
        hub.snapshot(value)
    except ModelError as error:
        raise ValueError(f"{key}: {error}") from error
    return True


def pin(name: str, path: Path) -> FileRef:
    """A file of a model's, by its digest, as a worker finds it in the model's folder.

    What a job file from afar names lies within its folders; the hub's cache, what ships and what was registered is
    ours. Raises: InputError.
    """
    # A folder may hold links; those of the hub's cache stay within it.
    if not any(path.resolve().is_relative_to(ours.resolve()) for ours in (ASSETS, folder("illustrator"), hub.cache())):
        check_within(str(path))
    return FileRef(name=name, key=str(path.absolute()), sha256=digest(path))


def folder_ref(
    name: str, library: str, files: Mapping[str, Path], pin: Callable[[str, Path], FileRef] = pin
) -> ModelRef:
    """The model, by its files' digests. `files`: name in the folder that a worker loads it from → the file here.

    `pin`: gives a file's reference, where some lie elsewhere. Raises: what that raises.
    """
    parts = tuple(pin(part, path) for part, path in sorted(files.items()))
    told = " ".join(f"{part.name} {part.sha256}" for part in parts)
    return ModelRef(
        name=name,
        entry=FOLDERS[library],
        weights="",
        sha256=hashlib.sha256(told.encode()).hexdigest(),
        parts=parts,
    )
