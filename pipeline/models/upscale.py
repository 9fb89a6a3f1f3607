"""Our network that makes a picture twice as large and keeps its edges sharp: the architecture and `load`.

Whole pictures of any size go through it by upscale.py of the package above. How it is trained is in
training/upscaling.py.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline import weights as checkpoints
from pipeline.catalog import ASSETS
from pipeline.errors import ModelError
from pipeline.models.frames import computing_dtype, each_frame

ARCHITECTURE = "atelier-upscale-1"
"""What a checkpoint of this network says in its safetensors metadata."""

SHIPPED = ASSETS / "upscalers" / "upscaler.safetensors"
"""The weights that come with Atelier."""

_GREY = 0.5
"""What the network sees as nothing: half precision is finest about zero."""

_BOUNDS = {"channels": 256, "blocks": 64}
"""The largest network that a file may ask for."""


class _Block(nn.Module):
    """Two convolutions whose answer is added to what they were given."""

    def __init__(self, channels: int):
        super().__init__()
        self.first, self.second = _conv(channels, channels), _conv(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        return features + self.second(F.relu(self.first(features)))


class UpscaleNetwork(nn.Module):
    """Pictures at twice their size: `(N, 3, H, W)` float32 in [0, 1], sRGB, to `(N, 3, 2 H, 2 W)`. Any H, W ≥ 1.

    It says only what a bicubic enlargement lacks, and so begins as one. All is computed at the small size; the last
    convolution gives the four pixels that each small one becomes, as channels.

    Source: the blocks are those of Lim et al., arXiv:1707.02921; the last step, Shi et al., arXiv:1609.05158.
    """

    def __init__(self, channels: int = 32, blocks: int = 8):
        super().__init__()
        self.sizes = {"channels": channels, "blocks": blocks}
        self.head = _conv(3, channels)
        self.blocks = nn.ModuleList(_Block(channels) for _ in range(blocks))
        self.body = _conv(channels, channels)
        self.tail = _conv(channels, 12)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]
        self.reach_px = 2 * blocks + 3
        """How far from a small pixel others may lie and still change what it becomes."""

    def forward(self, pictures: Tensor) -> Tensor:
        return each_frame(lambda frames: self.enlarge(frames).clamp(0, 1), pictures)

    def enlarge(self, pictures: Tensor) -> Tensor:
        """The same without the bounds of [0, 1], where training would learn nothing."""
        features = self.head((pictures - _GREY).to(computing_dtype(self)))
        deeper = features
        for block in self.blocks:
            deeper = block(deeper)
        details = self.tail(features + self.body(deeper))
        smooth = F.interpolate(pictures, scale_factor=2, mode="bicubic", align_corners=False)
        return smooth + F.pixel_shuffle(details, 2).to(pictures.dtype)

    def metadata(self) -> dict[str, str]:
        """What a checkpoint must say so that `load` can build this network again."""
        return {"architecture": ARCHITECTURE, **{key: str(size) for key, size in self.sizes.items()}}


def load(weights: Path = SHIPPED, device: torch.device | str = "cpu") -> UpscaleNetwork:
    """The network of a safetensors file, in evaluation mode, float32, channels-last.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    checkpoint = checkpoints.read(weights)
    said = checkpoint.metadata.get("architecture")
    if said != ARCHITECTURE:
        raise ModelError(f"{weights}: holds {said or 'an unnamed network'}, not {ARCHITECTURE}; give an upscaler")
    network = UpscaleNetwork(**_sizes(weights, checkpoint.metadata))
    checkpoints.fill(network, checkpoint.tensors, weights)
    return network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]


def _sizes(weights: Path, metadata: dict[str, str]) -> dict[str, int]:
    try:
        sizes = {key: int(metadata[key]) for key in _BOUNDS}
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"{weights}: its metadata lacks whole numbers for channels and blocks; train it again"
        ) from error
    if not all(1 <= size <= _BOUNDS[key] for key, size in sizes.items()):
        most = " and ".join(f"{bound} {key}" for key, bound in _BOUNDS.items())
        raise ModelError(f"{weights}: its metadata asks for a network of {sizes}; each from 1 to {most}")
    return sizes


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")
