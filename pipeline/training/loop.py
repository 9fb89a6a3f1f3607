"""The training loop that every family shares: steps, moving average, mixed precision, checkpoints, resuming.

What is trained, and on what, is the task's; see style.py. Nothing is printed: callbacks tell.
"""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from pipeline.errors import ConfigError, ModelError


class Task(Protocol):
    """One thing to train."""

    network: nn.Module
    """Its parameters are what is trained."""

    def losses(self, generator: torch.Generator) -> Mapping[str, Tensor]:
        """The weighted losses of one fresh batch, by name; their sum is made small.

        Whatever is random is drawn from `generator`, which is what makes a resumed run equal to an unbroken one.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast to train."""

    iterations: int
    learning_rate: float = 1e-3
    """Adam's, at its height."""
    warmup: int = 50
    """Iterations over which the rate rises to its height. Afterwards it falls along a cosine."""
    final_rate: float = 0.05
    """The last iteration's rate, as a part of the highest."""
    average: float = 0.998
    """Decay of the moving average of the weights, which is what is kept in the end."""
    mixed_precision: bool = True
    """Compute in bfloat16 where autocast thinks it safe; the weights stay float32."""
    save_every: int = 250
    """Iterations between checkpoints."""
    seed: int = 0

    def rate(self, iteration: int) -> float:
        """Learning rate of an iteration, counted from 0."""
        if iteration < self.warmup:
            return self.learning_rate * (iteration + 1) / self.warmup
        done = min(1.0, (iteration - self.warmup) / max(1, self.iterations - self.warmup))
        return self.learning_rate * (self.final_rate + (1 - self.final_rate) * (1 + math.cos(math.pi * done)) / 2)


@dataclass(frozen=True)
class Progress:
    """Where a training stands, after an iteration."""

    iteration: int
    """Iterations done."""
    iterations: int
    losses: Mapping[str, float]
    seconds: float
    """Since this run began; a resumed run counts anew."""


def train(
    task: Task,
    schedule: Schedule,
    *,
    state: Path,
    report: Callable[[Progress], None] = lambda progress: None,
    save: Callable[[nn.Module, int], None] = lambda averaged, iteration: None,
) -> nn.Module:
    """Train until the schedule ends; gives the averaged network, in evaluation mode.

    `state` is the file that a broken run is resumed from: it is written every `save_every` iterations, and read if it
    is there. `save(averaged, iteration)` is called whenever it was written: for exports and previews. `report` is
    called after every iteration.

    Raises: ConfigError if a loss is no longer a finite number; ModelError if `state` belongs to another training.
    """
    device = next(task.network.parameters()).device
    run = _Run(task.network, schedule, torch.Generator(device="cpu").manual_seed(schedule.seed))
    if state.exists():
        run.resume(state)
    began = time.monotonic()
    while run.iteration < schedule.iterations:
        with torch.autocast(device.type, torch.bfloat16, enabled=schedule.mixed_precision):
            losses = task.losses(run.generator)
            total = torch.stack([loss.float() for loss in losses.values()]).sum()
        values = {name: float(loss.detach()) for name, loss in losses.items()}
        if not math.isfinite(sum(values.values())):
            raise ConfigError(f"training broke down at iteration {run.iteration}: {values}; lower the learning rate")
        run.step(total)
        if run.iteration % schedule.save_every == 0 or run.iteration == schedule.iterations:
            run.keep(state)
            save(run.averaged, run.iteration)
        report(Progress(run.iteration, schedule.iterations, values, time.monotonic() - began))
    return run.averaged


class _Run:
    """Everything that changes while training, and so everything that must be kept to resume."""

    def __init__(self, network: nn.Module, schedule: Schedule, generator: torch.Generator):
        self.network, self.schedule, self.generator = network.train(), schedule, generator
        self.averaged = copy.deepcopy(network).eval().requires_grad_(False)
        self.optimiser = torch.optim.Adam(network.parameters(), lr=schedule.learning_rate)
        self.iteration = 0

    def step(self, loss: Tensor) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate(self.iteration)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.iteration += 1
        self._average()

    @torch.no_grad()
    def _average(self) -> None:
        # A young average must forget its random start sooner than an old one its past.
        decay = min(self.schedule.average, (1 + self.iteration) / (10 + self.iteration))
        for kept, now in zip(self.averaged.parameters(), self.network.parameters(), strict=True):
            kept.lerp_(now, 1 - decay)
        for settled, current in zip(self.averaged.buffers(), self.network.buffers(), strict=True):
            settled.copy_(current)

    def keep(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".part")
        torch.save(
            {
                "iteration": self.iteration,
                "network": self.network.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "generator": self.generator.get_state(),
                "global_generator": torch.get_rng_state(),
            },
            unfinished,
        )
        os.replace(unfinished, path)

    def resume(self, path: Path) -> None:
        try:
            kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
            self.network.load_state_dict(kept["network"])
            self.averaged.load_state_dict(kept["averaged"])
            self.optimiser.load_state_dict(kept["optimiser"])
            self.generator.set_state(kept["generator"])
            torch.set_rng_state(kept["global_generator"])
            self.iteration = int(kept["iteration"])
        except Exception as error:  # whatever torch raises for a file that is not this training's state
            raise ModelError(f"{path}: is not the state of this training; remove it to start anew") from error
