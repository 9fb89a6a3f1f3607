"""The run of one artwork: from coarse to fine, evaluation by evaluation, from the beginning or from a kept state."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pipeline.artwork.coarseness import favour_large_shapes
from pipeline.artwork.film import spread
from pipeline.artwork.lbfgs import Lbfgs
from pipeline.artwork.objective import Objective
from pipeline.artwork.painting import resize
from pipeline.artwork.recipe import ArtworkRecipe
from pipeline.artwork.state import State
from pipeline.artwork.subject import Subject
from pipeline.device import generator
from pipeline.errors import ConfigError, Interrupted, LeaseLost

_FREE = 30
"""Evaluations of a size after which large shapes are favoured. They choose what becomes of which part of the picture,
and chose worse, by half a percent of the loss, when large shapes were favoured from the first."""

_MEMORY_BYTES = 4 << 30
"""What L-BFGS may remember: 16 steps of a picture of 4096 px."""


@dataclass(frozen=True)
class Snapshot:
    """One frame of the film of an artwork."""

    frame: int
    """From 0."""
    evaluation: int
    """How many evaluations had been made."""
    picture: Tensor
    """`(1, 3, H, W)` float32 in [0, 1], sRGB, of the final size, on the network's device."""


@dataclass(frozen=True)
class Progress:
    """Where an artwork stands, after an evaluation."""

    scale: int
    """Which of the sizes, from 0, coarse to fine."""
    scales: int
    width: int
    """Of this size, px."""
    height: int
    evaluation: int
    """Evaluations made, counting those that were not needed by sizes finished early."""
    evaluations: int
    """Of all sizes, at most."""
    losses: dict[str, float]
    """Weighted: content, style, shading, variation, range."""
    seconds: float
    """Since this run began; a resumed one counts anew."""


class Run:
    """Spends a recipe's evaluations."""

    def __init__(
        self,
        subject: Subject,
        recipe: ArtworkRecipe,
        objective: Callable[[int], Objective],
        *,
        frames: int,
        noise: float,
        report: Callable[[Progress], None],
        keep: Callable[[State], None],
    ):
        """`objective`: by the longest side in px. `noise`: how far a loss can be trusted, as a part of itself."""
        self._subject, self._recipe, self._objective = subject, recipe, objective
        self._frames, self._noise = frames, noise
        self._report, self._keep = report, keep
        self._sizes, self._budgets = recipe.sizes(), recipe.budgets()
        self._started = time.monotonic()

    def film(self, state: State | None) -> Iterator[Snapshot]:
        """All frames from a state on, or from the beginning."""
        state = state or self._begin()
        while state.size < len(self._sizes):
            state = yield from self._paint_size(state)
            self._keep(state)
        finished = self._subject.finished(state.picture)
        # What was finished early stands still for the rest of its film.
        for frame in range(state.frame, self._frames):
            yield Snapshot(frame, sum(self._budgets), finished)

    def _begin(self) -> State:
        content = self._subject.content(self._sizes[0])
        noise = torch.randn(content.shape, generator=generator(self._recipe.seed)).to(content.device)
        start = content.lerp((0.5 + 0.2 * noise).clamp(0, 1), self._recipe.noise)
        due = spread(self._frames - 1, 0, sum(self._budgets))
        return State(picture=start, size=0, done=0, frame=0, due=due, curve=(), curvature=0.0)

    def _paint_size(self, state: State) -> Generator[Snapshot, None, State]:
        """Spend the evaluations of one size; the state is then the next one's beginning."""
        objective = self._objective(self._sizes[state.size])
        optimiser = self._optimiser(objective, state)
        before, budget = sum(self._budgets[: state.size]), self._budgets[state.size]
        while state.done < budget and not optimiser.is_stuck and not self._has_converged(state.curve):
            while state.frame < len(state.due) and state.due[state.frame] <= before + state.done:
                yield Snapshot(state.frame, before + state.done, self._subject.finished(optimiser.best))
                state = replace(state, frame=state.frame + 1)
            if state.done >= _FREE:
                optimiser.guess = favour_large_shapes
            losses = self._step(objective, optimiser, before + state.done)
            state = replace(
                state,
                picture=optimiser.best,
                done=state.done + 1,
                curve=(*state.curve[-self._recipe.patience :], optimiser.loss),
                curvature=optimiser.curvature,
            )
            try:
                self._tell(state, before + state.done, losses)
            except LeaseLost:
                # Another worker has gone on; its state is the newer one.
                raise
            except Interrupted:
                self._keep(state)
                raise
            if state.done % self._recipe.keep_every == 0 and state.done < budget:
                self._keep(state)
                optimiser.forget()
        return self._next_size(state, before + budget)

    def _optimiser(self, objective: Objective, state: State) -> Lbfgs:
        picture = resize(state.picture.to(objective.device), *objective.size) if state.done == 0 else state.picture
        pair_bytes = 2 * picture.numel() * picture.element_size()
        return Lbfgs(
            picture.to(objective.device),
            history=max(1, min(self._recipe.history, _MEMORY_BYTES // pair_bytes)),
            noise=self._noise,
            curvature=state.curvature,
        )

    def _step(self, objective: Objective, optimiser: Lbfgs, evaluation: int) -> dict[str, float]:
        found = objective(optimiser.ask())
        is_finite = math.isfinite(found.loss) and bool(torch.isfinite(found.gradient).all())
        if not is_finite and math.isinf(optimiser.loss):
            raise ConfigError(
                f"the losses are not finite at evaluation {evaluation}; give a smaller style_weight, or other features"
            )
        optimiser.tell(found.loss if is_finite else math.inf, found.gradient)
        return found.losses

    def _has_converged(self, curve: tuple[float, ...]) -> bool:
        tolerance, patience = self._recipe.tolerance, self._recipe.patience
        return len(curve) > patience and curve[0] - curve[-1] < tolerance * abs(curve[0])

    def _next_size(self, state: State, evaluations: int) -> State:
        due = state.due
        if state.done < self._budgets[state.size]:
            # Frames that this size no longer gives are spread over the sizes to come.
            due = (*due[: state.frame], *spread(len(due) - state.frame, evaluations, sum(self._budgets)))
        return replace(state, size=state.size + 1, done=0, due=due, curve=(), curvature=0.0)

    def _tell(self, state: State, evaluation: int, losses: dict[str, float]) -> None:
        height, width = state.picture.shape[2:]
        self._report(
            Progress(
                scale=state.size,
                scales=len(self._sizes),
                width=width,
                height=height,
                evaluation=evaluation,
                evaluations=sum(self._budgets),
                losses=losses,
                seconds=time.monotonic() - self._started,
            )
        )
