"""Training one painting's style into the light film network: `python -m pipeline.training.style --help`.

The network is models/style.py, the losses losses.py, the loop loop.py; here they are put together, and the result is
written as `NAME.safetensors` with a model card, `NAME.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import torch
from PIL import Image, ImageFilter
from safetensors.torch import save
from torch import Tensor, nn

from pipeline.errors import ModelError
from pipeline.models import style as family
from pipeline.training import losses
from pipeline.training.card import Credit, model_card
from pipeline.training.loop import Progress, Schedule, train
from pipeline.training.photos import Photos, open_picture, to_tensor
from pipeline.training.recipe import Recipe
from pipeline.training.vgg import Vgg19, load_vgg


class StyleTask:
    """Trains a network to paint photographs like one painting."""

    def __init__(self, network: nn.Module, vgg: Vgg19, painting: Tensor, photos: Photos, recipe: Recipe):
        """`painting`: `(1, 3, H, W)` float in [0, 1], sRGB, at `recipe.painting_px`. All on one device."""
        self.network, self.vgg, self.photos, self.recipe = network, vgg, photos, recipe
        self.content_loss = losses.ContentLoss()
        self.style_loss = losses.StyleLoss(vgg, painting, recipe.style_layers)
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
        found = [self.vgg(level, layers) for level, layers in zip(levels, self.layers, strict=True)]
        with torch.no_grad():
            wanted = self.vgg(both[: recipe.batch], recipe.content_layers)
        return {
            "content": recipe.content * self.content_loss(found[0], wanted),
            "style": recipe.style * self.style_loss(found),
            "shading": recipe.shading * self.shading_loss(painted, both[: recipe.batch]),
            "variation": recipe.variation * self.variation_loss(painted),
            "temporal": recipe.temporal * self.temporal_loss(painted_after, motion(painted), valid.to(self.device)),
        }


def read_painting(path: Path, longest_px: int, *, smooth_px: float = 0) -> Tensor:
    """The painting, `(1, 3, H, W)` float32 in [0, 1], sRGB, scaled to its longest side and then blurred.

    Raises: MediaError if it cannot be read.
    """
    painting = open_picture(path)
    scale = longest_px / max(painting.size)
    size = (max(1, round(painting.width * scale)), max(1, round(painting.height * scale)))
    scaled = painting.resize(size, Image.Resampling.LANCZOS)
    return to_tensor(scaled.filter(ImageFilter.GaussianBlur(smooth_px))).unsqueeze(0)


def train_style(
    name: str,
    *,
    painting: Path,
    photos: Path,
    out: Path,
    vgg: Path | None = None,
    warm_start: Path | None = None,
    recipe: Recipe = Recipe(),  # noqa: B008 - frozen
    schedule: Schedule = Schedule(iterations=4000),  # noqa: B008 - frozen
    credit: Credit = Credit(),  # noqa: B008 - frozen
    device: torch.device | str = "cpu",
    report: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Train a style; gives the weights file, `out/NAME.safetensors`. Its model card lies beside it as `NAME.md`.

    Both are replaced at every checkpoint, so a training may be stopped whenever it looks right. The state that a
    broken training resumes from, and a preview of each checkpoint, are kept in `out/NAME.training/`.
    `warm_start`: weights of another style to begin from, which saves more than half of the iterations.

    Raises: MediaError, ModelError, ConfigError.
    """
    weights, working = out / f"{name}.safetensors", out / f"{name}.training"
    network = family.load(warm_start) if warm_start else _fresh_network(schedule.seed)
    task = StyleTask(
        network.to(device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        load_vgg(vgg).to(device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        read_painting(painting, recipe.painting_px, smooth_px=recipe.smooth_px).to(
            device, memory_format=torch.channels_last
        ),
        Photos(photos),
        recipe,
    )
    shown = task.photos.batch(3, size_px=256, generator=torch.Generator().manual_seed(schedule.seed)).to(device)

    def keep(averaged: nn.Module, iteration: int) -> None:
        export(averaged, weights, {"name": name, "painting": painting.name, "iterations": str(iteration)})
        done = replace(schedule, iterations=iteration)
        card = model_card(name, painting, task.photos, recipe, done, credit, warm_start)
        weights.with_suffix(".md").write_text(card, encoding="utf-8")
        with torch.no_grad():
            write_preview(shown, averaged(shown), working / f"{iteration:06d}.png")

    train(task, schedule, state=working / "state.pt", report=report, save=keep)
    return weights


def _fresh_network(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return family.StyleNetwork()


def export(network: nn.Module, path: Path, about: Mapping[str, str]) -> None:
    """Write a style network in half precision, whole or not at all; `about` joins its metadata."""
    if not isinstance(network, family.StyleNetwork):
        raise ModelError(f"{path}: a {type(network).__name__} is no StyleNetwork and cannot be written as one")
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().half().cpu().contiguous() for name, tensor in network.state_dict().items()}
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(save(tensors, metadata={**network.metadata(), **about}))
    unfinished.replace(path)


def write_preview(content: Tensor, painted: Tensor, path: Path) -> None:
    """A picture of the photographs above their paintings. Both `(N, 3, H, W)` in [0, 1]."""
    rows = torch.cat([torch.cat(list(content), 2), torch.cat(list(painted), 2)], 1)
    pixels = (rows.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


if __name__ == "__main__":
    from pipeline.training.style_cli import main

    sys.exit(main())
