"""Pictures and films that the user has: a picture is pinned by its digest, a film stays where it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from pipeline import provenance
from pipeline.backgrounds.brief import Film, Own
from pipeline.backgrounds.footage import Picture, run_from, without_latent
from pipeline.errors import MediaError
from pipeline.film.decode import read_frames
from pipeline.film.source import Source
from pipeline.images import read_picture
from pipeline.painter import Easel, Work

_NAMED = "background"
"""Fact: which file of the user's says what follows."""

_GAP = 12
"""Frames of a film that are decoded for nothing before it is worth while to open it again."""


def footage_of(own: Own, easel: Easel) -> OwnPicture | OwnFilm:
    """The frames of one of the user's files. Raises: MediaError if the brief names none."""
    if own.source is not None:
        return OwnFilm(own.source, easel)
    if own.file is None:
        raise MediaError(f"background: {own.name} is neither picture nor film; submit the job again")
    return OwnPicture(own.name, own.file)


class OwnPicture:
    """A picture: one still, and no film."""

    film: Film | None = None
    stills = 1

    def __init__(self, name: str, file: int) -> None:
        self._name, self._file = name, file

    def still(self, index: int) -> int:
        return 0

    def digest(self, work: Work) -> str:
        return work.file_digests[self._file]

    def together(self, frame: int, wanted: Sequence[int]) -> tuple[int, int]:
        return 0, 1

    def paint(self, start: int, stop: int, work: Work) -> Iterator[Picture]:
        data = work.file(self._file)
        with work.watch.time("decode_s"):
            pixels = read_picture(data, where=self._name)
        try:
            told = provenance.read(data) or {}
        except MediaError:
            # It can be seen, and that is what it is here for.
            told = {}
        # A photograph says nothing: no model had a hand in it.
        yield Picture(pixels, without_latent(told) | {_NAMED: self._name} if told else {})


class OwnFilm:
    """A film or a numbered sequence, decoded exactly by time; no stills."""

    stills = 0

    def __init__(self, source: Source, easel: Easel) -> None:
        self._source, self._easel = source, easel

    @property
    def film(self) -> Film | None:
        source = self._source
        return None if source.rate is None else Film(start=0, stop=source.frames, rate=source.rate)

    def still(self, index: int) -> int:
        raise IndexError(index)

    def digest(self, work: Work) -> str:
        source = self._source
        told = f"{source.url} {source.fingerprint} {source.frames} {source.rate}"
        return hashlib.sha256(told.encode()).hexdigest()

    def together(self, frame: int, wanted: Sequence[int]) -> tuple[int, int]:
        return run_from(frame, wanted, stop=self._source.frames, gap=_GAP)

    def paint(self, start: int, stop: int, work: Work) -> Iterator[Picture]:
        options, threads = self._easel.options, self._easel.lanes
        for pixels in read_frames(self._source, start, stop, options=options, threads=threads):
            yield Picture(pixels)
