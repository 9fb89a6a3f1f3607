"""A job's lines joined into one sound, with the pauses after them, and brought to one loudness. Torch-free.

The lines are read from files, again and again: once to be measured, and once for each format. No more than a block of
them is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.film.loudness import Measured, gain_for, measured
from pipeline.film.mix import BLOCK, RATE
from pipeline.film.sound_edits import Loudness
from pipeline.speech.sound import LAYOUT, read, write


@dataclass(frozen=True)
class Told:
    """A line in the narration."""

    path: Path
    """Its sound, lossless and at 48 kHz."""
    duration_s: float
    pause_s: float
    """After it, unless it is the last."""


def begins_s(lines: Iterable[tuple[float, float]]) -> list[float]:
    """When each line begins, of how long they and the pauses after them last."""
    begins, at = [], 0
    for duration_s, pause_s in lines:
        begins.append(at / RATE)
        at += round(duration_s * RATE) + round(pause_s * RATE)
    return begins


class Narration:
    """The lines, one after the other."""

    def __init__(self, lines: Sequence[Told], pulse: Callable[[], None] = lambda: None) -> None:
        """`pulse` is called at each line. Raises: what it does, from wherever lines are read."""
        self._lines, self._pulse = lines, pulse
        self._gain = 1.0

    @property
    def begins_s(self) -> list[float]:
        """When each line begins."""
        return begins_s((line.duration_s, line.pause_s) for line in self._lines)

    def level(self, wanted: Loudness | None) -> None:
        """Bring the whole to a loudness: lines have theirs, and longer ones weigh more. Peaks stay below their own."""
        if wanted is not None:
            gain_db, _ = gain_for(wanted, self.measured())
            self._gain *= 10 ** (gain_db / 20)

    def measured(self) -> Measured:
        """How loud it is. Raises: MediaError if a line's file is damaged."""
        return measured(self.blocks(), LAYOUT)

    def write(self, name: str, target: Path) -> None:
        """The whole as a file. `name`: one of SOUNDS. Raises: as `sound.write` and `sound.read`."""
        write(self.blocks(), name, target)

    def blocks(self) -> Iterator[np.ndarray]:
        """(1, n) float32 each, n at most BLOCK."""
        for number, line in enumerate(self._lines, 1):
            self._pulse()
            for block in read(line.path):
                for at in range(0, block.shape[1], BLOCK):
                    yield block[:, at : at + BLOCK] * np.float32(self._gain)
            rest = round(line.pause_s * RATE) if number < len(self._lines) else 0
            while rest:
                yield np.zeros((1, min(rest, BLOCK)), np.float32)
                rest -= min(rest, BLOCK)
