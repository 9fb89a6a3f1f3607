"""Training one painting's style into the light film network: `python -m pipeline.training.style --help`.

The network is models/style.py, the losses losses.py, the loop loop.py; here they are put together, and the result is
written as `NAME.safetensors` with a model card, `NAME.md`. As a job it is painter.py's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor, nn

from pipeline import weights
from pipeline.errors import ModelError
from pipeline.models import style as family
from pipeline.models.features import Features
from pipeline.training import losses
from pipeline.training.brief import StyleBrief
from pipeline.training.card import model_card
from pipeline.training.loop import Progress, Training, keep_state, resume_from
from pipeline.training.photos import Photos, to_tensor
from pipeline.training.preview import Preview
from pipeline.training.recipe import Recipe


class StyleTask:
    """Trains a network to paint photographs like one painting."""

    def __init__(self, network: nn.Module, features: Features, painting: Tensor, photos: Photos, recipe: Recipe):
        """`painting`: `(1, 3, H, W)` float in [0, 1], sRGB, at `recipe.painting_px`. All on one device."""
        self.network, self.features, self.photos, self.recipe = network, features, photos, recipe
        self.content_loss = losses.ContentLoss()
        self.style_loss = losses.StyleLoss(features, painting, recipe.style_layers)
        self.shading_loss = losses.ShadingLoss()
        self.variation_loss = losses.TotalVariationLoss()
        self.temporal_loss = losses.TemporalLoss()
        self.layers = [{*recipe.style_layers[0], *recipe.content_layers}, *map(set, recipe.style_layers[1:])]
        self.device = painting.device

    def losses(self, generator: torch.Generator) -> Mapping[str, Tensor]:
        recipe = self.recipe
        zoom = recipe.zoom_least, recipe.zoom_most
        content = self.photos.batch(recipe.batch, size_px=recipe.crop_px, generator=generator, zoom=zoom)
        motion = losses.Motion(recipe.batch, generator)
        grain = torch.randn(content.shape, generator=generator) * recipe.noise
        moved = (motion(content) + grain).clamp(0, 1)
        valid = (motion(torch.ones_like(content[:, :1])) > 0.999).float()

        both = torch.cat([content, moved]).to(self.device, memory_format=torch.channels_last)
        painted, painted_after = self.network(both).chunk(2)
        levels = losses.pyramid(painted, len(recipe.style_layers))
        found = [self.features(level, layers) for level, layers in zip(levels, self.layers, strict=True)]
        with torch.no_grad():
            wanted = self.features(both[: recipe.batch], recipe.content_layers)
        return {
            "content": recipe.content * self.content_loss(found[0], wanted),
            "style": recipe.style * self.style_loss(found),
            "shading": recipe.shading * self.shading_loss(painted, both[: recipe.batch]),
            "variation": recipe.variation * self.variation_loss(painted),
            "temporal": recipe.temporal * self.temporal_loss(painted_after, motion(painted), valid.to(self.device)),
        }


def scaled_painting(painting: Image.Image, longest_px: int, *, smooth_px: float = 0) -> Tensor:
    """The painting, `(1, 3, H, W)` float32 in [0, 1], sRGB, scaled to its longest side and then blurred."""
    scale = longest_px / max(painting.size)
    size = (max(1, round(painting.width * scale)), max(1, round(painting.height * scale)))
    scaled = painting.resize(size, Image.Resampling.LANCZOS)
    return to_tensor(scaled.filter(ImageFilter.GaussianBlur(smooth_px))).unsqueeze(0)


class StyleTraining:
    """One style's training, put together: the steps, and what can be shown and kept of it at any time."""

    def __init__(
        self,
        brief: StyleBrief,
        *,
        painting: Image.Image,
        photos: Photos,
        features: Features,
        network: family.StyleNetwork | None = None,
        device: torch.device | str = "cpu",
    ):
        """`network`: what to begin from; none is random weights. It is trained in place."""
        self.brief, self.photos, self.features = brief, photos, features
        recipe = brief.recipe
        target = scaled_painting(painting, recipe.painting_px, smooth_px=recipe.smooth_px)
        task = StyleTask(
            _laid(network or fresh_network(brief.schedule.seed), device),
            _laid(features, device),
            target.to(device, memory_format=torch.channels_last),
            photos,
            recipe,
        )
        self.steps = Training(task, brief.schedule)
        self.schedule = brief.schedule
        self._preview = Preview(painting, photos.paths)

    def weights(self) -> bytes:
        """What is learnt so far, as a safetensors file in half precision."""
        return encode(self.steps.averaged, self._about())

    def card(self) -> str:
        """Its model card."""
        return model_card(
            self.brief, photos=len(self.photos.paths), features=self.features.origin, iterations=self.steps.iteration
        )

    def preview(self) -> np.ndarray:
        """What it paints like now: (H, W, 3) uint8 sRGB, the same size every time."""
        note = f"{self.steps.iteration:,} of {self.brief.schedule.iterations:,} iterations"
        return self._preview.draw(self.steps.averaged, title=self.brief.name, note=note)

    def _about(self) -> dict[str, str]:
        brief = self.brief
        about = {"name": brief.name, "painting": brief.painting, "iterations": str(self.steps.iteration)}
        return about | {"credit": brief.credit.painting, "licence": brief.credit.licence}


def train_style(
    training: StyleTraining, out: Path, *, report: Callable[[Progress], None] = lambda progress: None
) -> Path:
    """Train a style; gives the weights file, `out/NAME.safetensors`. Its model card lies beside it as `NAME.md`.

    Both are replaced at every checkpoint, so a training may be stopped whenever it looks right. The state that a
    broken training resumes from, and the previews, are kept in `out/NAME.training/`.

    Raises: MediaError, ModelError, ConfigError.
    """
    weights, working = out / f"{training.brief.name}.safetensors", out / f"{training.brief.name}.training"
    steps, schedule = training.steps, training.brief.schedule
    working.mkdir(parents=True, exist_ok=True)
    resume_from(working / "state.pt", steps)
    for progress in steps.steps():
        if schedule.is_shown(progress.iteration):
            Image.fromarray(training.preview()).save(working / f"{progress.iteration:06d}.png")
        if schedule.is_saved(progress.iteration):
            replace(weights, training.weights())
            replace(weights.with_suffix(".md"), training.card().encode())
            keep_state(working / "state.pt", steps)
        report(progress)
    return weights


def fresh_network(seed: int) -> family.StyleNetwork:
    """The network with random weights, the same for each seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return family.StyleNetwork()


def network_like(trained: nn.Module) -> family.StyleNetwork:
    """A network of the same weights that can be trained without the other knowing.

    Raises: ModelError if it is no network of ours.
    """
    if not isinstance(trained, family.StyleNetwork):
        raise ModelError(
            f"a {type(trained).__name__} is no style of Atelier's own to begin from; give another, or none"
        )
    network = family.StyleNetwork(**trained.sizes)
    network.load_state_dict(trained.state_dict())
    return network


def encode(network: nn.Module, about: Mapping[str, str]) -> bytes:
    """A style network as a safetensors file in half precision; `about` joins its metadata. Always the same bytes.

    Raises: ModelError if it is another network.
    """
    if not isinstance(network, family.StyleNetwork):
        raise ModelError(f"a {type(network).__name__} is no StyleNetwork and cannot be written as one")
    tensors = {name: tensor.detach().half().cpu().contiguous() for name, tensor in network.state_dict().items()}
    return weights.packed(tensors, {**network.metadata(), **about})


def export(network: nn.Module, path: Path, about: Mapping[str, str]) -> None:
    """Write a style network's file, whole or not at all. Raises: as `encode`."""
    replace(path, encode(network, about))


def replace(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)


def _laid(network: nn.Module, device: torch.device | str) -> Any:
    return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


if __name__ == "__main__":
    from pipeline.training.style_cli import main

    sys.exit(main())
