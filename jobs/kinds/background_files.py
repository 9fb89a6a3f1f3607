"""The user's own pictures and films behind a poster: looked at when a job is planned, and pinned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.pictures import picture_file
from jobs.records import FileRef
from pipeline.errors import InputError, MediaError
from pipeline.film import access, sequences
from pipeline.film.probe import probe
from pipeline.film.source import Source

MOST_FILES = 1_000
"""Behind the posters of one job."""

_FILM_SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mxf", ".gif"})
"""Of the files in a folder that are taken for films; one that is named is a film whatever it is called."""


@dataclass(frozen=True)
class OwnFile:
    """One of the user's files."""

    name: str
    file: FileRef | None = None
    """Of a picture, which workers get under its digest; or …"""
    source: Source | None = None
    """… a film, which workers read where it is."""


def own_files(url: str, settings: Settings, *keys: str | int) -> list[OwnFile]:
    """What is at a path or address: one picture or film, or all of a folder in the order of their names.

    Raises: FieldProblem, at these keys, if it cannot be used; StorageUnavailable.
    """
    try:
        return [_looked_at(each, settings) for each in _addresses(url, settings)]
    except InputError as error:
        raise FieldProblem(keys, f"background: {error}") from error


def _addresses(url: str, settings: Settings) -> list[str]:
    options = settings.store_options()
    if not access.is_folder(url, options):
        return [url]
    names = [file.name for file in access.listing(url, options)]
    taken = sorted((name for name in names if _is_taken(name)), key=sequences.natural_order)
    if not taken:
        raise MediaError(f"{url}: holds no pictures and no films; put .png, .jpg or .mp4 files there")
    if len(taken) > MOST_FILES:
        raise MediaError(f"{url}: holds {len(taken):,} pictures and films; at most {MOST_FILES:,} can be backgrounds")
    return [f"{url.rstrip('/')}/{name}" for name in taken]


def _is_taken(name: str) -> bool:
    return sequences.is_picture(name) or sequences.suffix(name) in _FILM_SUFFIXES


def _looked_at(url: str, settings: Settings) -> OwnFile:
    options, limits = settings.store_options(), settings.limits()
    source = probe(url, limits=limits, options=options)
    name = access.basename(url)
    if source.kind == "picture":
        return OwnFile(name, file=picture_file(url, options, limits))
    return OwnFile(name, source=source)


def beginning_of(source: Source, seconds: Fraction | None) -> Source:
    """A film's first so many seconds, so that a plan does not tell every frame of a long one; None: all of it."""
    if seconds is None or source.rate is None:
        return source
    frames = min(source.frames, math.ceil(seconds * source.rate) + 1)
    return source.model_copy(update={"frames": frames, "pts": source.pts[:frames], "names": source.names[:frames]})
