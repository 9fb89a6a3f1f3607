"""A small network of Atelier's own whose features stand in for VGG19's, so that nothing need be downloaded.

It speaks VGG19's language: the same layers, channels, sizes and scale. How it is trained is in training/distill.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline import weights as checkpoints
from pipeline.catalog import ASSETS
from pipeline.errors import ModelError
from pipeline.models.frames import computing_dtype
from pipeline.models.vgg import CONVOLUTIONS, LAYERS, Vgg19, check_layers, is_halved, load_vgg
from pipeline.scratch import scratch_folder

ARCHITECTURE = "atelier-features-1"
"""What a checkpoint of this network says in its safetensors metadata."""

SHIPPED = ASSETS / "features" / "atelier-features-1.safetensors"
"""The weights that come with Atelier."""

RANKS = (16, 32, 56, 88, 96, 72, 64)
"""Channels between the two halves of each convolution, from relu1_2 on: 99 % of what VGG19 tells apart there."""

_WHITE = 255.0
_MEAN_RGB = (123.68, 116.779, 103.939)


class FeatureNetwork(nn.Module):
    """VGG19's features, nearly: `(N, 3, H, W)` float in [0, 1], sRGB, to one map for each layer asked for.

    What a convolution of VGG19 answers to pictures lies close to a plane of few dimensions, so each one here is two:
    3x3 onto that plane, and 1x1 from there to VGG19's channels. A third of the weights and of the work remains.
    Frozen when loaded: gradients reach the pictures only.

    Source: the factoring is Zhang et al., arXiv:1505.06798. Weights: distilled from Oxford's VGG19, CC BY 4.0.
    """

    mean: Tensor

    def __init__(self, ranks: tuple[int, ...] = RANKS, *, origin: str = "Atelier's features without weights"):
        super().__init__()
        self.ranks = ranks
        self.layers = LAYERS[: len(ranks) + 1]
        """Those that can be asked for, shallow to deep."""
        self.origin = origin
        """What these features are, for people."""
        first, *others = self.layers
        self.convolutions = nn.ModuleDict({first: _conv3(*CONVOLUTIONS[first][1:], bias=True)})
        for name, rank in zip(others, ranks, strict=True):
            _, inputs, outputs = CONVOLUTIONS[name]
            self.convolutions[name] = nn.Sequential(_conv3(inputs, rank, bias=False), nn.Conv2d(rank, outputs, 1))
        self.register_buffer("mean", torch.tensor(_MEAN_RGB).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Raises: ModelError if a layer is asked for that it lacks."""
        return {name: features for name, (_, features) in self._through(pictures, layers).items()}

    def planes(self, pictures: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Where on its plane each layer's answer lies, before it is lifted to VGG19's channels and rectified.

        One `(N, rank, h, w)` for each layer from relu1_2 on: nearly all that the layer tells, in a third of its size.
        Raises: ModelError if a layer is asked for that it lacks.
        """
        return {name: plane for name, (plane, _) in self._through(pictures, layers).items()}

    def _through(self, pictures: Tensor, layers: Iterable[str]) -> dict[str, tuple[Tensor, Tensor]]:
        wanted = check_layers(self, layers)
        features = (pictures * _WHITE - self.mean).to(computing_dtype(self))
        found: dict[str, tuple[Tensor, Tensor]] = {}
        for name, convolution in self.convolutions.items():
            if len(found) == len(wanted):
                break
            if is_halved(name):
                features = F.max_pool2d(features, 2)
            plane, lifted = _halves(convolution, features)
            features = F.relu(lifted)
            if name in wanted:
                found[name] = plane, features
        return found

    def metadata(self) -> dict[str, str]:
        """What a checkpoint must say so that `open_features` can build this network again."""
        return {"architecture": ARCHITECTURE, "ranks": " ".join(map(str, self.ranks))}


Features = Vgg19 | FeatureNetwork
"""What losses compare pictures with: `forward(pictures, layers)`, and its `layers` and `origin`."""


def open_features(weights: Path | None = None) -> Features:
    """The features of a file, Atelier's own or VGG19's; without one, those that come with Atelier.

    Raises: ModelError if the file is missing, damaged, or holds other tensors.
    """
    path = weights or SHIPPED
    if path.suffix == ".safetensors":
        checkpoint = checkpoints.read(path)
        if checkpoint.metadata.get("architecture") == ARCHITECTURE:
            return _build(path, checkpoint)
    return load_vgg(path)


def features_of(said: str, data: bytes | None) -> Features:
    """The features of a file's content, under the name by which its user knows it; without content, torchvision's.

    Raises: ModelError if it holds other tensors.
    """
    if data is None:
        return load_vgg()
    with scratch_folder("features") as folder:
        path = Path(folder) / Path(said).name
        path.write_bytes(data)
        try:
            features = open_features(path)
        except ModelError as error:
            raise ModelError(str(error).replace(str(path), said)) from error
    features.origin = features.origin.replace(str(path), said)
    return features


def load(weights: Path, device: torch.device | str = "cpu") -> FeatureNetwork:
    """Atelier's feature network of a safetensors file, frozen, float32, channels-last.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    checkpoint = checkpoints.read(weights)
    said = checkpoint.metadata.get("architecture")
    if said != ARCHITECTURE:
        raise ModelError(
            f"{weights}: holds {said or 'an unnamed network'}, not {ARCHITECTURE}; give Atelier's features"
        )
    network = _build(weights, checkpoint)
    return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def _build(path: Path, checkpoint: checkpoints.Checkpoint) -> FeatureNetwork:
    ranks = _ranks(path, checkpoint.metadata.get("ranks", ""))
    deepest = LAYERS[len(ranks)].replace("relu", "conv")
    network = FeatureNetwork(ranks, origin=f"a small network of Atelier's own, distilled from VGG19 up to {deepest}")
    checkpoints.fill(network, checkpoint.tensors, path)
    return network.requires_grad_(False).eval()


def _ranks(path: Path, said: str) -> tuple[int, ...]:
    try:
        ranks = tuple(int(word) for word in said.split())
    except ValueError as error:
        raise ModelError(f"{path}: its metadata names no ranks as whole numbers; distil the features again") from error
    if len(ranks) >= len(LAYERS) or not all(1 <= rank <= 512 for rank in ranks):
        raise ModelError(f"{path}: its metadata asks for the ranks {said!r}; at most 15, each from 1 to 512")
    return ranks


def _halves(convolution: nn.Module, features: Tensor) -> tuple[Tensor, Tensor]:
    if not isinstance(convolution, nn.Sequential):
        whole = convolution(features)
        return whole, whole
    onto, lift = convolution
    plane = onto(features)
    return plane, lift(plane)


def _conv3(inputs: int, outputs: int, *, bias: bool) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate", bias=bias)
