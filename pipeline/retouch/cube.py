"""`.cube` files: 3-D look-up tables, as text. Reading only; interpolation is lut.py's.

Source: Adobe, Cube LUT Specification 1.0, 2013. Also understood are two words of DaVinci Resolve's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from pipeline.errors import MediaError

SMALLEST, LARGEST = 2, 256
"""Points along an edge, by the specification."""

MOST_BYTES = 512_000_000

_WORDS = (
    *("TITLE", "LUT_3D_SIZE", "LUT_1D_SIZE", "DOMAIN_MIN", "DOMAIN_MAX"),
    *("LUT_3D_INPUT_RANGE", "LUT_1D_INPUT_RANGE"),
)


@dataclass(frozen=True)
class Cube:
    """A 3-D look-up table."""

    table: np.ndarray
    """(N, N, N, 3) float32: by blue, green and red; what a colour becomes."""
    lowest: tuple[float, float, float]
    """Red, green and blue of the table's first point, …"""
    highest: tuple[float, float, float]
    """… and of its last."""


class _Reader:
    """One file, line by line."""

    def __init__(self) -> None:
        self.size = 0
        self.lowest, self.highest = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
        self.rows: list[tuple[float, float, float]] = []

    def line(self, text: str) -> None:
        """Raises: ValueError with what is wrong."""
        first = text[0]
        if first.isalpha() and text.split()[0].lower() not in ("nan", "inf", "infinity"):
            self._word(text)
        else:
            self._row(text)

    def _word(self, text: str) -> None:
        word, _, rest = text.partition(" ")
        if word.startswith("TITLE"):
            return
        if self.rows:
            raise ValueError(f"{word[:40]!r} stands after the first colour; what is said of the table stands before it")
        match word:
            case "LUT_3D_SIZE":
                self.size = self._edge(rest)
            case "LUT_1D_SIZE" | "LUT_1D_INPUT_RANGE":
                raise ValueError("it is a 1-D table; write what it does as curves, or export a 3-D one")
            case "DOMAIN_MIN":
                self.lowest = _three(rest)
            case "DOMAIN_MAX":
                self.highest = _three(rest)
            case "LUT_3D_INPUT_RANGE":
                low, high = _numbers(rest, 2)
                self.lowest, self.highest = (low,) * 3, (high,) * 3
            case _:
                near = get_close_matches(word.upper(), _WORDS, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_WORDS)}"
                raise ValueError(f"unknown word {word[:40]!r}; {hint}")

    def _edge(self, text: str) -> int:
        if self.size:
            raise ValueError("LUT_3D_SIZE is there twice")
        if not text.strip().isdecimal() or not SMALLEST <= int(text.strip()[:9]) <= LARGEST:
            raise ValueError(f"LUT_3D_SIZE {text.strip()[:40]!r} is no size; it is {SMALLEST} to {LARGEST}")
        return int(text)

    def _row(self, text: str) -> None:
        if not self.size:
            raise ValueError("colours begin before LUT_3D_SIZE is said")
        if len(self.rows) == self.size**3:
            raise ValueError(f"there are more colours than the {self.size**3:,} of LUT_3D_SIZE {self.size}")
        self.rows.append(_three(text))


def read_cube(data: bytes, *, where: str) -> Cube:
    """The table in a file. Raises: MediaError with the line that is wrong."""
    if len(data) > MOST_BYTES:
        raise MediaError(f"{where}: is {len(data) / 1e6:,.0f} MB; a .cube file has at most {MOST_BYTES / 1e6:,.0f} MB")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise MediaError(f"{where}: is no text, so no .cube file") from error
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip() if not line.startswith("TITLE") else ""
        if not text:
            continue
        try:
            reader.line(text)
        except ValueError as error:
            raise MediaError(f"{where}: line {number}: {error}") from error
    return _whole(reader, where, len(lines))


def _whole(reader: _Reader, where: str, lines: int) -> Cube:
    size = reader.size
    if not size:
        raise MediaError(f"{where}: says no LUT_3D_SIZE, so it is no 3-D .cube file")
    if len(reader.rows) < size**3:
        raise MediaError(
            f"{where}: ends at line {lines} after {len(reader.rows):,} colours; LUT_3D_SIZE {size} has {size**3:,}"
        )
    if any(low >= high for low, high in zip(reader.lowest, reader.highest, strict=True)):
        raise MediaError(f"{where}: DOMAIN_MIN is not below DOMAIN_MAX")
    table = np.array(reader.rows, np.float32).reshape(size, size, size, 3)
    return Cube(table, reader.lowest, reader.highest)


def _three(text: str) -> tuple[float, float, float]:
    red, green, blue = _numbers(text, 3)
    return red, green, blue


def _numbers(text: str, count: int) -> list[float]:
    words = text.split()
    if len(words) != count:
        raise ValueError(f"{text[:40]!r} are {len(words)} numbers, not {count}")
    values = []
    for word in words:
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or abs(value) > 1e6:
            raise ValueError(f"{word[:40]!r} is no number that a colour can have")
        values.append(value)
    return values
