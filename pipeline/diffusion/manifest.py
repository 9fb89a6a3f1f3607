"""What a job of diffusion made: every picture with its words, seed, settings and files. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.diffusion.brief import DiffusionBrief
from pipeline.manifest import File, Row, rows_as_csv, rows_as_json

_COLUMNS = ("name", "prompt", "negative", "seed", "steps", "guidance", "scheduler", "strength", "width", "height")


@dataclass(frozen=True)
class Entry:
    """One picture, and what came of it."""

    frame: int
    name: str
    files: Sequence[File]
    problem: str = ""
    """Why there is none, if there is none."""
    remarks: Sequence[str] = ()


def as_json(brief: DiffusionBrief, entries: Sequence[Entry]) -> bytes:
    """`{"model": …, "pictures": [{…}, …]}`."""
    return rows_as_json({"model": brief.model, "task": brief.task}, "pictures", _rows(brief, entries))


def as_csv(brief: DiffusionBrief, entries: Sequence[Entry]) -> bytes:
    """A row a picture."""
    return rows_as_csv(_COLUMNS, _rows(brief, entries))


def _rows(brief: DiffusionBrief, entries: Sequence[Entry]) -> list[Row]:
    return [Row(_told(brief, entry), entry.files, entry.problem, entry.remarks) for entry in entries]


def _told(brief: DiffusionBrief, entry: Entry) -> Mapping[str, Any]:
    setting, subject, seed = brief.row(entry.frame)
    width, height = subject.size or setting.size
    values = (
        entry.name,
        subject.prompt,
        subject.negative,
        seed,
        setting.steps,
        setting.guidance,
        setting.scheduler or "",
        "" if setting.strength is None else setting.strength,
        width,
        height,
    )
    return dict(zip(_COLUMNS, values, strict=True))
