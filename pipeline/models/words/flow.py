"""Rectified flow: a straight line from noise to picture, and how to walk it.

At time t in [0, 1] a picture x is seen as `x_t = t x + (1 - t) noise`. The network guesses x from x_t; its guess says
in which direction to go, `v = (x̂ - x_t) / (1 - t)`, and walking from noise at t = 0 along v to t = 1 gives a picture.

Source: Liu et al., "Flow Straight and Fast", arXiv:2209.03003; Lipman et al., arXiv:2210.02747; guidance from Ho and
Salimans, arXiv:2207.12598, within an interval as by Kynkäänniemi et al., arXiv:2404.07724; steps shifted towards noise
as by Esser et al., arXiv:2403.03206.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from pipeline.models.words.unet import WordsNetwork

LATEST = 0.95
"""Velocities are computed as if no more than this were picture: closer to the end one would divide by nothing."""

Guess = Callable[[Tensor, float], Tensor]
"""From x_t (B, 3, S, S) and t, the guess of x."""


def mixed(picture: Tensor, noise: Tensor, t: Tensor | float) -> Tensor:
    """x_t."""
    return t * picture + (1 - t) * noise


def velocity(guess: Tensor, x_t: Tensor, t: Tensor | float) -> Tensor:
    """Which way the guessed picture lies, and how far in a unit of time."""
    left = (1 - t).clamp(min=1 - LATEST) if isinstance(t, Tensor) else max(1 - t, 1 - LATEST)
    return (guess - x_t) / left


def times(steps: int, *, start: float = 0.0, shift: float = 2.0) -> list[float]:
    """`steps` + 1 times from `start` to 1. A `shift` above 1 makes more of the steps where there is most noise."""
    even = torch.linspace(1, 0, steps + 1, dtype=torch.float64)
    noise = shift * even / (1 + (shift - 1) * even)
    return (1 - noise * (1 - start)).tolist()


def walk(
    guess: Guess,
    x: Tensor,
    at: list[float],
    *,
    kept: Callable[[Tensor, float], Tensor] | None = None,
    is_euler: bool = False,
) -> Tensor:
    """From x at the first of these times to the last, by Heun's method, whose last step is Euler's; or by Euler's.

    `kept(x, t)` may put back, after every step, what of x is not to change.
    """
    for t, following in pairwise(at):
        slope = velocity(guess(x, t), x, t)
        ahead = x + (following - t) * slope
        if following < 1 and not is_euler:
            slope = (slope + velocity(guess(ahead, following), ahead, following)) / 2
            ahead = x + (following - t) * slope
        x = ahead if kept is None else kept(ahead, following)
    return x


def guided(network: WordsNetwork, numbers: Tensor, against: Tensor, guidance: float) -> Guess:
    """Guesses that follow sentences (B, L) more, by `guidance`, than others (B, M), which say nothing or the negative.

    Guidance 1 follows the words as they are, and takes half the time.
    """
    text, said = network.encode(numbers)
    other, other_said = network.encode(against)

    def guess(x: Tensor, t: float) -> Tensor:
        share = torch.full((len(x),), t, device=x.device)
        told = network(x, share, text, said)
        if guidance == 1:
            return told
        untold = network(x, share, other, other_said)
        return untold + guidance * (told - untold)

    return guess
