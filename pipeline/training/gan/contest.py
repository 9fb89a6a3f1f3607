"""The two networks in turns: the discriminator learns to tell, the generator to be taken for real, and averages.

Everything that changes lives here, and so everything that must be kept to resume. What is shown of it is training.py's.

Source: Karras et al., arXiv:1912.04958 (networks, lazy penalties) and arXiv:2006.06676 (augmentation, half-life of
averages). Differences: both turns see the same generated pictures, which saves a pass through the generator, and R1's
slopes are taken at the augmented pictures, which are what the discriminator sees.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.device import fastest, has_fast_bfloat16
from pipeline.models.stylegan.design import channels_of, stylegan2
from pipeline.models.stylegan.discriminator import Discriminator
from pipeline.models.stylegan.generator import Generator
from pipeline.models.stylegan.synthesis2 import Synthesis2
from pipeline.training.chance import Chance
from pipeline.training.gan.augment import Adaptive, augment
from pipeline.training.gan.brief import GanBrief, GanRecipe
from pipeline.training.gan.losses import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    path_lengths,
    path_penalty,
)
from pipeline.training.loop import Progress
from pipeline.training.pictures import Pictures
from pipeline.training.record import Record
from pipeline.training.resuming import Resumable

_BETA = 0.99
"""Of Adam's second moments. Of first ones it keeps none."""
_TRACK = 0.005
"""How much of each batch's mean w goes into the mean latent."""
_RAMP = 0.05
"""The average's half-life is at most this part of all images so far."""
_PATH_DECAY = 0.01
_ADAPT_EVERY = 4
_READ_EVERY = 8
"""Iterations between looks at the numbers: each waits for the device."""

_NUMBERS = ("generator", "discriminator", "signs", "r1")
"""Losses of the two; the mean sign of the logits of real pictures; R1 before it is weighted."""

_DESIGN = (
    "size_px", "channels", "channels_most", "discriminator_channels", "discriminator_most", "latent", "mapping_layers",
    "noise",
)  # fmt: skip
"""What two trainings share if one can go on from the other's state."""


class Contest(Resumable):
    """One training under way."""

    def __init__(self, brief: GanBrief, pictures: Pictures, device: torch.device | str = "cpu"):
        self.brief, self.pictures, self.device = brief, pictures, torch.device(device)
        self.generator, self.discriminator = fresh_networks(brief.recipe, brief.schedule.seed, self.device)
        self.averaged = copy.deepcopy(self.generator).eval().requires_grad_(False)
        """The moving average of the generator's weights, which is what is kept in the end."""
        self.precision = _precision(self.device, mixed=brief.schedule.mixed_precision)
        assert isinstance(self.generator.synthesis, Synthesis2)
        self.generator.synthesis.precision = self.precision
        recipe = brief.recipe
        self._generators = _adam(self.generator, recipe, recipe.path_every if recipe.path_weight else 0)
        self._discriminators = _adam(self.discriminator, recipe, recipe.r1_every)
        self.adaptive = Adaptive(target=recipe.augment_target, images=round(recipe.augment_kimg * 1000))
        self.record = Record(_NUMBERS, self.device)
        self._signs = torch.zeros((), device=self.device)
        self._usual_path = torch.zeros((), device=self.device)
        self.iteration = 0
        """Iterations done."""
        self.begun_at = 0
        """Iterations that were done when this run began."""

    @property
    def images(self) -> int:
        """Real pictures seen so far."""
        return self.iteration * self.brief.recipe.batch

    def steps(self) -> Iterator[Progress]:
        """Train to the schedule's end; between two iterations the caller may save, show, or leave.

        Raises: ConfigError if a loss is no longer a finite number; MediaError if a picture cannot be read.
        """
        began, self.begun_at = time.monotonic(), self.iteration
        schedule, numbers = self.brief.schedule, self.record.read()
        while not schedule.is_last(self.iteration):
            with fastest(self.device):
                self._step()
            self.iteration += 1
            if self.iteration % _READ_EVERY == 0 or schedule.is_last(self.iteration):
                numbers = self._read()
            yield Progress(self.iteration, schedule.iterations, numbers, time.monotonic() - began)

    def _step(self) -> None:
        recipe = self.brief.recipe
        chance = Chance(self.brief.schedule.seed, self.iteration, self.device)
        self._set_rates()
        real = self.pictures.batch(recipe.batch, generator=chance.lots, mirror=recipe.mirror, device=self.device)
        real = self._seen(real.contiguous(memory_format=torch.channels_last), chance)
        made = self._seen(self.generator.picture(self._styles(chance), noise=chance.noise), chance)
        self._teach_discriminator(real, made.detach())
        if recipe.r1_every and self.iteration % recipe.r1_every == 0:
            self._flatten_discriminator(real)
        self._teach_generator(made)
        if recipe.path_weight and self.iteration % recipe.path_every == 0:
            self._even_paths(chance)
        self._average()
        if recipe.augment and (self.iteration + 1) % _ADAPT_EVERY == 0:
            self.adaptive.adapt(float(self._signs) / _ADAPT_EVERY, _ADAPT_EVERY * recipe.batch)
            self._signs.zero_()

    def _set_rates(self) -> None:
        rate = self.brief.recipe.rate(self.iteration, self.brief.schedule.iterations)
        for optimiser in (self._generators, self._discriminators):
            for group in optimiser.param_groups:
                group["lr"] = rate * group["part"]

    def _seen(self, pictures: Tensor, chance: Chance) -> Tensor:
        return augment(pictures, self.adaptive.probability, chance.lots)

    def _styles(self, chance: Chance) -> Tensor:
        """A batch's styles `(N, num_ws, w_dim)`: some pictures' fine layers have another than their coarse ones."""
        recipe, layers = self.brief.recipe, self.generator.config.num_ws
        z = torch.randn(2, recipe.batch, recipe.latent, generator=chance.noise, device=self.device)
        lots = torch.rand(recipe.batch, generator=chance.lots) < recipe.mixing
        cuts = torch.randint(1, layers, (recipe.batch,), generator=chance.lots).where(lots, torch.tensor(layers))
        w, other = self.generator.mapping(z.flatten(0, 1)).view(2, recipe.batch, 1, -1)
        with torch.no_grad():
            self.generator.mapping.w_avg.lerp_(w.mean((0, 1)), _TRACK)
        coarse = torch.arange(layers) < cuts[:, None]
        return torch.where(coarse[:, :, None].to(self.device), w, other)

    def _teach_discriminator(self, real: Tensor, made: Tensor) -> None:
        logits = self._judged(real)
        loss = discriminator_loss(logits, self._judged(made))
        _descend(self._discriminators, loss)
        signs = logits.detach().sign().mean()
        self._signs += signs
        self.record.add("discriminator", loss)
        self.record.add("signs", signs)

    def _flatten_discriminator(self, real: Tensor) -> None:
        real = real.detach().requires_grad_()
        penalty = gradient_penalty(self._judged(real), real)
        # Made rarely, and so more strongly.
        weight = self.brief.recipe.penalty_weight / 2 * self.brief.recipe.r1_every
        _descend(self._discriminators, penalty * weight)
        self.record.add("r1", penalty)

    def _teach_generator(self, made: Tensor) -> None:
        with _frozen(self.discriminator):
            loss = generator_loss(self._judged(made))
            _descend(self._generators, loss)
        self.record.add("generator", loss)

    def _even_paths(self, chance: Chance) -> None:
        recipe = self.brief.recipe
        ws = self._styles(chance)[: max(1, recipe.batch // 2)]
        pictures = self.generator.picture(ws, noise=chance.noise)
        noise = torch.randn(pictures.shape, generator=chance.noise, device=self.device)
        lengths = path_lengths(pictures, ws, noise)
        usual = self._usual_path.lerp(lengths.mean(), _PATH_DECAY)
        self._usual_path = usual.detach()
        _descend(self._generators, path_penalty(lengths, usual) * (recipe.path_weight * recipe.path_every))

    def _judged(self, pictures: Tensor) -> Tensor:
        logits: Tensor = self.discriminator(pictures, precision=self.precision)
        return logits

    @torch.no_grad()
    def _average(self) -> None:
        recipe = self.brief.recipe
        half_life = max(min(recipe.average_kimg * 1000, self.images * _RAMP), 1e-8)
        share = 1 - 0.5 ** (recipe.batch / half_life)
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.generator.parameters()), share)
        for kept, now in zip(self.averaged.buffers(), self.generator.buffers(), strict=True):
            kept.copy_(now)

    def _read(self) -> dict[str, float]:
        numbers = self.record.finite(
            self.iteration, "go on from an earlier state with a lower learning rate or a larger gamma"
        )
        return numbers | ({"augment": self.adaptive.probability} if self.brief.recipe.augment else {})

    def state(self) -> dict[str, Any]:
        """What `resume` needs to go on from here, for torch.save."""
        return {
            "iteration": self.iteration,
            "design": self._design(),
            "generator": self.generator.state_dict(),
            "averaged": self.averaged.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "generators": _moments(self._generators),
            "discriminators": _moments(self._discriminators),
            "probability": self.adaptive.probability,
            "signs": self._signs,
            "usual_path": self._usual_path,
            "record": self.record.state(),
        }

    def _design(self) -> dict[str, Any]:
        recipe = asdict(self.brief.recipe)
        return {name: recipe[name] for name in _DESIGN} | {"pictures": self.pictures.count}

    def _adopt(self, state: Mapping[str, Any]) -> None:
        for name in ("generator", "averaged", "discriminator"):
            getattr(self, name).load_state_dict(state[name])
        _restore(self._generators, state["generators"])
        _restore(self._discriminators, state["discriminators"])
        self.adaptive.probability = float(state["probability"])
        self._signs.copy_(state["signs"])
        self._usual_path = state["usual_path"].to(self.device, copy=True)
        self.record.adopt(state["record"])
        self.iteration = int(state["iteration"])


def fresh_networks(recipe: GanRecipe, seed: int, device: torch.device) -> tuple[Generator, Discriminator]:
    """Both networks with random weights, the same for each seed."""
    config = stylegan2(
        recipe.size_px,
        z_dim=recipe.latent,
        w_dim=recipe.latent,
        mapping_layers=recipe.mapping_layers,
        channel_base=recipe.channels * recipe.size_px,
        channel_max=recipe.channels_most,
        noisy=recipe.noise,
    )
    base = (recipe.discriminator_channels or recipe.channels) * recipe.size_px
    judging = channels_of(recipe.size_px, base=base, most=recipe.discriminator_most or recipe.channels_most)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = Generator(config), Discriminator(recipe.size_px, judging)
    for network in made:
        network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return made


def _precision(device: torch.device, *, mixed: bool) -> torch.dtype:
    # float16 would need its losses scaled; where bfloat16 is not fast, float32 it is.
    return torch.bfloat16 if mixed and has_fast_bfloat16(device) else torch.float32


def _adam(network: nn.Module, recipe: GanRecipe, lazy: int) -> torch.optim.Adam:
    """`lazy`: iterations between penalties, whose extra steps must not make it faster; 0 where there are none.

    Source: arXiv:1912.04958, appendix B.
    """
    part = lazy / (lazy + 1) if lazy else 1.0
    parameters = list(network.parameters())
    group = {"params": parameters, "part": part}
    return torch.optim.Adam([group], betas=(0.0, _BETA**part), fused=parameters[0].is_cuda or None)


def _descend(optimiser: torch.optim.Adam, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def _moments(optimiser: torch.optim.Adam) -> list[Any]:
    """Adam's memory without first moments: with a beta of 0 they are the last slopes, and never used again."""
    kept = [optimiser.state.get(parameter) for parameter in optimiser.param_groups[0]["params"]]
    return [None if memory is None else (float(memory["step"]), memory["exp_avg_sq"]) for memory in kept]


def _restore(optimiser: torch.optim.Adam, moments: list[Any]) -> None:
    optimiser.state.clear()
    for parameter, memory in zip(optimiser.param_groups[0]["params"], moments, strict=True):
        if memory is None:
            continue
        step, squares = memory
        # Fused steps are counted where the parameters are.
        place = parameter.device if parameter.is_cuda else "cpu"
        optimiser.state[parameter] = {
            "step": torch.tensor(step, dtype=torch.float32, device=place),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.empty_like(parameter).copy_(squares),
        }
