"""Pieces that a voice said, joined into a line: trimmed evenly, faded at their ends, with pauses between. No clicks.

A piece begins and ends in silence that differs from voice to voice. It is cut to the sound, a breath is left on either
side, and both ends go down to zero, so that nothing jumps wherever it is put.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.film.mix import RATE
from pipeline.speech.sound import at_our_rate
from pipeline.speech.text import Ends, Piece
from pipeline.speech.timings import Said, Word
from pipeline.speech.voices import Spoken

PAUSES_S: dict[Ends, float] = {"sentence": 0.35, "verse": 0.45, "clause": 0.12, "words": 0.0}
"""After a piece within a line, at speed 1."""

EDGE_S = 0.1
"""Silence at a line's beginning and end."""

_QUIET = 10 ** (-45 / 20)
"""Of a piece's peak: what is below is no speech. Consonants at its ends are louder, a room's noise is not."""

_WINDOW_S = 0.005
_BEFORE_S, _AFTER_S = 0.02, 0.06
"""That are left around the sound: a word begins before it is loud, and dies away."""

_FADE_S = 0.008


@dataclass(frozen=True)
class Line:
    """A line's sound."""

    samples: np.ndarray
    """(n,) float32 at 48 kHz."""
    said: tuple[Said, ...]
    """Its pieces with their times, from its beginning."""


def joined(parts: Sequence[tuple[Piece, Spoken]], *, speed: float = 1.0) -> Line:
    """The parts, one after the other."""
    silence = np.zeros(round(EDGE_S * RATE), np.float32)
    row, told, at = [silence], [], silence.size
    for number, (piece, spoken) in enumerate(parts, 1):
        samples, start, stop = trimmed(at_our_rate(spoken.samples, spoken.rate))
        told.append(_said(piece, spoken, at=at / RATE, cut=start / RATE, lasts=(stop - start) / RATE))
        row.append(samples)
        at += samples.size
        if number < len(parts):
            pause = np.zeros(round(PAUSES_S[piece.ends] / speed * RATE), np.float32)
            row.append(pause)
            at += pause.size
    return Line(np.concatenate([*row, silence]), tuple(told))


def trimmed(samples: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The sound without the silence around it, faded at its ends; from which sample on, and up to which, it was.

    Of what is silent throughout, nothing.
    """
    size = round(_WINDOW_S * RATE)
    windows = -(-samples.size // size)
    padded = np.zeros(windows * size, np.float32)
    padded[: samples.size] = samples
    loudest = np.abs(padded).reshape(windows, size).max(axis=1) if windows else np.zeros(0)
    heard = np.flatnonzero(loudest > _QUIET * loudest.max(initial=0.0))
    if not heard.size:
        return samples[:0], 0, 0
    start = max(0, heard[0] * size - round(_BEFORE_S * RATE))
    stop = min(samples.size, (heard[-1] + 1) * size + round(_AFTER_S * RATE))
    return faded(samples[start:stop]), int(start), int(stop)


def faded(samples: np.ndarray) -> np.ndarray:
    """The same, with both ends brought to zero along a cosine."""
    size = min(round(_FADE_S * RATE), samples.size // 2)
    if not size:
        return samples
    made = samples.copy()
    ramp = (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, size))).astype(np.float32)
    made[:size] *= ramp
    made[-size:] *= ramp[::-1]
    return made


def _said(piece: Piece, spoken: Spoken, *, at: float, cut: float, lasts: float) -> Said:
    """A piece with its times. `at`: when it begins in the line; `cut`: what was cut off; `lasts`: what is left."""
    begins = [at + min(max(second - cut, 0.0), lasts) for _, second in spoken.words]
    ends = [*begins[1:], at + lasts][: len(begins)]
    words = tuple(
        Word(start=place, start_s=begin, stop_s=max(begin, end))
        for (place, _), begin, end in zip(spoken.words, begins, ends, strict=True)
    )
    return Said(text=piece.text, start_s=at, stop_s=at + lasts, words=words)
