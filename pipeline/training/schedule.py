"""How long and how fast to train, and how often to keep what there is. Torch-free."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Course:
    """How long one training takes, and what there is of it meanwhile."""

    iterations: int = 1600
    """Half of what random weights need: enough for a style that begins from another one."""
    mixed_precision: bool = True
    """Compute in bfloat16 where that is safe; the weights stay float32."""
    save_every: int = 50
    """Iterations between checkpoints: what a training that breaks off loses at most."""
    preview_every: int = 100
    """Iterations between previews, where there are any. The last iteration has one, too."""
    seed: int = 0

    @property
    def previews(self) -> int:
        """How many previews there will be."""
        return math.ceil(self.iterations / self.preview_every)

    def shown(self, iteration: int) -> int:
        """How many there are after so many iterations."""
        return self.previews if self.is_last(iteration) else iteration // self.preview_every

    def is_last(self, iteration: int) -> bool:
        """Whether nothing is to be done after so many iterations."""
        return iteration >= self.iterations

    def is_saved(self, iteration: int) -> bool:
        """Whether there is a checkpoint after so many iterations."""
        return iteration % self.save_every == 0 or self.is_last(iteration)

    def is_shown(self, iteration: int) -> bool:
        """Whether there is a preview after so many iterations."""
        return iteration % self.preview_every == 0 or self.is_last(iteration)


@dataclass(frozen=True, kw_only=True)
class Schedule(Course):
    """The course of a training whose learning rate rises and falls."""

    learning_rate: float = 1e-3
    """Adam's, at its height."""
    warmup: int = 50
    """Iterations over which the rate rises to its height. Afterwards it falls along a cosine."""
    final_rate: float = 0.05
    """The last iteration's rate, as a part of the highest."""
    average: float = 0.998
    """Decay of the moving average of the weights, which is what is kept in the end."""

    def rate(self, iteration: int) -> float:
        """Learning rate of an iteration, counted from 0."""
        if iteration < self.warmup:
            return self.learning_rate * (iteration + 1) / self.warmup
        done = min(1.0, (iteration - self.warmup) / max(1, self.iterations - self.warmup))
        return self.learning_rate * (self.final_rate + (1 - self.final_rate) * (1 + math.cos(math.pi * done)) / 2)
