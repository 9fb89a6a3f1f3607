"""The files that a retouch job reads besides its source: tables, logos, captions, sounds; pinned by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack

from av.error import FFmpegError

from jobs.config import Settings
from jobs.records import FileRef
from pipeline.errors import MediaError
from pipeline.film import access
from pipeline.film.container import opened_film
from pipeline.retouch.edit import Edit

_MOST_BYTES = 512_000_000
"""Of one file."""


class EditFiles:
    """The files of one job, each once."""

    def __init__(self, settings: Settings) -> None:
        self._options = settings.store_options()
        self.found: list[FileRef] = []
        self._data: dict[str, bytes] = {}

    def of(self, edit: Edit) -> tuple[Mapping[str, bytes], Mapping[str, int]]:
        """What lies in an edit's files, and their places among the job's, by key.

        Raises: MediaError if one is not there, or is no file of its kind; AccessDenied, StorageUnavailable.
        """
        urls = {key: getattr(edit, key) for key in edit.files if getattr(edit, key) is not None}
        read = {key: self._read(url) for key, url in urls.items()}
        edit.check(read)
        return read, {key: self._place(url) for key, url in urls.items()}

    def sound(self, url: str) -> int:
        """A sound's place among the job's files. Raises: as `of`."""
        with ExitStack() as closing:
            right = "give a .wav, .flac, .mp3, .m4a or .ogg file, or a film that has sound"
            try:
                container = closing.enter_context(opened_film(url, options=self._options))
            except MediaError as error:
                # A file that is there is called by what it should be.
                access.size(url, self._options)
                raise MediaError(f"{url}: is no sound that we can read; {right}") from error
            if not container.streams.audio:
                raise MediaError(f"{url}: has no sound; {right}")
            try:
                next(container.decode(container.streams.audio[0]))
            except (FFmpegError, ValueError, StopIteration) as error:
                raise MediaError(f"{url}: its sound cannot be decoded; convert it to .flac first") from error
        self._read(url)
        return self._place(url)

    def _read(self, url: str) -> bytes:
        if url not in self._data:
            size = access.size(url, self._options)
            if size > _MOST_BYTES:
                raise MediaError(f"{url}: is {size / 1e6:,.0f} MB; such a file has at most {_MOST_BYTES / 1e6:.0f} MB")
            self._data[url] = access.read_bytes(url, self._options)
        return self._data[url]

    def _place(self, url: str) -> int:
        digest = hashlib.sha256(self._data[url]).hexdigest()
        ref = FileRef(name=access.basename(url), key=url, sha256=digest)
        if ref not in self.found:
            self.found.append(ref)
        return self.found.index(ref)
