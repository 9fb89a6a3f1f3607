"""Which moment of a film each frame of a poster shows, by exact fractions. Torch-free; no pictures.

A film has another length and rate than the poster. It is played

    loop      a whole number of times, a little faster or slower, so that its last frame meets its first
    stretch   once, however fast or slow
    hold      at its own speed; when it ends, its last frame stays
    bounce    forth and back at its own speed, slowing down where it turns, as a pendulum does: never a jump

Frames are shown as players show them: each until the next one's time has come.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from pipeline.backgrounds.brief import Film, Play

Moment = Callable[[int], Fraction]
"""Frame of the poster, from 0 → place in the film, in its frames: 2.5 is half-way from its third to its fourth."""


def usual(film: Film, *, loop: bool) -> Play:
    """How a film is played where nobody says it. `loop`: whether the poster is to lead back to its beginning."""
    if film.loops:
        return "loop"
    return "bounce" if loop else "hold"


def moments(film: Film, play: Play, *, count: int, rate: Fraction, loop: bool, begin: Fraction = Fraction(0)) -> Moment:
    """Where in the film each of `count` poster frames at `rate` a second is; from 0 to below the film's length.

    `loop`: whether the poster leads back to its beginning. `begin`: where a loop begins, of 1: it may be entered
    anywhere.
    """
    length, last = len(film), len(film) - 1
    lasts = Fraction(count) / rate
    if play == "loop" or (play == "stretch" and film.loops):
        rounds = 1 if play == "stretch" else max(1, round(lasts * film.rate / length))
        return lambda frame: (Fraction(frame * rounds, count) + begin) % 1 * length
    if play == "stretch":
        steps = count if loop else max(1, count - 1)
        return lambda frame: Fraction(frame * last, steps)
    if play == "hold":
        return lambda frame: min(frame * film.rate / rate, Fraction(last))
    bounces = max(1, round(lasts * film.rate / (2 * length)))
    way = lasts * film.rate / (2 * bounces)
    # Where it turns more than once, all of it is seen, a little faster or slower; else as far as it comes.
    reach = Fraction(last) if bounces > 1 else min(Fraction(last), way)
    return lambda frame: reach * _swing(Fraction(frame * bounces, count) % 1)


def _swing(phase: Fraction) -> Fraction:
    """From 0 to 1 and back as the phase goes from 0 to 1, without a corner."""
    way = 1 - abs(1 - 2 * phase)
    return way * way * (3 - 2 * way)
