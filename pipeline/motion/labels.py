"""What people say of clips: a CSV file of files and the actions in them. Torch-free.

    file,action,start,end,fps
    02_01.amc,walk,,,
    02_04.amc,jump,0.5,2.2,120

`file` and `action` are needed; `start` and `end` are seconds and part a file in several; `fps` says or corrects the
file's rate.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from pipeline.errors import MediaError
from pipeline.motion.rates import LARGEST_RATE

_COLUMNS = ("file", "action", "start", "end", "fps")
_NEEDED = ("file", "action")
_MARKS = {";": "semicolons", "\t": "tabs"}
_ACTION = re.compile(r"[^\W_][\w -]{0,39}")
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Row:
    """One clip's label."""

    file: str
    """Relative to the folder of clips, with `/` between folders."""
    action: str
    start_s: float
    end_s: float | None
    """None: to the end."""
    rate: Fraction | None
    """None: what the file says."""
    line: int


@dataclass(frozen=True)
class Labels:
    """All rows in the file's order."""

    rows: tuple[Row, ...]
    where: str
    """What their user calls the file."""

    @property
    def actions(self) -> tuple[str, ...]:
        """Each action once, in alphabetical order: other rows in another order are the same classes."""
        return tuple(sorted({row.action for row in self.rows}))


def read(data: bytes, where: str) -> Labels:
    """The labels of a CSV file's bytes. `where`: what its user calls it.

    Raises: MediaError, naming the line, if it is no such file.
    """
    try:
        table = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip().casefold() for name in next(table, [])]
        lines = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MediaError(f"{where}: is no CSV file in UTF-8 ({error}); save it as one") from error
    _check(header, len(lines), where)
    rows = []
    for number, cells in lines:
        if len(cells) != len(header):
            raise MediaError(f"{where}:{number}: has {len(cells)} columns where {len(header)} belong")
        rows.append(_row(dict(zip(header, map(str.strip, cells), strict=True)), f"{where}:{number}", number))
    return Labels(tuple(rows), where)


def _check(header: list[str], rows: int, where: str) -> None:
    begins = f"{where}:1: begins with {','.join(_NEEDED)} and, if wanted, start, end and fps"
    if len(header) == 1 and (other := next((mark for mark in _MARKS if mark in header[0]), "")):
        raise MediaError(f"{begins}; here {_MARKS[other]} part its columns: save it with commas")
    if odd := [name for name in header if name not in _COLUMNS]:
        raise MediaError(f"{begins}; {odd[0][:40]!r} is none of them")
    if len(set(header)) < len(header) or not set(_NEEDED) <= set(header):
        raise MediaError(begins)
    if not rows:
        raise MediaError(f"{where}: has names of columns and no rows; give each clip a row, its file and its action")
    if rows > MOST_ROWS:
        raise MediaError(f"{where}: has {rows:,} rows; at most {MOST_ROWS:,} are read")


def _row(cells: Mapping[str, str], where: str, line: int) -> Row:
    name = cells["file"].replace("\\", "/")
    if not name or name.startswith("/") or ":" in name or ".." in name.split("/"):
        raise MediaError(f"{where}: {name[:60]!r} is no file of the folder; write its name as it is called there")
    if not _ACTION.fullmatch(cells["action"]):
        raise MediaError(
            f"{where}: {cells['action'][:40]!r} is no name of an action; write letters, digits, - and spaces"
        )
    start = _seconds(cells.get("start", ""), f"{where}: start")
    end = _seconds(cells.get("end", ""), f"{where}: end")
    if end is not None and end <= (start or 0.0):
        raise MediaError(f"{where}: ends at {end:g} s, before it starts; write a later end")
    return Row(name, cells["action"], start or 0.0, end, _rate(cells.get("fps", ""), where), line)


def _seconds(cell: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError as error:
        raise MediaError(f"{where} is {cell[:20]!r}; write seconds, as 1.5") from error
    if not 0 <= value < 1e6:
        raise MediaError(f"{where} is {cell[:20]}; write seconds from 0 on")
    return value


def _rate(cell: str, where: str) -> Fraction | None:
    if not cell:
        return None
    try:
        rate = Fraction(cell).limit_denominator(1001)
    except (ValueError, ZeroDivisionError) as error:
        raise MediaError(f"{where}: fps is {cell[:20]!r}; write frames a second, as 120 or 30000/1001") from error
    if not 1 <= rate <= LARGEST_RATE:
        raise MediaError(f"{where}: fps is {cell[:20]}; from 1 to {LARGEST_RATE} are read")
    return rate
