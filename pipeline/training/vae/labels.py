"""What people say of pictures: a CSV file with a column `file` and one of numbers for each attribute. Torch-free."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import MediaError

_FILE = "file"
_MARKS = {";": "semicolons", "\t": "tabs"}
"""What spreadsheets write in the place of commas."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
MOST_ATTRIBUTES = 1000
"""Columns of numbers; a network has room for these and for what is measured."""
FEWEST = 10
"""Labelled pictures, at least: with fewer, a direction is chance."""


@dataclass(frozen=True)
class Labels:
    """Numbers of pictures, by file name."""

    attributes: tuple[str, ...]
    rows: Mapping[str, tuple[float, ...]]
    where: str
    """What their user calls the file."""

    def check_are_new(self, measured: Iterable[str]) -> None:
        """Raises: MediaError if one is called as what is measured of any picture."""
        if both := sorted(set(self.attributes) & set(measured)):
            said = f"{both[0]!r} is measured of every picture; leave the column out, or give it another name"
            raise MediaError(f"{self.where}:1: {said}")

    def check_vary(self, names: Iterable[str]) -> None:
        """Raises: MediaError if one is the same for all of these files that have a row."""
        rows = [self.rows[name] for name in names if name in self.rows]
        for attribute, column in zip(self.attributes, zip(*rows, strict=True), strict=bool(rows)):
            if min(column) == max(column):
                same = f"{attribute!r} is {column[0]:g} for all {len(rows)} pictures"
                raise MediaError(f"{self.where}: {same}; a column that does not vary tells nothing, leave it out")

    def of(self, names: Sequence[str]) -> list[tuple[float, ...]]:
        """The numbers of these files in order; not a number where a file has none.

        Raises: MediaError if fewer than ten of them have any.
        """
        none = (math.nan,) * len(self.attributes)
        if (found := sum(name in self.rows for name in names)) < FEWEST:
            raise MediaError(
                f"{self.where}: has rows of {found} of the pictures, and {FEWEST} are the least; "
                f"its column `{_FILE}` holds names as {names[0]}"
            )
        return [self.rows.get(name, none) for name in names]


def read(data: bytes, where: str) -> Labels:
    """The labels of a CSV file's bytes. `where`: what its user calls it.

    Raises: MediaError, naming the line, if it is no such file.
    """
    try:
        table = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [_FILE if name.strip().casefold() == _FILE else name.strip() for name in next(table, [])]
        lines = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MediaError(f"{where}: is no CSV file in UTF-8 ({error})") from error
    attributes = tuple(name for name in header if name != _FILE)
    if _FILE not in header or not attributes or len(set(header)) != len(header):
        begins = f"{where}:1: begins with {_FILE} and the names of attributes, as in file,clutter,cosiness"
        other = next((mark for mark in ";\t" if header and mark in header[0]), "")
        raise MediaError(f"{begins}; here {_MARKS[other]} part its columns: save it with commas" if other else begins)
    if len(attributes) > MOST_ATTRIBUTES:
        raise MediaError(f"{where}:1: has {len(attributes):,} attributes; at most {MOST_ATTRIBUTES:,} are learnt")
    if odd := [name for name in attributes if not _NAME.fullmatch(name)]:
        raise MediaError(f"{where}:1: {odd[0]!r} is no name of an attribute; write letters, digits, - and _")
    if not lines:
        raise MediaError(
            f"{where}: has names of columns and no rows; give each picture a row, its name and its numbers"
        )
    place = header.index(_FILE)
    rows: dict[str, tuple[float, ...]] = {}
    begun: dict[str, int] = {}
    for number, row in lines:
        if len(row) != len(header):
            raise MediaError(f"{where}:{number}: has {len(row)} columns where {len(header)} belong")
        numbers = tuple(_number(cell, f"{where}:{number}") for at, cell in enumerate(row) if at != place)
        name = row[place].strip()
        if begun.setdefault(name, number) != number:
            raise MediaError(f"{where}:{number}: {name[:60]!r} has a row already, line {begun[name]}; keep one of them")
        rows[name] = numbers
    return Labels(attributes, rows, where)


def _number(cell: str, where: str) -> float:
    try:
        value = float(cell)
    except ValueError as error:
        raise MediaError(f"{where}: {cell.strip()[:40]!r} is no number") from error
    if not math.isfinite(value):
        raise MediaError(f"{where}: {cell.strip()} is not finite")
    return value
