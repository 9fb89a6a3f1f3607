"""Who posters are for: a table of audiences, from a CSV or YAML file or from the job file itself.

A row is an audience in a language, or in several. Its columns are the template's variables, and some words of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from jobs import plain_yaml
from jobs.tables import read_csv, text_of, told
from pipeline.errors import InputError
from pipeline.film.access import basename, read_bytes, size
from pipeline.storage import StoreOptions

AUDIENCE, LOCALE = "audience", "locale"

_MAX_BYTES = 20_000_000
"""A table that is larger is none."""

_MOST_ROWS = 100_000

_MOST_LETTERS = 4_000
"""Of a cell."""

_COLUMNS_TOLD = 30


@dataclass(frozen=True)
class Row:
    """One audience."""

    where: str
    """Where people find it: `audiences.csv:7`."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """Column → what it says; empty cells are not there."""
    wrong: str = ""
    """What is wrong with the row itself, if anything is."""

    def problem(self, message: str) -> str:
        """`audiences.csv:7: message`."""
        return f"{self.where}: {message}"


def read_table(place: str, options: StoreOptions) -> tuple[Row, ...]:
    """The rows of a CSV file, or of the list in a YAML or JSON file, at a path or `s3://` address.

    Raises: InputError that names the file, and the line where it is one line that is wrong.
    """
    length = size(place, options)
    if length > _MAX_BYTES:
        raise InputError(f"{place}: is {length / 1e6:,.0f} MB; a table of audiences has at most 20 MB")
    name, text = basename(place), text_of(read_bytes(place, options), place)
    if PurePosixPath(name).suffix.lower() in (".yaml", ".yml", ".json"):
        return rows_of(_listed(text, place), place)
    return _csv(text, name, place)


def rows_of(values: Iterable[object], where: str) -> tuple[Row, ...]:
    """The rows of a list of mappings. Raises: InputError."""
    rows = []
    for number, value in enumerate(values, 1):
        here = f"{where}, audience {number}"
        if not isinstance(value, Mapping):
            raise InputError(f"{here}: is no `column: value` lines")
        rows.append(_row(here, {str(key): _said(cell, f"{here}: {told(str(key))}") for key, cell in value.items()}))
    return _checked(rows, where)


def _listed(text: str, place: str) -> list[Any]:
    try:
        values = plain_yaml.load(text, "table of audiences")
    except (plain_yaml.NotPlain, *plain_yaml.DAMAGE) as error:
        raise InputError(f"{place}: {plain_yaml.said(error)}") from error
    if not isinstance(values, list):
        raise InputError(f"{place}: a table of audiences is a list, each of whose items begins with `- audience: …`")
    return values


def _csv(text: str, name: str, place: str) -> tuple[Row, ...]:
    def check(columns: list[str]) -> None:
        if AUDIENCE not in columns:
            named = ", ".join(told(column) for column in columns[:_COLUMNS_TOLD] if column)
            raise InputError(f"{place}:1: has no column {AUDIENCE!r}; its columns are {named}")

    lines = read_csv(text, name, place, example="audience, locale, headline …", check=check)
    rows = [_odd(line.where, line.wrong) if line.wrong else _row(line.where, line.cells) for line in lines]
    return _checked(rows, place)


def _row(where: str, cells: Mapping[str, str]) -> Row:
    for column, cell in cells.items():
        if len(cell) > _MOST_LETTERS:
            return _odd(where, f"{told(column)} has {len(cell):,} letters; a cell has at most {_MOST_LETTERS:,}")
    said = {column: cell.strip() for column, cell in cells.items() if column and cell.strip()}
    return Row(where, said) if AUDIENCE in said else _odd(where, f"has no {AUDIENCE}; give it a name")


def _odd(where: str, wrong: str) -> Row:
    """A row that no poster comes of, and that the others do without; it is called by its place."""
    return Row(where, {AUDIENCE: where.replace(":", " ")}, wrong)


def _said(cell: object, where: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        raise InputError(f"{where}: is {str(cell).lower()}, as YAML reads it; put the word into quotes")
    if isinstance(cell, str | int | float):
        return str(cell)
    if isinstance(cell, list) and all(isinstance(part, str) for part in cell):
        return " ".join(cell)
    raise InputError(f"{where}: is no text")


def _checked(rows: list[Row], place: str) -> tuple[Row, ...]:
    if not rows:
        raise InputError(f"{place}: has no audiences; write one a line")
    if len(rows) > _MOST_ROWS:
        raise InputError(f"{place}: has {len(rows):,} rows; at most {_MOST_ROWS:,} are read")
    return tuple(rows)
