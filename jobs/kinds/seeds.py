"""Numbers as people list them in job files, `0-63,100`: seeds, which a job may have a million of, and layers."""

from __future__ import annotations

import re
from itertools import pairwise

from jobs.kinds.values import shown

LARGEST_SEED = 2**32 - 1
"""NumPy's generator, which the official tools use, takes none above it."""

Row = tuple[int, int]
"""First and last number of a row, inclusive."""


def check_numbers(value: object, key: str, *, most: int = LARGEST_SEED) -> str:
    """The numbers in rising order, each once, as short as they can be written: `0-63,100`.

    Raises: ValueError with what is wrong with it; `key` names the place.
    """
    return written(_joined(sorted(_rows(value, key, most))))


def check_order(value: object, key: str, *, most: int = LARGEST_SEED) -> str:
    """The numbers in the order in which they are written, as often as they are: `7,100-102,7`. Raises: as above."""
    return written(_rows(value, key, most))


def rows_of(text: str) -> list[Row]:
    """The rows of checked numbers."""
    return [(int(first), int(last or first)) for first, _, last in (part.partition("-") for part in text.split(","))]


def numbers_of(text: str) -> tuple[int, ...]:
    """All of them, of numbers that are few."""
    return tuple(number for first, last in rows_of(text) for number in range(first, last + 1))


def count_of(text: str) -> int:
    """How many there are."""
    return sum(last - first + 1 for first, last in rows_of(text))


def written(rows: list[Row]) -> str:
    """Rows as people write them."""
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in rows)


def begins_of(text: str) -> tuple[tuple[int, int], ...]:
    """(place, its number) wherever a row begins, places counted from 0."""
    made, place = [], 0
    for first, last in rows_of(text):
        made.append((place, first))
        place += last - first + 1
    return tuple(made)


def _rows(value: object, key: str, most: int) -> list[Row]:
    parts = [part for item in (value if isinstance(value, list) else [value]) for part in _parts(item, key)]
    if not parts:
        raise ValueError(f"{key}: names none; write some, as in 0-63,100")
    return [_row(part, key, most) for part in parts]


def _parts(item: object, key: str) -> list[str]:
    if isinstance(item, bool) or not isinstance(item, int | str):
        raise ValueError(f"{key}: {shown(item)} is no number; write {key}: 0-63,100")
    return [part for part in re.sub(r"\s+", "", str(item)).split(",") if part]


def _row(part: str, key: str, most: int) -> Row:
    if re.fullmatch(r"-[0-9]+", part):
        raise ValueError(f"{key}: {shown(part)[1:-1]} is below 0; they are 0 to {most:,}")
    match = re.fullmatch(r"([0-9]{1,20})(?:-([0-9]{1,20}))?", part)
    if match is None:
        raise ValueError(f"{key}: {shown(part)} is no number and no range; write {key}: 0-63,100")
    first, last = int(match[1]), int(match[2] or match[1])
    if max(first, last) > most:
        raise ValueError(f"{key}: {max(first, last)} is too large; they are 0 to {most:,}")
    if last < first:
        raise ValueError(f"{key}: {part} ends before it begins; write {last}-{first}")
    return first, last


def _joined(rows: list[Row]) -> list[Row]:
    """Rising rows without what two of them share, neighbours as one."""
    joined = [rows[0]]
    for first, last in rows[1:]:
        before = joined[-1]
        if first <= before[1] + 1:
            joined[-1] = before[0], max(last, before[1])
        else:
            joined.append((first, last))
    assert all(one[1] < other[0] for one, other in pairwise(joined))
    return joined
