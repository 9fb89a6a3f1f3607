"""How a movement begins and ends: functions of its course, both in [0, 1].

Source: Robert Penner, Motion, Tweening, and Easing, 2002.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

Ease = Literal["linear", "in", "out", "in-out", "out-back", "out-bounce", "hold"]
"""`in` begins slowly, `out` ends slowly, both by the cube; `out-back` goes a little too far and comes back; `hold`
jumps at the end."""

_BACK = 1.70158
"""Goes too far by a tenth."""


def _out_back(at: float) -> float:
    rest = at - 1
    return 1 + (_BACK + 1) * rest**3 + _BACK * rest**2


_BOUNCES = ((1.0, 0.0, 0.0), (2.0, 1.5, 0.75), (2.5, 2.25, 0.9375), (2.75, 2.625, 0.984375))
"""Parabolas, each a fall onto 1: until when, when it is lowest, and how low that is. Times in 2.75ths."""


def _out_bounce(at: float) -> float:
    middle, low = next((middle, low) for ends, middle, low in _BOUNCES if at * 2.75 <= ends)
    return 7.5625 * (at - middle / 2.75) ** 2 + low


EASES: dict[Ease, Callable[[float], float]] = {
    "linear": lambda at: at,
    "in": lambda at: at**3,
    "out": lambda at: 1 - (1 - at) ** 3,
    "in-out": lambda at: 4 * at**3 if at < 0.5 else 1 - 4 * (1 - at) ** 3,
    "out-back": _out_back,
    "out-bounce": _out_bounce,
    "hold": lambda at: float(at >= 1),
}


def eased(at: float, ease: Ease) -> float:
    """The course `at`, of [0, 1], eased; ends are kept exactly."""
    return 0.0 if at <= 0 else 1.0 if at >= 1 else EASES[ease](at)


def wave(at: float) -> float:
    """There and back in a whole period: 0 at 0, 1 at half, 0 at 1, at rest at each."""
    return 0.5 - 0.5 * math.cos(2 * math.pi * at)
