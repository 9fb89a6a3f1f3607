"""Ducking: while one sound is heard, the others go down, and come back after it, as radio does under a voice.

The gain moves evenly in decibels. It goes down before the sound begins, so that no first word is lost, and holds
through the pauses between words, so that nothing pumps.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.film.sound_edits import Duck

WINDOW = 256
"""Samples by which is told whether there is sound: 5 ms."""

_HEARD = 10 ** (-50 / 20)
"""Root mean square, of 1, from which on a sound is heard."""

_HOLD_S = 0.4


class Ducker:
    """The gain of the other sounds, window by window."""

    def __init__(self, duck: Duck, rate: int) -> None:
        """`rate`: samples a second."""
        window_s = WINDOW / rate
        self._depth = duck.by_db
        self._down = duck.by_db * window_s / max(duck.attack_s, window_s)
        self._up = duck.by_db * window_s / max(duck.release_s, window_s)
        # The sound is known before it is heard, and its end is, too.
        self._hold = round((_HOLD_S + duck.attack_s) / window_s)
        self._held = 0
        self._db = 0.0

    def gains(self, key: np.ndarray) -> np.ndarray:
        """(n,) float32 gains for the next n samples. `key`: (channels, n), the sound that ducks, as it will be heard.

        It comes earlier by its attack than it is mixed. n is a multiple of WINDOW, but for the last.
        """
        edges = [self._db]
        for window in _windows(key):
            is_heard = float(np.sqrt(np.mean(np.square(window)))) >= _HEARD
            self._held = self._hold if is_heard else max(0, self._held - 1)
            if self._held:
                self._db = max(-self._depth, self._db - self._down)
            else:
                self._db = min(0.0, self._db + self._up)
            edges.append(self._db)
        at = np.arange(key.shape[1]) / WINDOW
        decibels = np.interp(at, np.arange(len(edges)), edges)
        return (10 ** (decibels / 20)).astype(np.float32)


def _windows(key: np.ndarray) -> Iterator[np.ndarray]:
    for at in range(0, key.shape[1], WINDOW):
        yield key[:, at : at + WINDOW]
