"""Rows of numbers in text, one frame a line, as BVH has them: 100 MB take seconds, and what is wrong has its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.errors import MediaError

_BLOCK_BYTES = 8_000_000
"""Read at a time, and to the end of the line: memory for what is looked at on the way stays small."""

_LARGEST = 1e9
"""Of any number in a file: positions and angles are far smaller, and what is larger would overflow later."""

_LAST = 7.0625e300
"""Put behind each block: found at its place, nothing before it was misread."""

_NEWLINE = 10
_SPACE = 32
"""All white space is at most this."""


def read_rows(text: bytes, names: Sequence[str], *, start: int, where: str, line: int) -> np.ndarray:
    """The numbers from byte `start` on, as `(rows, columns)` float64; blank lines count for nothing.

    `names`: what the columns hold, for messages. `where`: what the user calls the file. `line`: number of the first.
    Raises: MediaError, with its line, for a row that is too short or too long, and for what is no number.
    """
    made = []
    for block in _blocks(text, start):
        counts = _counts(block)
        for wrong in np.flatnonzero((counts != 0) & (counts != len(names)))[:1]:
            values = "1 value" if counts[wrong] == 1 else f"{counts[wrong]} values"
            raise MediaError(f"{where}:{line + wrong}: has {values} where its header promises {len(names)} a frame")
        numbers = _numbers(block, int(counts.sum()))
        if numbers is None:
            raise MediaError(_first_odd(block, where, line))
        bad = np.flatnonzero(~(np.abs(numbers) <= _LARGEST))
        if len(bad):
            row, column = divmod(int(bad[0]), len(names))
            at = line + int(np.flatnonzero(counts)[row])
            said = f"{names[column]} is {numbers[bad[0]]:g}, which is no place or angle"
            raise MediaError(f"{where}:{at}: {said}; export the file again")
        made.append(numbers.reshape(-1, len(names)))
        line += len(counts)
    return np.concatenate(made) if made else np.empty((0, len(names)))


def _blocks(text: bytes, start: int) -> Iterator[bytes]:
    while start < len(text):
        end = text.find(b"\n", start + _BLOCK_BYTES)
        end = len(text) if end < 0 else end + 1
        yield text[start:end]
        start = end


def _counts(block: bytes) -> np.ndarray:
    """How many words each line has."""
    codes = np.frombuffer(block, np.uint8)
    solid = codes > _SPACE
    begins = solid.copy()
    begins[1:] &= ~solid[:-1]
    before = np.cumsum(begins, dtype=np.int32)
    ends = np.flatnonzero(codes == _NEWLINE)
    if block[-1] != _NEWLINE:
        ends = np.append(ends, len(codes) - 1)
    return np.diff(before[ends], prepend=0)


def _numbers(block: bytes, count: int) -> np.ndarray | None:
    """All numbers, or None if there are not as many as words, or something is none."""
    try:
        made = np.fromstring(block + b" " + repr(_LAST).encode(), sep=" ")
    except (DeprecationWarning, ValueError):
        return None
    return made[:-1] if len(made) == count + 1 and made[-1] == _LAST else None


def _first_odd(block: bytes, where: str, line: int) -> str:
    for number, words in enumerate(map(bytes.split, block.split(b"\n")), start=line):
        for word in words:
            try:
                float(word)
            except ValueError:
                said = word[:40].decode("utf-8", "replace")
                return f"{where}:{number}: {said!r} is no number; export the file again"
    return f"{where}:{line}: holds what is no number; export the file again"
