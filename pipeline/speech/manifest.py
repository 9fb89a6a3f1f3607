"""What a job of speech made: every line with its words, voice, times and files. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.manifest import File, Row, rows_as_csv, rows_as_json
from pipeline.speech.brief import SpeechBrief
from pipeline.speech.voices import ABOUT

_COLUMNS = (
    *("name", "text", "voice", "engine", "language", "speed", "seed"),
    *("duration_s", "loudness_lufs", "begins_s", "ends_s"),
)


@dataclass(frozen=True)
class Heard:
    """What came of a line's sound."""

    duration_s: float
    loudness: float | None
    """LUFS."""
    begins_s: float | None = None
    """In the narration, if there is one."""


@dataclass(frozen=True)
class Entry:
    """One line, and what came of it."""

    frame: int
    files: Sequence[File]
    heard: Heard | None = None
    """None if it could not be said."""
    problem: str = ""
    remarks: Sequence[str] = ()


def as_json(brief: SpeechBrief, entries: Sequence[Entry]) -> bytes:
    """`{"lines": [{…}, …]}`."""
    return rows_as_json({}, "lines", _rows(brief, entries))


def as_csv(brief: SpeechBrief, entries: Sequence[Entry]) -> bytes:
    """A row a line."""
    return rows_as_csv(_COLUMNS, _rows(brief, entries))


def _rows(brief: SpeechBrief, entries: Sequence[Entry]) -> list[Row]:
    return [Row(_told(brief, entry), entry.files, entry.problem, entry.remarks) for entry in entries]


def _told(brief: SpeechBrief, entry: Entry) -> Mapping[str, Any]:
    line, voice, heard = brief.lines[entry.frame], brief.voice(entry.frame), entry.heard
    begins = None if heard is None else heard.begins_s
    # Who would say what was refused as it stands is not known: the voice itself may be what is wrong.
    speaks = ("", "") if line.problem else (voice.name, ABOUT[voice.engine].title)
    values = (
        *(line.name, line.text, *speaks, line.language, line.speed),
        line.seed,
        "" if heard is None else round(heard.duration_s, 3),
        "" if heard is None or heard.loudness is None else round(heard.loudness, 1),
        "" if begins is None else round(begins, 3),
        "" if begins is None or heard is None else round(begins + heard.duration_s, 3),
    )
    return dict(zip(_COLUMNS, values, strict=True))
