"""The training itself: batches go through the networks and back, the critic is taught in turn, weights are averaged.

Everything that changes lives here, and so everything that must be kept to resume. What is shown of it is training.py's.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from pipeline.device import has_fast_bfloat16
from pipeline.models.features import FeatureNetwork
from pipeline.models.vae.config import SKETCH_PX, VaeConfig
from pipeline.models.vae.network import Vae, sketch_by
from pipeline.training.averaging import follow
from pipeline.training.chance import Chance
from pipeline.training.gan.losses import discriminator_loss, generator_loss, gradient_penalty
from pipeline.training.loop import Progress
from pipeline.training.record import Record
from pipeline.training.resuming import Resumable
from pipeline.training.vae import losses
from pipeline.training.vae.brief import VaeBrief
from pipeline.training.vae.critic import Critic
from pipeline.training.vae.material import Material

_NUMBERS = ("reconstruction", "kl", "features", "texture", "critic", "deceit", "slope", "critic_slope")
"""Mean squared error; nats a picture; losses.Looks' two; the critic's loss, and the decoder's before it; length of
slopes, and of the critic's, the penalty's in them. A new one stands last, so that older states can be gone on from."""

_DESIGN = ("size_px", "latent", "channels", "channels_most", "blocks")
"""What two trainings share if one can go on from the other's state."""

_SKETCHES_PART = 0.02
"""Of the learning rate, for the linear maps."""

_STEEPEST = 1.0
"""Longer slopes are shortened to this."""
_CROP_PX = 64
_R1_EVERY = 16
_R1_WEIGHT = 0.05
_SKETCHED = 4096
"""Pictures that principal components are taken of."""
_READ_EVERY = 8
"""Iterations between looks at the numbers: each waits for the device."""


class Descent(Resumable):
    """One training under way."""

    def __init__(
        self,
        brief: VaeBrief,
        material: Material,
        features: FeatureNetwork | None,
        device: torch.device | str = "cpu",
    ):
        """`features`: what pictures are compared by, if the recipe wants that."""
        self.brief, self.material, self.device = brief, material, torch.device(device)
        self._features = None if features is None else features.to(self.device)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(brief.schedule.seed)
            self.vae, self.critic = Vae(_config(brief, material)), Critic()
        for network in (self.vae, self.critic):
            network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(self.vae).eval().requires_grad_(False)
        """The moving average of the weights, which is what is kept in the end."""
        rate, fused = brief.schedule.learning_rate, self.device.type == "cuda" or None
        self._optimiser = torch.optim.Adam(_groups(self.vae, rate), betas=(0.9, 0.99), fused=fused)
        self._critics = torch.optim.Adam(self.critic.parameters(), lr=rate, betas=(0.5, 0.99), fused=fused)
        self._mixed = brief.schedule.mixed_precision and has_fast_bfloat16(self.device)
        self.record = Record(_NUMBERS, self.device)
        self.iteration = 0
        """Iterations done."""
        self.begun_at = 0
        """Iterations that were done when this run began."""

    @property
    def images(self) -> int:
        """Pictures seen so far."""
        return self.iteration * self.brief.recipe.batch

    @property
    def precision(self) -> torch.dtype:
        """What convolutions compute in."""
        return torch.bfloat16 if self._mixed else torch.float32

    def steps(self) -> Iterator[Progress]:
        """Train to the schedule's end; between two iterations the caller may save, show, or leave.

        Raises: ConfigError if a number is no longer finite, before anything of it can be saved; MediaError if a picture
        cannot be read.
        """
        began, self.begun_at = time.monotonic(), self.iteration
        schedule, numbers = self.brief.schedule, self.record.read()
        if self.iteration == 0 and self.brief.recipe.sketch:
            self._begin_with_sketches()
        while not schedule.is_last(self.iteration):
            self._step()
            self.iteration += 1
            if (
                self.iteration % _READ_EVERY == 0
                or schedule.is_saved(self.iteration)
                or schedule.is_shown(self.iteration)
            ):
                numbers = self._read()
            yield Progress(self.iteration, schedule.iterations, numbers, time.monotonic() - began)

    def _begin_with_sketches(self) -> None:
        # A number that no iteration has.
        chance = Chance(self.brief.schedule.seed, self.brief.schedule.iterations, torch.device("cpu"))
        small = [
            torch.nn.functional.adaptive_avg_pool2d(self.material.batch(64, chance.lots) * 2 - 1, SKETCH_PX)
            for _ in range(min(_SKETCHED, 4 * len(self.material.learnt)) // 64 + 1)
        ]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.brief.schedule.seed)
            sketch_by(self.vae, torch.cat(small).to(self.device))
        self.averaged.load_state_dict(self.vae.state_dict())

    def _step(self) -> None:
        brief, recipe = self.brief, self.brief.recipe
        chance = Chance(brief.schedule.seed, self.iteration, self.device)
        pictures = self.material.batch(recipe.batch, chance.lots)
        pictures = pictures.to(self.device, memory_format=torch.channels_last)
        asked = recipe.adversarial_at(self.images)
        with self._autocast():
            posterior = self.vae.encode(pictures)
            z = posterior.sample(chance.noise)
            decoded = self.vae.decode(z)
            parts = self._parts(pictures, decoded, posterior, chance)
            if asked:
                made = torch.cat([decoded, self._imagined(chance)])
                deceit = generator_loss(self.critic(made).flatten())
                self.record.add("deceit", deceit)
                parts.append(asked * deceit)
        self._descend(torch.stack([part.float() for part in parts]).sum())
        if asked:
            self._teach_critic(pictures, made.detach())
        follow(self.averaged, self.vae, decay=self.brief.schedule.average, iteration=self.iteration)

    def _parts(self, pictures: Tensor, decoded: Tensor, posterior: Any, chance: Chance) -> list[Tensor]:
        """The weighted losses."""
        recipe = self.brief.recipe
        loss, nats = recipe.loss, losses.divergences(posterior)
        error = losses.reconstruction(decoded, pictures)
        weight = recipe.kl_at(self.images)
        kl = losses.weighted_divergence(nats, weight=weight, free_bits=loss.free_bits, values=self.vae.config.values)
        self.record.add("reconstruction", error)
        self.record.add("kl", nats.sum())
        parts = [error, kl]
        if self._features is not None and loss.sees:
            cut = losses.crops(decoded, pictures, min(_CROP_PX, recipe.size_px), chance.lots)
            seen = losses.looks(self._features, *cut)
            self.record.add("features", seen.unlikeness)
            self.record.add("texture", seen.texture)
            parts.append(loss.perceptual * seen.unlikeness + loss.texture * seen.texture)
        return parts

    def _imagined(self, chance: Chance) -> Tensor:
        """What the decoder makes of the prior."""
        count = max(1, self.brief.recipe.batch // 2)
        z = torch.randn(count, self.vae.config.latent, generator=chance.noise, device=self.device)
        return self.vae.decode(z)

    def _descend(self, loss: Tensor) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = self.brief.schedule.rate(self.iteration) * group["part"]
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.record.add("slope", torch.nn.utils.clip_grad_norm_(self.vae.parameters(), _STEEPEST))
        self._optimiser.step()

    def _teach_critic(self, pictures: Tensor, made: Tensor) -> None:
        for group in self._critics.param_groups:
            group["lr"] = self.brief.schedule.rate(self.iteration)
        with self._autocast():
            loss = discriminator_loss(self.critic(pictures).flatten(), self.critic(made).flatten())
        self.record.add("critic", loss)
        if self.iteration % _R1_EVERY == 0:
            real = pictures.detach().requires_grad_()
            # Made rarely, and so more strongly.
            loss = loss + gradient_penalty(self.critic(real).mean((1, 2)), real) * (_R1_WEIGHT * _R1_EVERY)
        self._critics.zero_grad(set_to_none=True)
        loss.backward()
        # Of its loss alone nobody would see that the penalty, or a step, is no longer finite.
        slopes = [parameter.grad for parameter in self.critic.parameters() if parameter.grad is not None]
        self.record.add("critic_slope", torch.nn.utils.get_total_norm(slopes))
        self._critics.step()

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self._mixed)

    def _read(self) -> dict[str, float]:
        return self.record.finite(self.iteration, "go on from the state before it with a lower learning_rate")

    def state(self) -> dict[str, Any]:
        """What `resume` needs to go on from here, for torch.save.

        Raises: ConfigError if a number is no longer finite: whoever pauses asks at any iteration.
        """
        self._read()
        return {
            "iteration": self.iteration,
            "design": self._design(),
            "vae": self.vae.state_dict(),
            "averaged": self.averaged.state_dict(),
            "critic": self.critic.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "critics": self._critics.state_dict(),
            "record": self.record.state(),
        }

    def _design(self) -> dict[str, Any]:
        recipe = asdict(self.brief.recipe)
        return {name: recipe[name] for name in _DESIGN} | {"pictures": self.material.count}

    def _adopt(self, state: Mapping[str, Any]) -> None:
        for name in ("vae", "averaged", "critic"):
            getattr(self, name).load_state_dict(state[name])
        self._optimiser.load_state_dict(state["optimiser"])
        self._critics.load_state_dict(state["critics"])
        self.record.adopt(state["record"])
        self.iteration = int(state["iteration"])


def _groups(vae: Vae, rate: float) -> list[dict[str, Any]]:
    """The sketches' weights apart. Adam moves every number alike, and theirs are many, small and good already."""
    sketches = [*vae.encoder.sketch.parameters(), *vae.decoder.sketch.parameters()]
    own = {id(parameter) for parameter in sketches}
    others = [parameter for parameter in vae.parameters() if id(parameter) not in own]
    return [
        {"params": others, "lr": rate, "part": 1.0},
        {"params": sketches, "lr": rate * _SKETCHES_PART, "part": _SKETCHES_PART},
    ]


def _config(brief: VaeBrief, material: Material) -> VaeConfig:
    recipe = asdict(brief.recipe)
    return VaeConfig(**{name: recipe[name] for name in _DESIGN}, attributes=material.attributes)
