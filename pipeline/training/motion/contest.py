"""The training itself: the generator copies real motions and deceives three critics, which are taught in turn.

For its first iterations there is only copying; from then on what it makes of noise is judged. All that changes lives
here, and so all that must be kept to resume. What is shown of it is training.py's.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.models.motion.config import STEP_FRAMES, MotionConfig
from pipeline.models.motion.network import ROOT, SIXES, TOUCHING, MotionGenerator
from pipeline.motion.features import CONTACTS, TURNS, Normal, normal_of
from pipeline.training.averaging import follow
from pipeline.training.chance import Chance
from pipeline.training.gan.losses import discriminator_loss, generator_loss
from pipeline.training.loop import Progress
from pipeline.training.motion import losses, seeing
from pipeline.training.motion.brief import MotionBrief
from pipeline.training.motion.critics import Critics, slopes_of
from pipeline.training.motion.encoder import Encoder, Posterior
from pipeline.training.motion.material import Batch, Material, Piece
from pipeline.training.motion.prior import process_of
from pipeline.training.record import Record
from pipeline.training.resuming import Resumable

_NUMBERS = ("copy", "kl", "deceit", "critics", "slide", "jerk", "slope", "r1")
"""losses.copied; nats a number; the generator's loss before the critics, and theirs; losses.sliding and jerky; length
of slopes; R1 before it is weighted."""

_DESIGN = ("rate", "window", "noise", "width", "blocks", "critic_width")
"""What two trainings share if one can go on from the other's state."""

_STEEPEST = 1.0
"""Longer slopes are shortened to this."""
_AROUND = 2 * STEP_FRAMES
"""Frames that are made on either side of what is judged of noise, as generation has them."""
_FIT_EVERY = 200
"""Iterations between looks at how the noise of real motions is spread."""
_READ_EVERY = 8
_USUAL_SHARE = 0.99
"""Of real accelerations that are usual."""
_BEAT_VARIES = 0.08
_SETTLING = 16
"""Steps of noise before the first one that counts."""


class Contest(Resumable):
    """One training under way."""

    def __init__(self, brief: MotionBrief, material: Material, device: torch.device | str = "cpu"):
        self.brief, self.material, self.device = brief, material, torch.device(device)
        recipe, classes = brief.recipe, material.classes
        config = MotionConfig(
            classes=classes, rate=Fraction(recipe.rate), noise=recipe.noise, width=recipe.width, blocks=recipe.blocks
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(brief.schedule.seed)
            self.generator = MotionGenerator(config)
            self.encoder = Encoder(len(classes), recipe.critic_width, recipe.noise)
            self.critics = Critics(len(classes), recipe.critic_width)
        self._normal = _measure(self.generator, material)
        for network in (self.generator, self.encoder, self.critics):
            network.to(self.device)
        self._seen, self._usual_changes = _seen_normal(material, self.device)
        self.averaged = copy.deepcopy(self.generator).eval().requires_grad_(False)
        """The moving average of the generator's weights, which is what is kept in the end."""
        self._averaged_encoder = copy.deepcopy(self.encoder).eval().requires_grad_(False)
        rate = brief.schedule.learning_rate
        learners = [*self.generator.parameters(), *self.encoder.parameters()]
        self._optimiser = torch.optim.Adam(learners, lr=rate, betas=(0.5, 0.99))
        self._judges = torch.optim.Adam(self.critics.parameters(), lr=rate, betas=(0.0, 0.99))
        self.record = Record(_NUMBERS, self.device)
        self.iteration = 0
        """Iterations done."""
        self.begun_at = 0
        """Iterations that were done when this run began."""

    @property
    def windows(self) -> int:
        """Real windows seen so far."""
        return self.iteration * self.brief.recipe.batch

    @property
    def precision(self) -> torch.dtype:
        """What convolutions compute in."""
        return torch.float32

    def steps(self) -> Iterator[Progress]:
        """Train to the schedule's end; between two iterations the caller may save, show, or leave.

        Raises: ConfigError if a number is no longer finite, before anything of it can be saved.
        """
        began, self.begun_at = time.monotonic(), self.iteration
        schedule, numbers = self.brief.schedule, self.record.read()
        while not schedule.is_last(self.iteration):
            self._step()
            self.iteration += 1
            done = self.iteration
            if done % _READ_EVERY == 0 or schedule.is_saved(done) or schedule.is_shown(done):
                numbers = self._read()
            if done % _FIT_EVERY == 0 or schedule.is_shown(done) or schedule.is_last(done):
                self.fit()
            yield Progress(done, schedule.iterations, numbers, time.monotonic() - began)

    def _step(self) -> None:
        recipe, rate = self.brief.recipe, float(self.brief.recipe.rate)
        chance = Chance(self.brief.schedule.seed, self.iteration, self.device)
        batch = self.material.batch(recipe.batch, chance.lots)
        shown = seeing.real(batch.features.to(self.device))
        shares = self._shares(batch.actions, recipe.window)
        posterior = self.encoder(self._normalised(batch.features), shares)
        numbers = self.generator(posterior.sample(chance.noise), shares, batch.beats.to(self.device))
        made = seeing.told(numbers)
        copied = losses.copied(made, numbers, shown, rate=rate, places=recipe.places)
        nats = posterior.nats()
        self.record.add("copy", copied)
        self.record.add("kl", nats)
        total = copied + recipe.kl * nats
        asked = self.iteration >= recipe.adversarial_from
        if asked:
            imagined = self._imagined(batch, chance)
            slide, jerk = losses.sliding(imagined, rate), losses.jerky(imagined, rate, self._usual_changes)
            fakes, actions = self._look(imagined), batch.actions.to(self.device)
            # Slopes of the critics' own weights are not asked for, which saves a third of the way back.
            self.critics.requires_grad_(False)
            deceit = _each(generator_loss, self.critics(fakes, actions))
            self.critics.requires_grad_(True)
            for name, value in (("slide", slide), ("jerk", jerk), ("deceit", deceit)):
                self.record.add(name, value)
            total = total + recipe.adversarial * deceit + recipe.contact * slide + recipe.smooth * jerk
        self._descend(total)
        if asked:
            self._teach(self._look(shown), fakes.detach(), actions)
        self._average()

    def _imagined(self, batch: Batch, chance: Chance) -> seeing.Scene:
        """What the generator makes of noise, of the same classes."""
        frames = self.brief.recipe.window + 2 * _AROUND
        white = torch.randn(
            _SETTLING + frames // STEP_FRAMES,
            len(batch.actions),
            self.brief.recipe.noise,
            generator=chance.noise,
            device=self.device,
        )
        noise = self._process(white, batch.actions.to(self.device))
        numbers = self.generator(noise, self._shares(batch.actions, frames), self._beats(batch.actions, frames, chance))
        return seeing.told(numbers[:, _AROUND:-_AROUND])

    def _process(self, white: Tensor, actions: Tensor) -> Tensor:
        """White noise `(_SETTLING + steps, N, noise)` as it goes in real motions of classes `(N,)`:
        `(N, noise, steps)`."""
        follow, fresh = self.generator.follow[actions], self.generator.fresh[actions]
        now, made = torch.zeros_like(white[0]), []
        for new in white:
            now = torch.einsum("nij,nj->ni", follow, now) + torch.einsum("nij,nj->ni", fresh, new)
            made.append(now)
        return torch.stack(made[_SETTLING:], 2) + self.generator.usual[actions][:, :, None]

    def _beats(self, actions: Tensor, frames: int, chance: Chance) -> Tensor:
        """Beats of classes `(N,)`, each beginning anywhere: `(N, BEATS, frames)`."""
        lots = torch.rand(2, len(actions), generator=chance.lots)
        hz = self.generator.beat_hz.cpu()[actions]
        speed = hz * (1 + _BEAT_VARIES * (2 * lots[0] - 1))
        phase = 2 * torch.pi * (lots[1][:, None] + speed[:, None] * torch.arange(frames) / self.brief.recipe.rate)
        waves = torch.stack([phase.sin(), phase.cos(), (2 * phase).sin(), (2 * phase).cos()], 1)
        return (waves * (hz > 0)[:, None, None]).to(self.device)

    def _shares(self, actions: Tensor, frames: int) -> Tensor:
        each = F.one_hot(actions, len(self.material.classes)).float().to(self.device)
        return each[:, :, None].expand(-1, -1, frames)

    def _normalised(self, features: Tensor) -> Tensor:
        mean, spread = (torch.from_numpy(part) for part in (self._normal.mean, self._normal.spread))
        return ((features - mean) / spread).to(self.device)

    def _look(self, scene: seeing.Scene) -> Tensor:
        mean, spread = self._seen
        return (scene.seen(float(self.brief.recipe.rate)) - mean) / spread

    def _descend(self, loss: Tensor) -> None:
        self._set_rate(self._optimiser)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        learners = [parameter for group in self._optimiser.param_groups for parameter in group["params"]]
        self.record.add("slope", nn.utils.clip_grad_norm_(learners, _STEEPEST))
        self._optimiser.step()

    def _teach(self, shown: Tensor, fakes: Tensor, actions: Tensor) -> None:
        recipe = self.brief.recipe
        self._set_rate(self._judges)
        judged = self.critics(torch.cat([shown, fakes]), actions.repeat(2))
        count = len(shown)
        loss = torch.stack(
            [discriminator_loss(part[:count].flatten(), part[count:].flatten()) for part in judged]
        ).mean()
        self.record.add("critics", loss)
        if self.iteration % recipe.r1_every == 0:
            seen = shown.detach().requires_grad_()
            penalty = slopes_of(self.critics(seen, actions), seen)
            self.record.add("r1", penalty)
            # Made rarely, and so more strongly.
            loss = loss + penalty * (recipe.gamma / 2 * recipe.r1_every)
        self._judges.zero_grad(set_to_none=True)
        loss.backward()
        self._judges.step()

    def _set_rate(self, optimiser: torch.optim.Adam) -> None:
        for group in optimiser.param_groups:
            group["lr"] = self.brief.schedule.rate(self.iteration)

    @torch.no_grad()
    def fit(self) -> None:
        """Look how the noise of real motions is spread, and generate from such noise from now on."""
        for encoder, network in ((self.encoder, self.generator), (self._averaged_encoder, self.averaged)):
            for action in range(len(self.material.classes)):
                found = [self._noise_of(piece, encoder) for piece in self.material.pieces if piece.action == action]
                process = process_of([each.mean[0] for each in found], [each.log_variance[0].exp() for each in found])
                network.usual[action], network.follow[action], network.fresh[action] = process

    def _noise_of(self, piece: Piece, encoder: nn.Module) -> Posterior:
        frames = len(piece.features) // STEP_FRAMES * STEP_FRAMES
        shares = self._shares(torch.tensor([piece.action]), frames)
        found: Posterior = encoder(self._normalised(piece.features[None, :frames]), shares)
        # Small sums in float64, which are the same wherever the networks compute.
        return Posterior(found.mean.cpu(), found.log_variance.cpu())

    def _average(self) -> None:
        for kept, now in ((self.averaged, self.generator), (self._averaged_encoder, self.encoder)):
            follow(kept, now, decay=self.brief.schedule.average, iteration=self.iteration)

    def _read(self) -> dict[str, float]:
        return self.record.finite(
            self.iteration, "go on from the state before it with a lower learning_rate or a larger gamma"
        )

    def state(self) -> dict[str, Any]:
        """What `resume` needs to go on from here, for torch.save.

        Raises: ConfigError if a number is no longer finite: whoever pauses asks at any iteration.
        """
        self._read()
        return {
            "iteration": self.iteration,
            "design": self._design(),
            "generator": self.generator.state_dict(),
            "averaged": self.averaged.state_dict(),
            "encoder": self.encoder.state_dict(),
            "averaged_encoder": self._averaged_encoder.state_dict(),
            "critics": self.critics.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "judges": self._judges.state_dict(),
            "record": self.record.state(),
        }

    def _design(self) -> dict[str, Any]:
        recipe = asdict(self.brief.recipe)
        return {name: recipe[name] for name in _DESIGN} | {"classes": list(self.material.classes)}

    def _adopt(self, state: Mapping[str, Any]) -> None:
        for name in ("generator", "averaged", "encoder", "critics"):
            getattr(self, name).load_state_dict(state[name])
        self._averaged_encoder.load_state_dict(state["averaged_encoder"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._judges.load_state_dict(state["judges"])
        self.record.adopt(state["record"])
        self.iteration = int(state["iteration"])


def _each(loss: Any, judged: list[Tensor]) -> Tensor:
    return torch.stack([loss(logits.flatten()) for logits in judged]).mean()


def _measure(generator: MotionGenerator, material: Material) -> Normal:
    """How features are spread, which the generator is told, too."""
    normal = normal_of([piece.features.numpy() for piece in material.pieces])
    with torch.no_grad():
        for kept, values in ((generator.mean, normal.mean), (generator.spread, normal.spread)):
            kept[ROOT], kept[SIXES] = torch.from_numpy(values[ROOT]), torch.from_numpy(values[TURNS])
        share = np.clip(normal.mean[CONTACTS], 0.02, 0.98)
        generator.mean[TOUCHING] = torch.from_numpy(np.log(share / (1 - share)))
        generator.spread[TOUCHING] = 3.0
        generator.beat_hz.copy_(material.beat_hz)
    return normal


def _seen_normal(material: Material, device: torch.device) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """Mean and spread of what critics see of real motions; and accelerations that nearly all are below, `(22,)`."""
    rate = float(material.recipe.rate)
    own = [seeing.real(piece.features) for piece in material.pieces if piece.is_own]
    seen = torch.cat([scene.seen(rate) for scene in own])
    spread = seen.std(0)
    changes = torch.cat([scene.moves(rate).diff(dim=0).norm(dim=-1) * rate for scene in own])
    usual = changes.quantile(_USUAL_SHARE, dim=0)
    return (seen.mean(0).to(device), spread.clamp(min=0.1 * float(spread.mean())).to(device)), usual.to(device)
