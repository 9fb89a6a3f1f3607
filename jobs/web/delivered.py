"""What a finished job delivered, as its certificate lists it: nothing else of its output is ever served.

Of a job that was ordered again, that is what it delivered before, until it is finished again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from jobs import naming
from jobs.certificate import read
from jobs.records import Deliverable, Plan, Result
from jobs.truth import Truth
from jobs.web.memory import Memory
from pipeline.errors import IntegrityError

Playable = Literal["video", "audio", "picture"]

_MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/matroska",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".apng": "image/apng",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".tif": "image/tiff",
    ".pdf": "application/pdf",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".opus": "audio/ogg",
    ".srt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
"""By the ending of a file's name. All others are only downloaded."""

_PICTURES = frozenset({".png", ".jpg", ".gif", ".webp", ".apng"})

_SOUNDS = frozenset({".wav", ".flac", ".opus"})

_MOVIES = frozenset({"h264", "av1"})
"""Deliverables that browsers play."""


@dataclass(frozen=True)
class File:
    """One delivered file."""

    name: str
    """Below the output."""
    size: int
    """Bytes."""
    sha256: str
    """Empty of the certificate and the result, which vouch for the others."""


@dataclass(frozen=True)
class Delivered:
    """The newest finished generation of a job, and all its files."""

    result: Result
    files: dict[str, File]
    """By name, in the order of their names."""
    is_outdated: bool = False
    """Whether the job was ordered again since."""

    def of(self, row: Deliverable, plan: Plan) -> list[File]:
        """The files of one deliverable, in the order of their names."""
        key = key_of(row, plan)
        if not key.endswith("/"):
            return [self.files[key]] if key in self.files else []
        return [file for name, file in self.files.items() if name.startswith(key)]


class Deliveries:
    """The jobs whose files were asked for last. Any threads may use it."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        # That of 100,000 pictures takes tens of megabytes.
        self._known: Memory[Delivered] = Memory(8, lasts_s=600)

    def of(self, plan: Plan) -> Delivered | None:
        """What the job delivered last; None if it was never finished.

        Raises: IntegrityError if the certificate is damaged; StorageUnavailable.
        """
        result = self._truth.newest_result(plan.job)
        if result is None:
            return None
        # A job that was swept and submitted again has the same name, and the same generations.
        key = (plan.job, result.generation, result.finished_at, result.certificate)
        found = self._known.get(key, lambda: self._read(plan, result))
        return replace(found, is_outdated=result.generation < self._truth.current(plan.job).number)

    def _read(self, plan: Plan, result: Result) -> Delivered:
        data = self._truth.certificate(plan.job, result.generation)
        if data is None:
            # A job of an Atelier that wrote none: what consists of one file is known by its name.
            single = [File(key_of(row, plan), row.size, row.sha256) for row in result.deliverables if row.files == 1]
            return Delivered(result, {file.name: file for file in single if not file.name.endswith("/")})
        try:
            named = read(data, naming.CERTIFICATE).delivered()
        except IntegrityError as error:
            raise IntegrityError(f"{plan.job}: {error}; `atelier verify {plan.job}` tells more") from error
        files = {name: File(name, size, sha256) for name, (size, sha256) in named.items()}
        files |= {name: File(name, -1, "") for name in (naming.CERTIFICATE, naming.RESULT)}
        return Delivered(result, {name: files[name] for name in sorted(files)})


def key_of(row: Deliverable, plan: Plan) -> str:
    """A deliverable's place below the output: a file's name, or a folder's with a slash."""
    return row.url.removeprefix(plan.output.rstrip("/")).lstrip("/")


def media_type(name: str) -> str:
    """What a browser is told that a file is."""
    return _MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def is_shown(name: str) -> bool:
    """Whether browsers may show it in a page of its own; all else is downloaded."""
    return media_type(name) != "application/octet-stream"


def playable(label: str, name: str) -> Playable | None:
    """Whether browsers play a deliverable as a film or sound, or show it as a picture. `label`: what it is called."""
    suffix = PurePosixPath(name).suffix.lower()
    if label in _MOVIES and suffix == ".mp4":
        return "video"
    if suffix in _SOUNDS:
        return "audio"
    return "picture" if suffix in _PICTURES else None
