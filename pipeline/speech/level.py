"""How loud speech is, and how it is made as loud as is wanted: by one gain and, for peaks, a limiter.

Source: EBU R 128 and ITU-R BS.1770 (loudness, true peaks); the limiter is a look-ahead one: the least gain of its
window, smoothed over the same window, so that it is low enough at every peak and bends nowhere.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.film.loudness import Measured, measured
from pipeline.film.mix import RATE
from pipeline.film.sound_edits import Loudness
from pipeline.speech.sound import LAYOUT, at_our_rate, blocks_of

MOST_LIMITED_DB = 6.0
"""By which peaks are taken back; rather than more, the whole stays softer."""

_LEAST_S = 3
"""A measurement takes windows of 400 ms; a single word is heard several times over to have some."""

_TOLD_LU = 1.0
"""EBU R 128's tolerance: what misses by more is told."""

_WINDOW_S = 0.005
"""Before and after a peak in which the gain is lower."""

_FINER = 4
"""True peaks lie between samples: they are looked for at four times the rate."""

_PART = 30 * RATE
"""Samples of which true peaks are looked for at a time."""

_AROUND = 1024
"""Samples beside them that they are found with; the filter reaches less far."""

_SPARE_DB = 0.1
"""By which a limited sound stays below its ceiling: a codec moves peaks a little."""


def loudness_of(samples: np.ndarray) -> Measured:
    """Of (n,) float32 samples at 48 kHz."""
    if samples.size and samples.size < _LEAST_S * RATE:
        samples = np.tile(samples, -(-_LEAST_S * RATE // samples.size))
    return measured(blocks_of(samples), LAYOUT)


def levelled(samples: np.ndarray, wanted: Loudness | None) -> tuple[np.ndarray, Measured, str]:
    """The samples as loud as is wanted, or as nearly as can be; how loud they are then, and what to tell of it."""
    sound = loudness_of(samples)
    if wanted is None or sound.is_silent:
        return samples, sound, ""
    gain_db = min(wanted.target - sound.loudness, wanted.peak - sound.peak + MOST_LIMITED_DB)
    made = samples
    # What the limiter takes of the loudness is given back once.
    for _ in range(2):
        made = limited(samples * np.float32(10 ** (gain_db / 20)), wanted.peak - _SPARE_DB)
        reached = loudness_of(made)
        gain_db += min(max(wanted.target - reached.loudness, 0.0), _TOLD_LU)
        if gain_db > wanted.peak - sound.peak + MOST_LIMITED_DB or reached.loudness >= wanted.target - _SPARE_DB:
            break
    if reached.loudness >= wanted.target - _TOLD_LU:
        return made, reached, ""
    why = f"louder, its peaks would have to be taken back by more than {MOST_LIMITED_DB:g} dB"
    return made, reached, f"is at {reached.loudness:.1f} LUFS and not at {wanted.target:.1f}: {why}"


def limited(samples: np.ndarray, ceiling_db: float) -> np.ndarray:
    """(n,) float32 samples at 48 kHz whose true peaks are at most so many dBTP; where none is higher, the same."""
    peaks = _true_peaks(samples)
    ceiling = 10 ** (ceiling_db / 20)
    if peaks.max(initial=0.0) <= ceiling:
        return samples
    gain = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9)).astype(np.float32)
    size = 2 * round(_WINDOW_S * RATE) + 1
    least = cv2.erode(gain[None], np.ones((1, size), np.uint8), borderType=cv2.BORDER_REPLICATE)
    bell = np.hanning(size + 2)[1:-1][None].astype(np.float32)
    smooth = cv2.filter2D(least, -1, bell / bell.sum(), borderType=cv2.BORDER_REPLICATE)
    return samples * np.minimum(smooth[0], 1.0)


def _true_peaks(samples: np.ndarray) -> np.ndarray:
    """(n,) float32: how high the sound is between each of n samples and the next."""
    peaks = np.abs(samples)
    # In parts: at four times the rate, half an hour would take a worker's memory.
    for at in range(0, samples.size, _PART):
        begins = max(0, at - _AROUND)
        finer = np.abs(at_our_rate(samples[begins : at + _PART + _AROUND], RATE // _FINER))
        finer = finer[(at - begins) * _FINER :][: min(_PART, samples.size - at) * _FINER]
        found = np.zeros(-(-finer.size // _FINER) * _FINER, np.float32)
        found[: finer.size] = finer
        row = found.reshape(-1, _FINER).max(axis=1)
        peaks[at : at + row.size] = np.maximum(peaks[at : at + row.size], row)
    return peaks
