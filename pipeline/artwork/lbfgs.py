"""L-BFGS by ask and tell: whoever evaluates keeps the loop, and every evaluation counts.

Source: Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5; backtracking by equation 3.58.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

_ENOUGH = 1e-4
"""Part of the decrease that the slope promises which a step must bring (Armijo's condition)."""


class Lbfgs:
    """Makes a loss small, one evaluation a step: evaluate at `ask()`, then `tell()` its loss and gradient.

    The whole step is tried first and is nearly always good, so there is no search along the line, only shortening.
    """

    def __init__(
        self,
        start: Tensor,
        *,
        history: int,
        first_step: float = 0.02,
        noise: float = 0.0,
        curvature: float = 0.0,
    ):
        """`start`: float32 of any shape.

        `first_step`: root mean square of the first step's change, unless `curvature` tells it, an earlier run's.
        `noise`: by which part of itself a loss may seem to rise without being believed; half precision has some.
        """
        self.best = start.clone()
        """The last point that was taken."""
        self.loss = float("inf")
        """The loss at `best`."""
        self.guess: Callable[[Tensor], Tensor] = torch.clone
        """The inverse Hessian times a vector, but for a factor, as far as it is known beforehand."""
        self._first_step, self._noise = first_step, noise
        self._memory: deque[tuple[Tensor, Tensor, float]] = deque(maxlen=history)
        self._gradient = torch.zeros_like(start)
        self._direction = torch.zeros_like(start)
        self._slope, self._length, self._whole = 0.0, 0.0, 0.0
        self.curvature = curvature
        """How far a gradient (by the guess) may be followed, by the last two points; 0 when nothing is known."""
        self.is_stuck = False
        """Whether even the steepest descent's shortest step makes nothing smaller."""

    def ask(self) -> Tensor:
        """The point to evaluate next."""
        return self.best if self._length == 0 else self.best.add(self._direction, alpha=self._length)

    def tell(self, loss: float, gradient: Tensor) -> None:
        """Take the point that was asked for, or shorten the step to it."""
        if self._length > 0 and not loss <= self.loss + self._allowance():
            self._shorten(loss)
            return
        if self._length > 0:
            self._remember(self._direction * self._length, gradient - self._gradient)
            self.best = self.ask()
        self.loss, self._gradient = loss, gradient
        self._aim()

    def forget(self) -> None:
        """Drop the memory and go on from the best point as if freshly begun there."""
        self._memory.clear()
        self._length = 0.0

    def _allowance(self) -> float:
        return _ENOUGH * self._length * self._slope + self._noise * abs(self.loss)

    def _shorten(self, loss: float) -> None:
        risen = loss - self.loss - self._slope * self._length
        least = -self._slope * self._length / (2 * risen) if risen > 0 else 0.5
        self._length *= min(0.5, max(0.1, least))
        if self._length > 1e-3 * self._whole:
            return
        if self._memory:
            self._memory.clear()
            self.curvature = 0.0
            self._aim()
        else:
            self.is_stuck = self._length < 1e-6 * self._whole

    def _remember(self, step: Tensor, change: Tensor) -> None:
        curvature = _dot(step, change)
        # A pair without positive curvature would turn the next direction uphill.
        if curvature > 1e-10 * _dot(change, change):
            self._memory.append((step, change, 1 / curvature))
            self.curvature = curvature / _dot(change, self.guess(change))

    def _aim(self) -> None:
        """The next direction, and its whole step."""
        direction = self._two_loops() if self._memory else -self.guess(self._gradient)
        slope = _dot(self._gradient, direction)
        if slope >= 0 and self._memory:
            self._memory.clear()
            direction = -self.guess(self._gradient)
            slope = _dot(self._gradient, direction)
        size = (_dot(direction, direction) / direction.numel()) ** 0.5
        if self._memory:
            self._whole = 1.0
        else:
            self._whole = self.curvature or self._first_step / max(size, 1e-30)
        self._direction, self._slope, self._length = direction, slope, self._whole
        self.is_stuck = size == 0

    def _two_loops(self) -> Tensor:
        direction = -self._gradient
        alphas = []
        for step, change, inverse in reversed(self._memory):
            alphas.append(inverse * _dot(step, direction))
            direction.add_(change, alpha=-alphas[-1])
        direction = self.guess(direction).mul_(self.curvature)
        for (step, change, inverse), alpha in zip(self._memory, reversed(alphas), strict=True):
            direction.add_(step, alpha=alpha - inverse * _dot(change, direction))
        return direction


def _dot(a: Tensor, b: Tensor) -> float:
    return float(torch.dot(a.flatten(), b.flatten()))
