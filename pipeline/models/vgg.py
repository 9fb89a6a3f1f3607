"""VGG19's convolutions: the picture features that losses compare.

What is measured with them is in training/losses.py; the small stand-in for where VGG19 cannot be had, in features.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline import weights as checkpoints
from pipeline.arrays import read_npz
from pipeline.errors import ModelError

CONVOLUTIONS = {
    "relu1_1": (0, 3, 64),
    "relu1_2": (2, 64, 64),
    "relu2_1": (5, 64, 128),
    "relu2_2": (7, 128, 128),
    "relu3_1": (10, 128, 256),
    "relu3_2": (12, 256, 256),
    "relu3_3": (14, 256, 256),
    "relu3_4": (16, 256, 256),
    "relu4_1": (19, 256, 512),
    "relu4_2": (21, 512, 512),
    "relu4_3": (23, 512, 512),
    "relu4_4": (25, 512, 512),
    "relu5_1": (28, 512, 512),
    "relu5_2": (30, 512, 512),
    "relu5_3": (32, 512, 512),
    "relu5_4": (34, 512, 512),
}
"""Layer → (its index in torchvision's `features`, input channels, output channels), shallow to deep."""

LAYERS = tuple(CONVOLUTIONS)
"""The layers that whole VGG19 has, shallow to deep."""

_MEAN_BGR = (103.939, 116.779, 123.68)
_DEVIATION_RGB = (0.229, 0.224, 0.225)
_MEAN_RGB = (0.485, 0.456, 0.406)


_NPZ_BYTES = 2_000_000_000
"""All of VGG19 has 575 MB, its layers for classifying included."""


class Vgg19(nn.Module):
    """Features of pictures: `(N, 3, H, W)` float in [0, 1], sRGB, to one map for each layer asked for.

    The picture is halved before relu2_1, relu3_1, relu4_1 and relu5_1; its sides must survive the halvings needed.
    Frozen: gradients reach the pictures only.

    Source: Simonyan and Zisserman, arXiv:1409.1556. Oxford's weights are CC BY 4.0.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, *, bgr: bool, depth: int = len(LAYERS), origin: str = "VGG19 without weights"):
        """`bgr`: Oxford's own input, BGR in 0 to 255 less its mean; otherwise torchvision's. `depth`: convolutions."""
        super().__init__()
        self.bgr = bgr
        self.layers = LAYERS[:depth]
        """Those that can be asked for, shallow to deep."""
        self.origin = origin
        """What these features are, for people."""
        # VGG pads with black, which teaches a style to darken the borders of its pictures.
        self.convolutions = nn.ModuleDict(
            {name: nn.Conv2d(*CONVOLUTIONS[name][1:], 3, padding=1, padding_mode="replicate") for name in self.layers}
        )
        scale = torch.full((3,), 255.0) if bgr else 1 / torch.tensor(_DEVIATION_RGB)
        mean = torch.tensor(_MEAN_BGR) if bgr else torch.tensor(_MEAN_RGB) * scale
        self.register_buffer("mean", mean.view(1, 3, 1, 1))
        self.register_buffer("scale", scale.view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, pictures: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Raises: ModelError if a layer is asked for that the weights lack."""
        wanted = check_layers(self, layers)
        features = (pictures.flip(1) if self.bgr else pictures) * self.scale - self.mean
        found: dict[str, Tensor] = {}
        for name, convolution in self.convolutions.items():
            if is_halved(name):
                features = F.max_pool2d(features, 2)
            features = F.relu(convolution(features))
            if name in wanted:
                found[name] = features
            if len(found) == len(wanted):
                break
        return found


def is_halved(layer: str) -> bool:
    """Whether the picture is halved before this layer."""
    return layer.endswith("_1") and layer != "relu1_1"


def check_layers(network: nn.Module, layers: Iterable[str]) -> set[str]:
    """The layers as a set, all of which the network (a Vgg19, or what stands in for it) has.

    Raises: ModelError, naming one that it lacks.
    """
    wanted, known = set(layers), network.layers
    if missing := sorted(wanted.difference(known)):  # type: ignore[arg-type]
        raise ModelError(f"{network.origin}: has no layer {missing[0]}; its layers are {', '.join(known)}")  # type: ignore[arg-type]
    return wanted


def load_vgg(weights: Path | None = None) -> Vgg19:
    """VGG19 from a file, as deep as it goes, or, without one, all of it from torchvision's download.

    Tensors have torchvision's key names (`features.0.weight` …), OIHW. A `.npz` is Oxford's, for BGR input in 0 to
    255; `.pth`, `.pt` and `.safetensors` are torchvision's.

    Raises: ModelError if the file is missing or holds other tensors, or the download fails.
    """
    if weights is None:
        return _from_torchvision()
    if weights.suffix == ".npz":
        return _fill(_read_npz(weights), str(weights), bgr=True)
    return _fill(checkpoints.read(weights).tensors, str(weights), bgr=False)


def _read_npz(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ModelError(f"{path}: no such file; give VGG19's convolutions as .npz, .pth or .safetensors")
    return {name: torch.from_numpy(array) for name, array in read_npz(path, most=_NPZ_BYTES).items()}


def _from_torchvision() -> Vgg19:
    from torchvision.models import VGG19_Weights, vgg19

    try:
        state = vgg19(weights=VGG19_Weights.IMAGENET1K_V1).state_dict()
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"torchvision's VGG19 cannot be downloaded ({error}); give its weights as a file, or use Atelier's features"
        ) from error
    return _fill(state, "torchvision's weights", bgr=False)


def _fill(state: Mapping[str, Tensor], source: str, *, bgr: bool) -> Vgg19:
    held = tuple(takewhile(lambda name: f"features.{CONVOLUTIONS[name][0]}.weight" in state, LAYERS))
    if not held:
        raise ModelError(f"{source}: features.0 is missing; VGG19's convolutions by torchvision's names are needed")
    vgg = Vgg19(bgr=bgr, depth=len(held), origin=f"VGG19 up to {held[-1].replace('relu', 'conv')}, from {source}")
    for name, convolution in vgg.convolutions.items():
        index, inputs, outputs = CONVOLUTIONS[name]
        weight, bias = state[f"features.{index}.weight"], state.get(f"features.{index}.bias")
        if bias is None or weight.shape != (outputs, inputs, 3, 3) or bias.shape != (outputs,):
            raise ModelError(f"{source}: features.{index} is misshapen; it is not VGG19's {name}")
        if not (torch.isfinite(weight).all() and torch.isfinite(bias).all()):
            raise ModelError(f"{source}: features.{index} holds values that are not finite; copy it again")
        convolution.weight.data.copy_(weight)  # type: ignore[operator]
        convolution.bias.data.copy_(bias)  # type: ignore[operator]
    return vgg
