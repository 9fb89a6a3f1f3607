"""The training loop that every family shares: steps, moving average, mixed precision, checkpoints, resuming.

What is trained, and on what, is the task's; see style.py. Nothing is printed: callbacks tell.
"""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from pipeline.errors import ConfigError, ModelError
from pipeline.training.averaging import follow
from pipeline.training.schedule import Schedule

__all__ = ["Progress", "Schedule", "Task", "Training", "adam", "train"]


class Task(Protocol):
    """One thing to train."""

    network: nn.Module
    """Its parameters are what is trained."""

    def losses(self, generator: torch.Generator) -> Mapping[str, Tensor]:
        """The weighted losses of one fresh batch, by name; their sum is made small.

        Whatever is random is drawn from `generator`, which is what makes a resumed run equal to an unbroken one.
        """
        ...


@dataclass(frozen=True)
class Progress:
    """Where a training stands, after an iteration."""

    iteration: int
    """Iterations done."""
    iterations: int
    losses: Mapping[str, float]
    seconds: float
    """Since this run began; a resumed run counts anew."""


Optimise = Callable[[nn.Module, float], torch.optim.Optimizer]
"""From a network and a learning rate, what moves its weights."""


def adam(network: nn.Module, rate: float) -> torch.optim.Optimizer:
    """What most networks are trained by."""
    return torch.optim.Adam(network.parameters(), lr=rate)


class Training:
    """One training under way: everything that changes meanwhile, and so everything that must be kept to resume."""

    def __init__(self, task: Task, schedule: Schedule, optimise: Optimise = adam):
        self.task, self.schedule = task, schedule
        self.network = task.network.train()
        self.averaged = copy.deepcopy(task.network).eval().requires_grad_(False)
        """The moving average of the weights, which is what is kept in the end."""
        self.iteration = 0
        """Iterations done."""
        self.begun_at = 0
        """Iterations that were done when this run began."""
        self._generator = torch.Generator(device="cpu").manual_seed(schedule.seed)
        self._optimiser = optimise(self.network, schedule.learning_rate)

    def steps(self) -> Iterator[Progress]:
        """Train to the schedule's end; between two iterations the caller may save, show, or leave.

        Raises: ConfigError if a loss is no longer a finite number.
        """
        began, self.begun_at = time.monotonic(), self.iteration
        while not self.schedule.is_last(self.iteration):
            losses = self._step()
            yield Progress(self.iteration, self.schedule.iterations, losses, time.monotonic() - began)

    def _step(self) -> dict[str, float]:
        device = next(self.network.parameters()).device
        with torch.autocast(device.type, torch.bfloat16, enabled=self.schedule.mixed_precision):
            losses = self.task.losses(self._generator)
            total = torch.stack([loss.float() for loss in losses.values()]).sum()
        values = {name: float(loss.detach()) for name, loss in losses.items()}
        if not math.isfinite(sum(values.values())):
            raise ConfigError(f"training broke down at iteration {self.iteration}: {values}; give less weight to style")
        for group in self._optimiser.param_groups:
            group["lr"] = self.schedule.rate(self.iteration)
        self._optimiser.zero_grad(set_to_none=True)
        total.backward()
        self._optimiser.step()
        self.iteration += 1
        self._average()
        return values

    @torch.no_grad()
    def _average(self) -> None:
        follow(self.averaged, self.network, decay=self.schedule.average, iteration=self.iteration)
        for settled, current in zip(self.averaged.buffers(), self.network.buffers(), strict=True):
            settled.copy_(current)

    def state(self) -> dict[str, Any]:
        """What `resume` needs to go on from here, for torch.save."""
        return {
            "iteration": self.iteration,
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "generator": self._generator.get_state(),
            "global_generator": torch.get_rng_state(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where another run stood when its `state` was taken.

        Raises: ModelError if the state belongs to another training; then nothing has changed.
        """
        before = copy.deepcopy(self.state())
        try:
            self._adopt(state)
        except Exception as error:  # whatever torch raises for a state that is not this training's
            self._adopt(before)
            raise ModelError(f"it is the state of another training ({error})") from error

    def _adopt(self, state: Mapping[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._generator.set_state(state["generator"])
        torch.set_rng_state(state["global_generator"])
        self.iteration = int(state["iteration"])


def train(
    task: Task,
    schedule: Schedule,
    *,
    state: Path,
    optimise: Optimise = adam,
    report: Callable[[Progress], None] = lambda progress: None,
    save: Callable[[nn.Module, int], None] = lambda averaged, iteration: None,
) -> nn.Module:
    """Train until the schedule ends; gives the averaged network, in evaluation mode.

    `state` is the file that a broken run is resumed from: it is written every `save_every` iterations, and read if it
    is there. `save(averaged, iteration)` is called whenever it was written: for exports and previews. `report` is
    called after every iteration.

    Raises: ConfigError if a loss is no longer a finite number; ModelError if `state` belongs to another training.
    """
    training = Training(task, schedule, optimise)
    resume_from(state, training)
    for progress in training.steps():
        if schedule.is_saved(progress.iteration):
            keep_state(state, training)
            save(training.averaged, progress.iteration)
        report(progress)
    return training.averaged


def keep_state(path: Path, training: Training) -> None:
    """Write a training's state, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    torch.save(training.state(), unfinished)
    os.replace(unfinished, path)


def resume_from(path: Path, training: Training) -> None:
    """Go on from the state in a file, if there is one. Raises: ModelError if it belongs to another training."""
    if not path.exists():
        return
    try:
        training.resume(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # whatever torch raises for a file that is none of its own
        raise ModelError(f"{path}: is not the state of this training; remove it to start anew") from error
