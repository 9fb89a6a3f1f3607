"""What a job of posters made, for whoever hands them on: every poster with its files, words, audience and seed.

As JSON, and as a CSV table with a row a poster. Torch-free.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.manifest import File, file_cells, file_columns, table
from pipeline.poster.brief import PosterBrief, Variant


@dataclass(frozen=True)
class Entry:
    """One poster: what it is, and what came of it."""

    variant: Variant
    files: Sequence[File]
    problem: str = ""
    """Why there is none, if there is none."""
    remarks: Sequence[str] = ()
    """What people should know of it: a colour that was changed to be read."""


def as_json(brief: PosterBrief, entries: Sequence[Entry]) -> bytes:
    """The manifest as JSON: `{"template": …, "posters": [{…}, …]}`."""
    told = {
        "template": brief.template_name,
        "made": sum(not entry.problem for entry in entries),
        "failed": sum(bool(entry.problem) for entry in entries),
        "posters": [_told(brief, entry) for entry in entries],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def as_csv(brief: PosterBrief, entries: Sequence[Entry]) -> bytes:
    """The manifest as a table in UTF-8, its first line the columns' names; with the mark by which Excel knows UTF-8."""
    columns = [*_COLUMNS, *file_columns(file for entry in entries for file in entry.files)]
    columns += [f"text_{name}" for name in brief.template.variables]
    return table(columns, (_row(brief, entry) for entry in entries))


def _row(brief: PosterBrief, entry: Entry) -> dict[str, object]:
    told = _told(brief, entry)
    texts = {f"text_{name}": value for name, value in told["texts"].items()}
    return (
        {name: told[name] for name in _COLUMNS}
        | {"remarks": "; ".join(entry.remarks)}
        | file_cells(entry.files)
        | texts
    )


_COLUMNS = (
    "poster",
    "audience",
    "locale",
    "group",
    "width",
    "height",
    "duration_s",
    "palette",
    "background",
    "seed",
    "problem",
    "remarks",
)


def _told(brief: PosterBrief, entry: Entry) -> Mapping[str, Any]:
    variant = entry.variant
    palette = variant.palette
    return {
        "poster": variant.name,
        "audience": variant.audience,
        "locale": variant.locale,
        "group": variant.group,
        "width": variant.width,
        "height": variant.height,
        "duration_s": brief.duration_s if brief.clips else "",
        "palette": palette
        if isinstance(palette, str)
        else " ".join(f"{role}={code}" for role, code in palette.items()),
        "background": variant.background,
        "seed": variant.seed,
        "problem": entry.problem,
        "remarks": list(entry.remarks),
        "texts": {name: variant.values[name] for name in brief.template.variables if name in variant.values},
        "files": [file.told() for file in entry.files],
    }
