"""Distilling VGG19 into the small feature network: `python -m pipeline.training.networks features --help`.

The network is models/features.py, the loop loop.py. It begins as the best plane through VGG19's own responses, which
is most of the way; training then makes up for what the planes lose one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline import weights
from pipeline.errors import ModelError
from pipeline.models.features import RANKS, FeatureNetwork
from pipeline.models.vgg import Vgg19, is_halved
from pipeline.training.loop import Progress, Schedule, train
from pipeline.training.losses import gram
from pipeline.training.photos import Photos

_NOISY = 0.25
"""Part of the crops that carry noise: optimisation passes through pictures that no camera took."""


class Crops:
    """Random crops of several folders in turn, some of them noisy."""

    def __init__(self, folders: Sequence[Path], size_px: int, zoom: tuple[float, float] = (0.4, 2.5)):
        self.folders = [Photos(folder) for folder in folders]
        self.size_px, self.zoom = size_px, zoom

    def batch(self, count: int, generator: torch.Generator) -> Tensor:
        """`(count, 3, size, size)` float32 in [0, 1], sRGB, on the CPU."""
        turns = [self.folders[number % len(self.folders)] for number in range(count)]
        crops = torch.cat(
            [photos.batch(1, size_px=self.size_px, generator=generator, zoom=self.zoom) for photos in turns]
        )
        amount = torch.rand(count, 1, 1, 1, generator=generator)
        amount = torch.where(amount < _NOISY, amount, 0)
        return (crops + amount * torch.randn(crops.shape, generator=generator)).clamp(0, 1)


class DistilTask:
    """Trains a feature network to answer as VGG19 does, in its features and in their Gram matrices."""

    def __init__(self, network: FeatureNetwork, vgg: Vgg19, crops: Crops, *, batch: int = 4, gram_weight: float = 0.5):
        self.network: nn.Module = network
        self.vgg, self.crops, self.batch, self.gram_weight = vgg, crops, batch, gram_weight
        self.layers = network.layers

    def losses(self, generator: torch.Generator) -> Mapping[str, Tensor]:
        pictures = self.crops.batch(self.batch, generator).to(next(self.network.parameters()).device)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            wanted = self.vgg(pictures, self.layers)
        found = self.network(pictures, self.layers)
        features = [_relative(found[layer], wanted[layer]) for layer in self.layers]
        grams = [_relative(gram(found[layer]), gram(wanted[layer])) for layer in self.layers]
        return {"features": torch.stack(features).mean(), "gram": self.gram_weight * torch.stack(grams).mean()}


def _relative(found: Tensor, wanted: Tensor) -> Tensor:
    return F.mse_loss(found.float(), wanted.float()) / (wanted.float().square().mean() + 1e-8)


@torch.no_grad()
def factorise(vgg: Vgg19, pictures: Tensor, ranks: Sequence[int] = RANKS) -> FeatureNetwork:
    """VGG19 with each convolution confined to the best plane through its responses to the pictures.

    Raises: ModelError if VGG19's weights are not Oxford's, or do not go deep enough.
    """
    network = FeatureNetwork(tuple(ranks))
    if not vgg.bgr or len(vgg.layers) < len(network.layers):
        raise ModelError(f"{vgg.origin}: give Oxford's convolutions up to {network.layers[-1]} as .npz")
    features = pictures.flip(1) * vgg.scale - vgg.mean
    for name, halves in network.convolutions.items():
        whole = vgg.convolutions[name]
        assert isinstance(whole, nn.Conv2d)
        assert whole.bias is not None
        if is_halved(name):
            features = F.max_pool2d(features, 2)
        response = whole(features)
        if isinstance(halves, nn.Sequential):
            _confine(halves, whole.weight, whole.bias, response)
        else:
            halves.weight.copy_(whole.weight.flip(1))  # type: ignore[operator]
            halves.bias.copy_(whole.bias)  # type: ignore[operator]
        features = F.relu(response)
    return network


def _confine(halves: nn.Sequential, weight: Tensor, bias: Tensor, response: Tensor) -> None:
    """Fill the two halves: onto the plane, and back."""
    samples = response.transpose(0, 1).flatten(1).double()
    mean = samples.mean(1, keepdim=True)
    onto, lift = halves
    assert isinstance(onto, nn.Conv2d)
    assert isinstance(lift, nn.Conv2d)
    assert lift.bias is not None
    plane = torch.linalg.eigh((samples - mean) @ (samples - mean).T).eigenvectors[:, -onto.out_channels :].float()
    across = mean[:, 0].float() - bias
    onto.weight.copy_(torch.einsum("ok,oixy->kixy", plane, weight))
    lift.weight.copy_(plane[..., None, None])
    lift.bias.copy_(bias + across - plane @ (plane.T @ across))


def distil(
    vgg: Vgg19,
    folders: Sequence[Path],
    out: Path,
    *,
    schedule: Schedule,
    batch: int = 4,
    crop_px: int = 112,
    device: torch.device | str = "cpu",
    report: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Train the feature network on pictures of the folders; gives `out`, written anew at every checkpoint.

    A broken training resumes from the state beside it, `OUT.state.pt`.

    Raises: MediaError, ModelError, ConfigError.
    """
    crops = Crops(folders, crop_px)
    first = crops.batch(24, torch.Generator().manual_seed(schedule.seed))
    network = factorise(vgg, first).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    vgg.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    task = DistilTask(network, vgg, crops, batch=batch)

    def keep(averaged: nn.Module, iteration: int) -> None:
        export(averaged, out, {"iterations": str(iteration)})

    train(task, schedule, state=out.with_suffix(".state.pt"), report=report, save=keep)
    return out


def export(network: nn.Module, path: Path, about: Mapping[str, str]) -> None:
    """Write a feature network in half precision, whole or not at all; `about` joins its metadata."""
    if not isinstance(network, FeatureNetwork):
        raise ModelError(f"{path}: a {type(network).__name__} is no FeatureNetwork and cannot be written as one")
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().half().cpu().contiguous() for name, tensor in network.state_dict().items()}
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(weights.packed(tensors, {**network.metadata(), **about}))
    unfinished.replace(path)
