"""Training the network that doubles pictures: what it is shown, what is wanted small, and what is written.

The network is models/upscale.py, the loop loop.py, the command line upscaler.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from pipeline import weights
from pipeline.errors import ModelError
from pipeline.models.features import Features
from pipeline.models.upscale import UpscaleNetwork
from pipeline.training.degrade import Damage, degrade
from pipeline.training.loop import Progress, Schedule, train
from pipeline.training.sharp import Sharp


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What the network is shown, and what the losses weigh. All defaults are written here, once."""

    batch: int = 4
    """Pictures an iteration."""
    crop_px: int = 64
    """Side of the small pictures. A multiple of 4."""
    again: float = 0.45
    """Part of the iterations whose small pictures the network itself has doubled before, as in every second pass."""
    twice: float = 0.35
    """Part of those that it has doubled twice."""
    pixels: float = 1.0
    edges: float = 1.0
    """What differences between neighbouring pixels count, beside the pixels themselves."""
    features: float = 0.0
    """What features count, where there are any."""
    layers: tuple[str, ...] = ("relu1_2", "relu2_1")
    damage: Damage = field(default_factory=Damage)


class UpscalingTask:
    """Trains a network to give back sharp pictures from soft ones of half their size."""

    def __init__(self, network: UpscaleNetwork, sharp: Sharp, recipe: Recipe, features: Features | None = None):
        """All on one device."""
        self.network: nn.Module = network
        self.upscaler, self.sharp, self.recipe = network, sharp, recipe
        self.features = features if recipe.features else None

    def losses(self, generator: torch.Generator) -> Mapping[str, Tensor]:
        recipe = self.recipe
        again, twice = torch.rand(2, generator=generator).tolist()
        before = 0 if again >= recipe.again else 2 if twice < recipe.twice else 1
        wanted = self.sharp.batch(recipe.batch, size_px=2 * recipe.crop_px, generator=generator)
        small = self._lay(degrade(wanted, 2 << before, generator, recipe.damage))
        with torch.no_grad():
            for _ in range(before):
                small = self._lay(self.upscaler(small))
        wanted = self._lay(wanted)
        found = self.upscaler.enlarge(small)
        losses = {
            "pixels": recipe.pixels * charbonnier(found, wanted),
            "edges": recipe.edges * edge_loss(found, wanted),
        }
        if self.features is not None:
            losses["features"] = recipe.features * self._feature_loss(self.features, found, wanted)
        return losses

    def _feature_loss(self, features: Features, found: Tensor, wanted: Tensor) -> Tensor:
        layers = self.recipe.layers
        with torch.no_grad():
            theirs = features(wanted, layers)
        ours = features(found, layers)
        apart = [(ours[name] - theirs[name]).float().abs().mean() / theirs[name].float().std() for name in layers]
        return torch.stack(apart).mean()

    def _lay(self, pictures: Tensor) -> Tensor:
        return pictures.to(next(self.network.parameters()).device, memory_format=torch.channels_last)


def charbonnier(found: Tensor, wanted: Tensor) -> Tensor:
    """The mean distance, rounded off where it is below a thousandth. Source: Lai et al., arXiv:1710.01992."""
    return ((found - wanted).float().square() + 1e-6).sqrt().mean()


def edge_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """How far the steps between neighbouring pixels are from the right ones, mean of both ways."""
    apart = (found - wanted).float()
    return (apart.diff(dim=-1).abs().mean() + apart.diff(dim=-2).abs().mean()) / 2


def fresh_network(seed: int = 0, **sizes: int) -> UpscaleNetwork:
    """An untrained network, which enlarges as a bicubic filter does."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return UpscaleNetwork(**sizes)


def train_upscaler(
    network: UpscaleNetwork,
    sharp: Sharp,
    out: Path,
    *,
    schedule: Schedule,
    recipe: Recipe,
    features: Features | None = None,
    device: torch.device | str = "cpu",
    report: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Train the network on sharp pictures; gives `out`, written anew at every checkpoint.

    A broken training resumes from the state beside it, `OUT.state.pt`.

    Raises: MediaError, ModelError, ConfigError.
    """
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if features is not None:
        features.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def keep(averaged: nn.Module, iteration: int) -> None:
        export(averaged, out, {"iterations": str(iteration)})

    task = UpscalingTask(network, sharp, recipe, features)
    train(task, schedule, state=out.with_suffix(".state.pt"), report=report, save=keep)
    return out


def export(network: nn.Module, path: Path, about: Mapping[str, str]) -> None:
    """Write the network in half precision, whole or not at all; `about` joins its metadata."""
    if not isinstance(network, UpscaleNetwork):
        raise ModelError(f"{path}: a {type(network).__name__} is no UpscaleNetwork and cannot be written as one")
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().half().cpu().contiguous() for name, tensor in network.state_dict().items()}
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(weights.packed(tensors, {**network.metadata(), **about}))
    unfinished.replace(path)
