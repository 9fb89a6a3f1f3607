"""What is said, as a speech job file names it: a list of lines, a table with one a row, or a text.

    text: [Good evening., {text: Guten Abend., language: de}]
    text: lines.csv          # columns text, name, voice, language, speed, seed, pause
    text: poem.txt           # a line each; an empty one is a longer pause

A row that is wrong is told, and the others are said all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobs import tables
from jobs.kinds.base import FieldProblem
from jobs.tables import Line, told
from pipeline.errors import InputError
from pipeline.film.access import basename
from pipeline.storage import StoreOptions

TEXT = "text"

COLUMNS = ("text", "name", "voice", "language", "speed", "seed", "pause")
"""Of a table; there are no others."""

MOST = 100_000
"""Lines of one job."""

_FILES = (".csv", ".txt")

_STANZA_S = 1.2
"""Of silence at an empty line of a text."""


@dataclass(frozen=True)
class Row:
    """One line as it was written."""

    cells: Mapping[str, Any]
    """Key → what it says; only those that say something."""
    where: str = ""
    """Where people find it; empty in a job file's own list."""
    wrong: str = ""
    """What is wrong with the row itself, if anything is."""


def is_file(value: object) -> bool:
    """Whether a word names a file, and is nothing to say."""
    return isinstance(value, str) and value.lower().endswith(_FILES) and "\n" not in value


def read(place: str, options: StoreOptions) -> tuple[Row, ...]:
    """The lines of a table or a text, at a path or `s3://` address. Raises: FieldProblem if there are none."""
    try:
        rows = _of_table(place, options) if place.lower().endswith(".csv") else tuple(_of_text(place, options))
        if not rows:
            raise InputError(f"{place}: is empty; write what is to be said")
        if len(rows) > MOST:
            raise InputError(f"{place}: has {len(rows):,} lines; at most {MOST:,} are said")
    except InputError as error:
        raise FieldProblem(TEXT, str(error)) from error
    return rows


def _of_table(place: str, options: StoreOptions) -> tuple[Row, ...]:
    lines = tables.rows_of(place, options, needs=TEXT, what="lines", example=", ".join(COLUMNS))
    if others := [column for column in (lines[0].cells if lines else ()) if column and column not in COLUMNS]:
        raise InputError(
            f"{place}:1: has a column {told(others[0])!r}, which says nothing; there are {', '.join(COLUMNS)}"
        )
    return tuple(_of_line(line) for line in lines)


def _of_line(line: Line) -> Row:
    cells: dict[str, Any] = {name: cell.strip() for name, cell in line.cells.items() if name and cell.strip()}
    wrong = line.wrong
    for name, kind, example in (("speed", float, "1.2"), ("seed", int, "7"), ("pause", float, "0.5")):
        if name in cells and not wrong:
            try:
                cells[name] = kind(cells[name])
            except ValueError:
                wrong = f"{name}: {cells[name][:40]!r} is no number; write one, as in {example}"
    if TEXT not in cells and not wrong:
        wrong = "has no text; write what is to be said"
    return Row(cells, line.where, wrong)


def _of_text(place: str, options: StoreOptions) -> Iterator[Row]:
    """A row for each line that is not empty; before an empty one, a longer pause."""
    held: Row | None = None
    for number, line in enumerate(tables.file_text(place, options, "text").splitlines(), 1):
        if line.strip():
            if held is not None:
                yield held
            held = Row({TEXT: line.strip()}, f"{basename(place)}:{number}")
        elif held is not None:
            held = Row({**held.cells, "pause": _STANZA_S}, held.where)
    if held is not None:
        yield held
