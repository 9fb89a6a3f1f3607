"""Where the files of a job's models lie that are folders: on this machine, in the hub's cache, or in a store.

Of what lies in a store an outline is made here, so that it is looked at as a folder is, and its weights stay there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.kinds.model_folders import located, pin
from jobs.records import FileRef
from pipeline.catalog import digest
from pipeline.diffusion import outline
from pipeline.diffusion.outline import Kept
from pipeline.errors import InputError
from pipeline.film.access import basename, is_remote
from pipeline.scratch import scratch_folder
from pipeline.storage import StoreOptions


class Places:
    """Finds the files of one job's models."""

    def __init__(self, scratch: Path, options: StoreOptions) -> None:
        self._scratch, self._options = scratch, options
        self._kept: dict[Path, Kept] = {}
        self._outlined: dict[str, Path] = {}

    def here(self, value: str) -> Path:
        """The folder or file to look at. Raises: ModelError if there is none; AccessDenied, StorageUnavailable."""
        if not is_remote(value):
            return located(value)
        if value not in self._outlined:
            # What people read of it is called as it is there.
            folder = self._scratch / str(len(self._outlined)) / basename(value)
            is_file = value.endswith(".safetensors")
            self._kept |= outline.outline(value, folder.parent if is_file else folder, self._options)
            self._outlined[value] = folder
        return self._outlined[value]

    def said(self, error: InputError) -> str:
        """What was said of an outline, as said of what lies in the store."""
        text = str(error)
        for url, path in self._outlined.items():
            text = text.replace(str(path), url)
        return text

    def pin(self, name: str, path: Path) -> FileRef:
        """A file by its digest, and where it is. Raises: as `model_folders.pin`, and for what lies in a store."""
        kept = self._kept.get(path)
        if kept is None:
            return pin(name, path)
        found = digest(path) if kept.is_whole else outline.digest(kept, self._options)
        return FileRef(name=name, key=kept.url, sha256=found)


@contextmanager
def places(options: StoreOptions) -> Iterator[Places]:
    """Places whose outlines are here until the block ends."""
    with scratch_folder("outline") as scratch:
        yield Places(scratch, options)
