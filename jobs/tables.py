"""Tables that people write in spreadsheets: CSV in UTF-8, its first line naming the columns.

What the columns mean is their readers' matter: posters' audiences, and prompts.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.errors import InputError
from pipeline.film.access import basename, read_bytes, size
from pipeline.storage import StoreOptions

_SEPARATORS = ",;\t"

_MOST_BYTES = 20_000_000

_NAME = re.compile(r"[\w -]{1,40}(:[A-Za-z-]{2,10})?")
"""A column's name that a message repeats."""


@dataclass(frozen=True)
class Line:
    """One row of a table."""

    where: str
    """Where people find it: `audiences.csv:7`."""
    cells: dict[str, str] = field(default_factory=dict)
    """Column → what it says, as it was written."""
    wrong: str = ""
    """What is wrong with the row itself, if anything is."""


def file_text(place: str, options: StoreOptions, what: str) -> str:
    """The text of a file at a path or `s3://` address. `what`: of which it is one, for messages.

    Raises: InputError if there is none, it is larger than any, or no text.
    """
    length = size(place, options)
    if length > _MOST_BYTES:
        raise InputError(f"{place}: is {length / 1e6:,.0f} MB; a {what} has at most {_MOST_BYTES / 1e6:.0f} MB")
    return text_of(read_bytes(place, options), place)


def rows_of(place: str, options: StoreOptions, *, needs: str, what: str, example: str) -> tuple[Line, ...]:
    """The rows of a table at a path or `s3://` address, which has at least the column `needs`.

    Raises: InputError if there is no such table, it has no such column, or it has no rows.
    """

    def check(columns: list[str]) -> None:
        if needs not in columns:
            named = ", ".join(told(column) for column in columns[:30] if column)
            raise InputError(f"{place}:1: has no column {needs!r}; its columns are {named}")

    text = file_text(place, options, f"table of {what}")
    lines = read_csv(text, basename(place), place, example=example, check=check)
    if not lines:
        raise InputError(f"{place}: has no {what}; write one a line")
    return lines


def text_of(data: bytes, place: str) -> str:
    """The text of a table's file. Raises: InputError, at its line, if it is none in UTF-8."""
    if b"\0" in data:
        raise InputError(f"{place}: is no table: it holds bytes that no text has; save it as CSV or YAML in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        hint = "; save it as UTF-8 (in Excel: CSV UTF-8)"
        raise InputError(f"{place}:{line}: byte {data[error.start]:#04x} is no text in UTF-8{hint}") from error


def read_csv(text: str, name: str, place: str, *, example: str, check: Callable[[list[str]], None]) -> tuple[Line, ...]:
    """The rows of a CSV file but for those that are empty.

    `name` and `place`: its short and its whole name. `example`: what its first line may be. `check` refuses columns.
    Raises: InputError, at the line that is wrong.
    """
    header = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [column.strip() for column in next(reader, [])]
        if not any(columns):
            raise InputError(f"{place}: is empty; its first line names the columns: {example}")
        check(columns)
        if twice := [column for column in columns if column and columns.count(column) > 1]:
            raise InputError(f"{place}:1: has two columns {told(twice[0])!r}; give one another name")
        lines = []
        before = reader.line_num
        for cells in reader:
            # A cell in quotes may have several lines; the row is where it begins.
            here, before = f"{name}:{before + 1}", reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                lines.append(
                    Line(
                        here,
                        wrong=f"has {len(cells)} cells, and there are {len(columns)} columns; "
                        f'put a cell that holds a {separator!r} into "quotes"',
                    )
                )
                continue
            lines.append(Line(here, dict(zip(columns, cells, strict=False))))
    except csv.Error as error:
        raise InputError(f"{name}:{reader.line_num}: is no CSV: {error}") from error
    return tuple(lines)


def told(column: str) -> str:
    """A column's name, as messages repeat it: whatever was named as a table may be none, and hold anything."""
    return column if _NAME.fullmatch(column) else "…"
