"""A line's sound as a picture: how loud it is over time, and where its pieces lie. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.film.mix import RATE
from pipeline.speech.timings import Said

WIDTH, HEIGHT = 960, 240
"""Px."""

_PAPER, _SPOKEN, _INK, _AXIS = (250, 249, 246), (236, 240, 246), (38, 70, 120), (205, 203, 198)


def waveform(samples: np.ndarray, said: Sequence[Said] = ()) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8: (n,) float32 samples at 48 kHz in [-1, 1] from left to right, pieces on a ground."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = _PAPER
    lasts = max(samples.size / RATE, 1e-9)
    for each in said:
        picture[:, int(each.start_s / lasts * WIDTH) : int(np.ceil(each.stop_s / lasts * WIDTH))] = _SPOKEN
    middle = HEIGHT // 2
    picture[middle] = _AXIS
    if not samples.size:
        return picture
    edges = np.linspace(0, samples.size, WIDTH + 1).astype(int)
    starts = np.minimum(edges[:-1], samples.size - 1)
    high, low = np.maximum.reduceat(samples, starts), np.minimum.reduceat(samples, starts)
    rows = np.arange(HEIGHT)[:, None]
    above, below = (np.round(middle - each * (middle - 4)) for each in (high, low))
    picture[(rows >= above) & (rows <= below) & (above < below)] = _INK
    return picture
