"""Training the network that paints like any painting: `python -m pipeline.training.networks any-painting --help`.

The network is models/any_painting.py, the loop loop.py, what it learns to paint like textures.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline import weights
from pipeline.errors import ModelError
from pipeline.models.any_painting import AnyPainting
from pipeline.models.features import FeatureNetwork, Features
from pipeline.training import losses
from pipeline.training.loop import Progress, Schedule, train
from pipeline.training.photos import Photos
from pipeline.training.textures import Textures


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What the losses weigh and see. All defaults are written here, once."""

    batch: int = 2
    """Pairs of a photograph and a texture an iteration."""
    crop_px: int = 176
    """Side of the square crops."""
    zoom: tuple[float, float] = (0.6, 2.0)
    """How much smaller and larger than in the file photographs are drawn."""
    content: float = 0.5
    style: float = 20.0
    shading: float = 4.0
    variation: float = 4.0
    temporal: float = 2.0
    likeness: float = 10.0
    """How much it matters that a picture painted in its own manner is that picture."""
    noise: float = 0.01
    """Deviation of the grain that is added to moved pictures."""
    content_layers: tuple[str, ...] = ("relu3_1",)
    style_layers: tuple[tuple[str, ...], ...] = (
        ("relu1_2", "relu2_2", "relu3_1"),
        ("relu1_2", "relu2_2", "relu3_1", "relu3_4"),
        ("relu1_2", "relu2_2", "relu3_1", "relu3_4"),
    )
    """Where textures are compared: for each size, each half of the one before, its layers."""
    scale_weights: tuple[float, ...] = (1.0, 2.0, 3.0)
    """What each size counts: without them, coarse strokes are learnt last."""
    centred: float = 0.5
    """What textures count without their mean colours, beside with them; these are learnt first."""


class AnyPaintingTask:
    """Trains a network to paint each photograph of a batch like a texture of its own."""

    def __init__(self, network: AnyPainting, features: Features, photos: Photos, textures: Textures, recipe: Recipe):
        """All on one device."""
        self.network: nn.Module = network
        self.any_painting, self.features = network, features
        self.photos, self.textures, self.recipe = photos, textures, recipe
        self.shading_loss = losses.ShadingLoss()
        self.variation_loss = losses.TotalVariationLoss()
        self.temporal_loss = losses.TemporalLoss()
        self.device = next(network.parameters()).device

    def losses(self, generator: torch.Generator) -> Mapping[str, Tensor]:
        recipe = self.recipe
        content = self.photos.batch(recipe.batch, size_px=recipe.crop_px, generator=generator, zoom=recipe.zoom)
        textures = self._lay(self.textures.batch(recipe.batch, size_px=recipe.crop_px, generator=generator))
        motion = losses.Motion(1, generator)
        grain = torch.randn(content[:1].shape, generator=generator) * recipe.noise
        moved = (motion(content[:1]) + grain).clamp(0, 1)
        valid = (motion(torch.ones_like(content[:1, :1])) > 0.999).float()

        content = self._lay(content)
        rebuilt, shown = self.any_painting.reconstruct(textures)
        painted = self.any_painting.paint(content, shown)
        painted_after = self.any_painting.paint(self._lay(moved), shown.rows(slice(0, 1)))
        content_loss, style_loss = self._compare(painted, content, textures)
        return {
            "content": recipe.content * content_loss,
            "style": recipe.style * style_loss,
            "shading": recipe.shading * self.shading_loss(painted, content),
            "variation": recipe.variation * self.variation_loss(painted),
            "temporal": recipe.temporal * self.temporal_loss(painted_after, motion(painted[:1]), self._lay(valid)),
            "likeness": recipe.likeness * F.mse_loss(rebuilt.float(), textures),
        }

    def _compare(self, painted: Tensor, content: Tensor, textures: Tensor) -> tuple[Tensor, Tensor]:
        layers, scales = self.recipe.style_layers, len(self.recipe.style_layers)
        asked = [{*layers[0], *self.recipe.content_layers}, *layers[1:]]
        found = [
            self.features(level, names) for level, names in zip(losses.pyramid(painted, scales), asked, strict=True)
        ]
        with torch.no_grad():
            kept = self.features(content, self.recipe.content_layers)
            wanted = [
                self.features(level, names)
                for level, names in zip(losses.pyramid(textures, scales), layers, strict=True)
            ]
        shapes = [shape_loss(found[0][layer], kept[layer]) for layer in self.recipe.content_layers]
        textures_differ = [
            weight * self._distance(found[scale][layer], target)
            for scale, weight in enumerate(self.recipe.scale_weights)
            for layer, target in wanted[scale].items()
        ]
        total = sum(weight * len(names) for weight, names in zip(self.recipe.scale_weights, layers, strict=True))
        return torch.stack(shapes).mean(), torch.stack(textures_differ).sum() / total

    def _distance(self, painted: Tensor, texture: Tensor) -> Tensor:
        with_means = pairwise_loss(losses.gram(painted), losses.gram(texture))
        without = pairwise_loss(losses.gram(_centred(painted)), losses.gram(_centred(texture)))
        return with_means + self.recipe.centred * without

    def _lay(self, pictures: Tensor) -> Tensor:
        return pictures.to(self.device, memory_format=torch.channels_last)


def _centred(features: Tensor) -> Tensor:
    return features - features.mean((2, 3), keepdim=True)


def pairwise_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """How far each Gram matrix `(N, C, C)` is from its own target, as a part of the target; the mean over pairs."""
    distance = (found - wanted).square().mean((1, 2))
    return (distance / (wanted.square().mean((1, 2)) + 1e-8)).mean()


def shape_loss(painted: Tensor, content: Tensor) -> Tensor:
    """How much of the content's features is lost, once each channel's mean and deviation are set aside.

    Those are the painting's to choose: comparing them would keep the photograph's colours.
    """
    return F.mse_loss(F.instance_norm(painted.float()), F.instance_norm(content.float()))


def fresh_network(encoder: FeatureNetwork, pictures: Tensor, seed: int = 0) -> AnyPainting:
    """An untrained network around the encoder, its features scaled to variances of 1 over the pictures.

    `pictures`: `(N, 3, H, W)` float32 in [0, 1], many and different.
    Raises: ModelError if the encoder is not shaped like the network's own.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = AnyPainting()
    state, own = encoder.state_dict(), network.encoder.state_dict()
    if any(name not in state or state[name].shape != own[name].shape for name in own):
        raise ModelError(f"an encoder of the ranks {encoder.ranks} does not fit; it must begin {network.encoder.ranks}")
    network.encoder.load_state_dict({name: state[name] for name in own})
    with torch.no_grad():
        planes = network.encoder.planes(pictures, ["relu2_1", "relu3_1"])
    network.fine_scale.copy_(1 / planes["relu2_1"].std((0, 2, 3)))
    network.deep_scale.copy_(1 / planes["relu3_1"].std((0, 2, 3)))
    return network


def train_any_painting(
    encoder: FeatureNetwork,
    features: Features,
    *,
    photos: Path,
    paintings: Path,
    out: Path,
    schedule: Schedule,
    crop_px: int = Recipe.crop_px,
    device: torch.device | str = "cpu",
    report: Callable[[Progress], None] = lambda progress: None,
    show: Callable[[nn.Module, int], None] = lambda averaged, iteration: None,
) -> Path:
    """Train on folders of photographs and paintings; gives `out`, written anew at every checkpoint.

    `features`: what losses compare with. A broken training resumes from the state beside it, `OUT.state.pt`.
    `show(averaged, iteration)` is called after each writing, for previews.

    Raises: MediaError, ModelError, ConfigError.
    """
    content, textures = Photos(photos), Textures([Photos(paintings), Photos(paintings), Photos(photos)])
    generator = torch.Generator().manual_seed(schedule.seed)
    corpus = torch.cat(
        [textures.batch(12, size_px=128, generator=generator), content.batch(12, size_px=128, generator=generator)]
    )
    network = fresh_network(encoder, corpus, schedule.seed)
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    features.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def keep(averaged: nn.Module, iteration: int) -> None:
        export(averaged, out, {"iterations": str(iteration), "features": features.origin})
        show(averaged, iteration)

    task = AnyPaintingTask(network, features, content, textures, Recipe(crop_px=crop_px))
    train(task, schedule, state=out.with_suffix(".state.pt"), report=report, save=keep)
    return out


def export(network: nn.Module, path: Path, about: Mapping[str, str]) -> None:
    """Write the network in half precision, whole or not at all; `about` joins its metadata."""
    if not isinstance(network, AnyPainting):
        raise ModelError(f"{path}: a {type(network).__name__} is no AnyPainting and cannot be written as one")
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().half().cpu().contiguous() for name, tensor in network.state_dict().items()}
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(weights.packed(tensors, {**network.metadata(), **about}))
    unfinished.replace(path)
