"""Projects a photograph: finds the styles, and StyleGAN2's noise, whose picture is most like it.

Nothing is printed and no file touched: callbacks tell how it goes and take the states to keep.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import functional_call

from pipeline.artwork.film import spread
from pipeline.artwork.state import fingerprint_of
from pipeline.device import generator as random_numbers
from pipeline.errors import ConfigError, Interrupted, LeaseLost, ModelError
from pipeline.models.features import Features
from pipeline.models.stylegan.generator import Generator
from pipeline.portraits.projection.face import Box
from pipeline.portraits.projection.likeness import Likeness
from pipeline.portraits.projection.noise import fresh_noise, unevenness, whiten
from pipeline.portraits.projection.recipe import ProjectionRecipe
from pipeline.portraits.projection.state import State, begun, pack, unpack
from pipeline.portraits.projection.target import target_of

_BATCH = 1000
"""Samples of w at a time."""

_FIRST_MOMENT, _SECOND_MOMENT, _EPSILON = 0.9, 0.999, 1e-8
"""Adam's usual constants."""


@dataclass(frozen=True)
class Progress:
    """Where a projection stands, after a step."""

    step: int
    """Made so far."""
    steps: int
    losses: dict[str, float]
    """Weighted: features, colours, and of StyleGAN2 evenness."""


@dataclass(frozen=True)
class Snapshot:
    """One frame of the film of a projection; the last one is its result."""

    frame: int
    """From 0."""
    step: int
    picture: Tensor
    """`(1, 3, resolution, resolution)` float32 in [0, 1], sRGB."""
    ws: Tensor
    """`(1, num_ws, w_dim)` float32."""
    noise: dict[str, Tensor]
    """StyleGAN2's that the picture was made with, by its buffer's name in the synthesis network."""
    curve: tuple[float, ...]
    """The loss of each step so far."""


def project(
    photograph: Tensor,
    recipe: ProjectionRecipe,
    *,
    generator: Generator,
    features: Features,
    known_as: str = "",
    face: Box | None = None,
    c: Tensor | None = None,
    frames: int = 1,
    state: bytes | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    keep: Callable[[bytes], None] = lambda state: None,
) -> Iterator[Snapshot]:
    """The film of `frames` pictures in which the generator comes to the photograph.

    `photograph`: `(1, 3, H, W)` float in [0, 1], sRGB, any size; its middle, or what is about `face`, is projected.
    `known_as`: the generator's name or digest, which its states remember. `c`: class, `(1, c_dim)`, of conditional
    ones. Generator and features are on one device. `report` may raise to stop.

    `keep` is given a state every `recipe.keep_every` steps. Given back as `state`, with everything else as it was, it
    makes the projection go on from there; the frames before it are not given again. On a CPU with as many threads the
    bits are then those of an unbroken one.

    Raises: MediaError if the photograph or the face cannot be used; ConfigError if a value is out of range or the
    losses are not finite; ModelError if `state` is damaged or another projection's, or the generator makes no pictures.
    """
    if not 1 <= frames <= recipe.steps + 1:
        raise ConfigError(f"frames: {frames} asked for; give 1 to {recipe.steps + 1}, one more than steps")
    if generator.config.synthesis.picture_channels not in (1, 3):
        channels = generator.config.synthesis.picture_channels
        raise ModelError(f"the generator's pictures have {channels} channels; photographs have three, or one")
    device = generator.mapping.w_avg.device
    target = target_of(photograph, generator.config.synthesis.resolution, face=face).to(device)
    said = (generator.config.to_json(), known_as, recipe, frames, features.origin)
    owner = fingerprint_of([target, c, generator.mapping.w_avg], *said)
    likeness = Likeness(target, features, longest_px=recipe.longest_px, colours=recipe.colours)
    run = _Run(generator, recipe, likeness, c, frames)
    run.begin(None if state is None else lambda values: unpack(state, owner, values))
    return run.film(report, lambda state: keep(pack(state, owner)))


@torch.no_grad()
def spread_of_w(generator: Generator, samples: int, seed: int, c: Tensor | None = None) -> tuple[Tensor, float]:
    """The mean of w, `(1, w_dim)`, and how far from it w lies: the root of the mean square distance, as one number."""
    chance, device = random_numbers(seed), generator.mapping.w_avg.device
    found = []
    for start in range(0, samples, _BATCH):
        z = torch.randn(min(_BATCH, samples - start), generator.config.mapping.z_dim, generator=chance)
        found.append(generator.mapping(z.to(device), None if c is None else c.expand(len(z), -1)))
    w = torch.cat(found)
    mean = w.mean(0, keepdim=True)
    return mean, float((w - mean).square().sum(1).mean().sqrt())


class _Run:
    """Spends a recipe's steps."""

    def __init__(
        self, generator: Generator, recipe: ProjectionRecipe, likeness: Likeness, c: Tensor | None, frames: int
    ):
        self._generator, self._recipe, self._likeness = generator, recipe, likeness
        self._mean, self._deviation = spread_of_w(generator, recipe.samples, recipe.seed, c)
        self._due = spread(frames - 1, 0, recipe.steps)
        self._frames = frames

    def begin(self, kept: Callable[[dict[str, Tensor]], State] | None) -> None:
        """Begin at the mean of w, or where a kept state is."""
        values = {"ws": self._mean.unsqueeze(1).repeat(1, self._generator.config.num_ws, 1)}
        if self._recipe.noise:
            values |= fresh_noise(self._generator, self._recipe.seed)
        self._state = begun(values) if kept is None else kept(values)

    def film(self, report: Callable[[Progress], None], keep: Callable[[State], None]) -> Iterator[Snapshot]:
        """All frames from the state on."""
        state, recipe = self._state, self._recipe
        while state.done < recipe.steps:
            while state.frame < len(self._due) and self._due[state.frame] <= state.done:
                yield self._snapshot()
                state.frame += 1
            losses = self._step()
            try:
                report(Progress(state.done, recipe.steps, losses))
            except LeaseLost:
                # Another worker has gone on; its state is the newer one.
                raise
            except Interrupted:
                keep(state)
                raise
            if state.done % recipe.keep_every == 0:
                keep(state)
        state.frame = self._frames - 1
        yield self._snapshot()

    def _step(self) -> dict[str, float]:
        """One step of Adam on everything that is sought."""
        state = self._state
        sought = {name: value.detach().requires_grad_() for name, value in state.values.items()}
        with torch.enable_grad():
            losses = self._losses(sought)
            gradients = torch.autograd.grad(sum(losses.values(), torch.zeros(())), list(sought.values()))
        told = {name: float(loss.detach()) for name, loss in losses.items()}
        if not math.isfinite(sum(told.values())):
            raise ConfigError(f"the losses are not finite at step {state.done}; give a lower rate")
        for name, gradient in zip(sought, gradients, strict=True):
            if name == "ws" and not self._recipe.is_plus(state.done):
                # As long as all layers have one style, each is moved as all together are.
                gradient = gradient.mean(1, keepdim=True).expand_as(gradient)
            self._move(name, gradient)
        whiten({name: value for name, value in state.values.items() if name != "ws"})
        state.done += 1
        state.curve.append(sum(told.values()))
        return told

    def _losses(self, sought: dict[str, Tensor]) -> dict[str, Tensor]:
        recipe, step = self._recipe, self._state.done
        ws = sought["ws"]
        # A generator of its own for each step: a resumed run shakes as an unbroken one would have.
        shaken = torch.randn(1, ws.shape[2], generator=random_numbers(recipe.seed + 1 + step)).to(ws)
        ws = ws + shaken.unsqueeze(1) * (recipe.blur_at(step) * self._deviation)
        noise = {name: value for name, value in sought.items() if name != "ws"}
        losses = self._likeness(self._picture(ws, noise))
        if noise:
            losses["evenness"] = recipe.evenness * torch.stack([unevenness(held) for held in noise.values()]).sum()
        return losses

    @torch.no_grad()
    def _move(self, name: str, gradient: Tensor) -> None:
        """Source: Kingma and Ba, "Adam", arXiv:1412.6980, algorithm 1."""
        state, count = self._state, self._state.done + 1
        mean = state.means[name].lerp_(gradient, 1 - _FIRST_MOMENT)
        square = state.squares[name].lerp_(gradient.square(), 1 - _SECOND_MOMENT)
        whole = mean / (1 - _FIRST_MOMENT**count)
        size = (square / (1 - _SECOND_MOMENT**count)).sqrt() + _EPSILON
        state.values[name].add_(whole / size, alpha=-self._rate(name))

    def _rate(self, name: str) -> float:
        recipe = self._recipe
        each = self._deviation / math.sqrt(self._mean.shape[1])
        return recipe.ramp_at(self._state.done) * (recipe.rate * each if name == "ws" else recipe.noise_rate)

    def _picture(self, ws: Tensor, noise: dict[str, Tensor]) -> Tensor:
        """`(1, 3, resolution, resolution)` in [0, 1], nearly."""
        made = functional_call(self._generator.synthesis, noise, (ws,))
        made = made.float() / 2 + 0.5
        return made if made.shape[1] == 3 else made.expand(-1, 3, -1, -1)

    @torch.no_grad()
    def _snapshot(self) -> Snapshot:
        state = self._state
        noise = {name: value.clone() for name, value in state.values.items() if name != "ws"}
        ws = state.values["ws"].clone()
        picture = self._picture(ws, noise).clamp(0, 1)
        return Snapshot(state.frame, state.done, picture, ws, noise, tuple(state.curve))
