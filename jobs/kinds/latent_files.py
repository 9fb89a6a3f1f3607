"""The latents and directions in files that a portraits job reads: looked at, and pinned by digest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.records import FileRef
from pipeline.catalog import digest
from pipeline.errors import InputError, ModelError
from pipeline.film.access import basename, local_copy
from pipeline.models.stylegan.config import GeneratorConfig
from pipeline.portraits import directions, latents


class LatentFiles:
    """The files of one job, each of which is read once."""

    def __init__(self, config: GeneratorConfig, settings: Settings) -> None:
        self._config, self._options = config, settings.store_options()
        self._rows: dict[str, FileRef] = {}

    @property
    def found(self) -> tuple[FileRef, ...]:
        """As the plan has them."""
        return tuple(self._rows.values())

    def place(self, url: str) -> int:
        """Where a file that was looked at stands among them."""
        return list(self._rows).index(url)

    def latents(self, url: str, *keys: str) -> tuple[latents.Space, int]:
        """The space of a file's latents, and how many there are. Raises: FieldProblem."""
        read: latents.Latents = self._looked_at(url, latents.read, keys)
        return read.space, len(read.values)

    def direction(self, url: str, *keys: str | int) -> None:
        """A direction's file. Raises: FieldProblem."""
        self._looked_at(url, directions.read, keys)

    def _looked_at(self, url: str, read: Callable[[Path, GeneratorConfig], Any], keys: tuple[str | int, ...]) -> Any:
        try:
            with local_copy(url, self._options) as path:
                try:
                    made = read(path, self._config)
                except ModelError as error:
                    raise ModelError(str(error).replace(str(path), url)) from error
                self._rows[url] = FileRef(name=basename(url), key=url, sha256=digest(path))
                return made
        except InputError as error:
            raise FieldProblem(keys, str(error)) from error
