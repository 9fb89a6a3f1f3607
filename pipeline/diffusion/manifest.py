"""What a job of diffusion made: every picture with its words, seed, settings and files. Torch-free."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.diffusion.brief import DiffusionBrief
from pipeline.manifest import File, file_cells, file_columns, table

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
    told = {
        "model": brief.model,
        "task": brief.task,
        "made": sum(not entry.problem for entry in entries),
        "failed": sum(bool(entry.problem) for entry in entries),
        "pictures": [
            {
                **_told(brief, entry),
                "problem": entry.problem,
                "remarks": list(entry.remarks),
                "files": [file.told() for file in entry.files],
            }
            for entry in entries
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def as_csv(brief: DiffusionBrief, entries: Sequence[Entry]) -> bytes:
    """A row a picture."""
    columns = [*_COLUMNS, "problem", "remarks", *file_columns(file for entry in entries for file in entry.files)]
    rows = (
        {
            **_told(brief, entry),
            "problem": entry.problem,
            "remarks": "; ".join(entry.remarks),
            **file_cells(entry.files),
        }
        for entry in entries
    )
    return table(columns, rows)


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
