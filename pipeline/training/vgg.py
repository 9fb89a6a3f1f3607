"""The picture features that losses compare: VGG19's convolutions up to conv3_4.

What is measured with them is in losses.py.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.errors import ModelError

_CONVOLUTIONS = {
    "relu1_1": (0, 3, 64),
    "relu1_2": (2, 64, 64),
    "relu2_1": (5, 64, 128),
    "relu2_2": (7, 128, 128),
    "relu3_1": (10, 128, 256),
    "relu3_2": (12, 256, 256),
    "relu3_3": (14, 256, 256),
    "relu3_4": (16, 256, 256),
}
"""Layer → (its index in torchvision's `features`, input channels, output channels)."""

LAYERS = tuple(_CONVOLUTIONS)
"""The layers that can be asked for, shallow to deep."""

_MEAN_BGR = (103.939, 116.779, 123.68)
_DEVIATION_RGB = (0.229, 0.224, 0.225)
_MEAN_RGB = (0.485, 0.456, 0.406)


class Vgg19(nn.Module):
    """Features of pictures: `(N, 3, H, W)` float in [0, 1], sRGB, H, W ≥ 4, to one map for each layer asked for.

    Source: Simonyan and Zisserman, arXiv:1409.1556. Oxford's weights are CC BY 4.0. Frozen: gradients reach the
    pictures only.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, *, bgr: bool):
        """`bgr`: Oxford's own input, BGR in 0 to 255 less its mean; otherwise torchvision's."""
        super().__init__()
        self.bgr = bgr
        # VGG pads with black, which teaches a style to darken the borders of its pictures.
        self.convolutions = nn.ModuleDict(
            {
                name: nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")
                for name, (_, inputs, outputs) in _CONVOLUTIONS.items()
            }
        )
        scale = torch.full((3,), 255.0) if bgr else 1 / torch.tensor(_DEVIATION_RGB)
        mean = torch.tensor(_MEAN_BGR) if bgr else torch.tensor(_MEAN_RGB) * scale
        self.register_buffer("mean", mean.view(1, 3, 1, 1))
        self.register_buffer("scale", scale.view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, pictures: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        wanted = set(layers)
        features = (pictures.flip(1) if self.bgr else pictures) * self.scale - self.mean
        found: dict[str, Tensor] = {}
        for name, convolution in self.convolutions.items():
            if name.endswith("_1") and name != "relu1_1":
                features = F.max_pool2d(features, 2)
            features = F.relu(convolution(features))
            if name in wanted:
                found[name] = features
            if len(found) == len(wanted):
                break
        return found


def load_vgg(weights: Path | None = None) -> Vgg19:
    """VGG19 from a `.npz` of Oxford's convolutions, or, without one, from torchvision's download.

    The `.npz` has torchvision's key names (`features.0.weight` …), OIHW, for BGR input.

    Raises: ModelError if the file is missing or holds other tensors.
    """
    if weights is None:
        return _from_torchvision()
    if not weights.is_file():
        raise ModelError(
            f"{weights}: no such file; give VGG19's convolutions as .npz, or leave it out for torchvision's"
        )
    try:
        with weights.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            state = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ModelError(f"{weights}: is no whole .npz file; copy it again") from error
    return _fill(Vgg19(bgr=True), state, str(weights))


def _from_torchvision() -> Vgg19:
    from torchvision.models import VGG19_Weights, vgg19

    return _fill(Vgg19(bgr=False), vgg19(weights=VGG19_Weights.IMAGENET1K_V1).state_dict(), "torchvision's VGG19")


def _fill(vgg: Vgg19, state: dict[str, Tensor], origin: str) -> Vgg19:
    for name, (index, inputs, outputs) in _CONVOLUTIONS.items():
        weight, bias = state.get(f"features.{index}.weight"), state.get(f"features.{index}.bias")
        if weight is None or bias is None or weight.shape != (outputs, inputs, 3, 3) or bias.shape != (outputs,):
            raise ModelError(f"{origin}: features.{index} is missing or misshapen; VGG19 up to conv3_4 is needed")
        convolution = vgg.convolutions[name]
        assert isinstance(convolution, nn.Conv2d)
        convolution.weight.data.copy_(weight)
        convolution.bias.data.copy_(bias)  # type: ignore[union-attr]
    return vgg
