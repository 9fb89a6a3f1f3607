"""What a job of posters made, for whoever hands them on: every poster with its files, words, audience and seed.

As JSON, and as a CSV table with a row a poster. Torch-free.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.poster.brief import PosterBrief, Variant

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula's beginning."""


@dataclass(frozen=True)
class File:
    """One delivered file of a poster."""

    deliverable: str
    name: str
    """Its key in the output."""
    size: int
    """Bytes."""
    sha256: str


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
    deliverables = list(dict.fromkeys(file.deliverable for entry in entries for file in entry.files))
    columns = [*_COLUMNS, *(part for name in deliverables for part in (f"{name}_file", f"{name}_bytes"))]
    columns += [f"text_{name}" for name in brief.template.variables]
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    table.writeheader()
    for entry in entries:
        told = _told(brief, entry)
        row = {name: told[name] for name in _COLUMNS} | {"remarks": "; ".join(entry.remarks)}
        for file in entry.files:
            row |= {f"{file.deliverable}_file": file.name, f"{file.deliverable}_bytes": file.size}
        row |= {f"text_{name}": value for name, value in told["texts"].items()}
        table.writerow({name: _cell(value) for name, value in row.items()})
    return b"\xef\xbb\xbf" + text.getvalue().encode()


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
        "files": [
            {"deliverable": file.deliverable, "file": file.name, "bytes": file.size, "sha256": file.sha256}
            for file in entry.files
        ],
    }


def _cell(value: object) -> object:
    """A table's words come from people: none is to be run by the spreadsheet that opens it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
