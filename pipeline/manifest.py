"""What the manifests of all kinds share: delivered files, and tables that spreadsheets open. Torch-free."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula's beginning."""


@dataclass(frozen=True)
class File:
    """One delivered file of a picture."""

    deliverable: str
    name: str
    """Its key in the output."""
    size: int
    """Bytes."""
    sha256: str

    def told(self) -> dict[str, object]:
        """As JSON has it."""
        return {"deliverable": self.deliverable, "file": self.name, "bytes": self.size, "sha256": self.sha256}


def file_columns(files: Iterable[File]) -> list[str]:
    """The columns of these files: a name and a size for each deliverable."""
    deliverables = dict.fromkeys(file.deliverable for file in files)
    return [part for name in deliverables for part in (f"{name}_file", f"{name}_bytes")]


def file_cells(files: Iterable[File]) -> dict[str, object]:
    """What stands in them."""
    cells: dict[str, object] = {}
    for file in files:
        cells |= {f"{file.deliverable}_file": file.name, f"{file.deliverable}_bytes": file.size}
    return cells


@dataclass(frozen=True)
class Row:
    """One picture or line in a manifest, and what came of it."""

    cells: Mapping[str, Any]
    """What it is, by column."""
    files: Sequence[File]
    problem: str = ""
    """Why there is none, if there is none."""
    remarks: Sequence[str] = ()


def rows_as_json(head: Mapping[str, Any], noun: str, rows: Sequence[Row]) -> bytes:
    """`{…, "made": 3, "failed": 0, "pictures": [{…}, …]}`."""
    told = {
        **head,
        "made": sum(not row.problem for row in rows),
        "failed": sum(bool(row.problem) for row in rows),
        noun: [
            {
                **row.cells,
                "problem": row.problem,
                "remarks": list(row.remarks),
                "files": [file.told() for file in row.files],
            }
            for row in rows
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def rows_as_csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """A line each, with its files' names and sizes."""
    named = [*columns, "problem", "remarks", *file_columns(file for row in rows for file in row.files)]
    cells = (
        {**row.cells, "problem": row.problem, "remarks": "; ".join(row.remarks), **file_cells(row.files)}
        for row in rows
    )
    return table(named, cells)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """CSV in UTF-8, its first line the columns' names; with the mark by which Excel knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: object) -> object:
    """A table's words come from people: none is to be run by the spreadsheet that opens it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
