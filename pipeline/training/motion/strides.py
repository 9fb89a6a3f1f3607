"""The beat of takes in which one foot passes the other evenly: where in its stride a figure is, in each frame."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pipeline.motion.features import POSITIONS
from pipeline.motion.figure import FIGURE

_AHEAD = tuple(POSITIONS.start + 3 * (FIGURE.index[name] - 1) + 2 for name in ("LeftFoot", "RightFoot"))
"""Places of how far ankles are ahead of the hips."""

_SLOWEST_HZ, _FASTEST_HZ = 0.4, 2.5
"""Strides a second of people: of two steps each."""
_LEAST_M = 0.12
"""How far one foot must be before the other, as the root of the mean square."""
_EVEN = 0.7
"""Part of the feet's movement that must be in one beat."""
_NARROW = 0.3
"""By which share of it a beat may vary within a take."""


@dataclass(frozen=True, eq=False)
class Beat:
    """The strides of a take."""

    phase: np.ndarray
    """`(frames,)` radians: 0 where the left foot is farthest ahead."""
    hz: float
    """Strides a second on average."""


def beat_of(features: np.ndarray, rate: Fraction) -> Beat | None:
    """The beat of `(frames, 203)` features; None if feet do not pass each other, or unevenly.

    The phase is that of the analytic signal of the distance between the feet, in a narrow band about its strongest
    frequency. Source: Gabor, "Theory of communication", 1946. In a mirror it is half a stride further.
    """
    ahead = features[:, _AHEAD[0]].astype(float) - features[:, _AHEAD[1]]
    ahead -= ahead.mean()
    if np.sqrt((ahead**2).mean()) < _LEAST_M:
        return None
    # Twice, there and back, so that its two ends meet.
    spectrum = np.fft.fft(np.concatenate([ahead, ahead[::-1]]))
    hz = np.fft.fftfreq(len(spectrum), float(1 / rate))
    walking = (hz >= _SLOWEST_HZ) & (hz <= _FASTEST_HZ)
    power = np.abs(spectrum) ** 2
    if not walking.any():
        return None
    best = float(hz[walking][power[walking].argmax()])
    band = np.abs(hz - best) <= _NARROW * best
    if power[band].sum() < _EVEN * power[hz > 0].sum():
        return None
    analytic = np.fft.ifft(np.where(band, 2 * spectrum, 0))[: len(ahead)]
    phase = np.unwrap(np.angle(analytic))
    seconds = (len(ahead) - 1) / float(rate)
    return Beat(phase, float((phase[-1] - phase[0]) / (2 * np.pi * seconds)))
