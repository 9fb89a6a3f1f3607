"""The files that retouch jobs on the pages read: tables, captions, logos, sounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.media import numbered_picture, write_picture, write_sound
from tests.retouch.test_edits import IDENTITY_CUBE
from tests.retouch.test_words import SRT


def write_edit_files(values: dict[str, Any], folder: Path) -> None:
    """Write every file that a job file's edits and sound name."""
    for name in set(_names([values.get("edits"), values.get("sound")])):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        match path.suffix:
            case ".cube":
                path.write_bytes(IDENTITY_CUBE)
            case ".srt":
                path.write_bytes(SRT)
            case ".png":
                write_picture(path, numbered_picture(1))
            case ".wav" | ".flac":
                write_sound(path, codec="flac" if path.suffix == ".flac" else "pcm_s16le")


def _names(value: Any) -> Iterator[str]:
    """All words within lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _names(item)
