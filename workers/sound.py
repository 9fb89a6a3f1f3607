"""What a job's plan says of its film's sound, with the files that it takes, fetched and verified."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from jobs.records import Plan
from jobs.truth import Truth
from pipeline.errors import IntegrityError
from pipeline.film.loudness import Measured, measured_file
from pipeline.film.sound_edits import Editing, SoundEdits
from pipeline.film.stitch import Delivered

_NEARLY_LU = 0.5
"""By which a codec may change what was measured before it: EBU R 128's tolerance for what is not live."""


def editing_of(plan: Plan, truth: Truth, folder: Path, pulse: Callable[[], None] = lambda: None) -> Editing | None:
    """The edits of the film's sound; None if it is left as it is. `folder`: for its files.

    Raises: IntegrityError if a file is not what it was; ObjectNotFound if it is gone.
    """
    told = plan.inputs.get("sound")
    if told is None:
        return None
    edits = SoundEdits.model_validate(told)
    return Editing(edits, {added.file: _fetched(plan, added.file, truth, folder) for added in edits.added}, pulse)


def _fetched(plan: Plan, place: int, truth: Truth, folder: Path) -> Path:
    file = plan.files[place]
    path = folder / f"sound-{place}{PurePosixPath(file.key).suffix}"
    if not path.exists():
        truth.store.download(file.key, path)
        with path.open("rb") as reader:
            digest = hashlib.file_digest(reader, "sha256").hexdigest()
        if digest != file.sha256:
            raise IntegrityError(f"{file.key}: is not what was submitted; submit the job again")
    return path


def heard(path: Path, made: Delivered, editing: Editing | None) -> Measured | None:
    """The loudness of a movie as it was written, if one was asked for and it has sound."""
    if editing is None or editing.edits.loudness is None or made.audio == "none":
        return None
    return measured_file(path)


def is_as_wanted(sound: Measured, editing: Editing) -> bool:
    """Whether a sound is as loud as was asked for, or as loud as its peaks allow, or silent."""
    wanted = editing.edits.loudness
    if wanted is None or sound.is_silent or abs(sound.loudness - wanted.target) <= _NEARLY_LU:
        return True
    return sound.loudness < wanted.target and sound.peak >= wanted.peak - 2 * _NEARLY_LU
