"""Our light film network: one painting's look, a frame at a time.

The architecture and `load` live here. How it is trained is in training/style.py, what ships in catalog.py.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from pipeline import weights as checkpoints
from pipeline.errors import ModelError
from pipeline.layouts import style_sizes
from pipeline.models.convolution import EnlargingConv2d, ReflectConv2d
from pipeline.models.frames import centred, computing_dtype, each_frame
from pipeline.models.norm import InstanceNorm
from pipeline.models.padding import pad_to_multiple

ARCHITECTURE = "atelier-style-1"
"""What a checkpoint of this network says in its safetensors metadata."""

_SMALLEST_PX = 8
"""Below this the quarter-size features are too small to be padded by reflection."""

_GRAIN_PX = 256
"""The grain's period, at a quarter of the size; 1024 px in the frame."""


class _Residual(nn.Module):
    """Two convolutions beside the identity."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(
            ReflectConv2d(channels, channels, 3),
            InstanceNorm(channels),
            nn.ReLU(inplace=True),
            ReflectConv2d(channels, channels, 3),
            InstanceNorm(channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        return features + self.body(features)


class _Canvas(nn.Module):
    """Adds a fixed grain, each channel as much as it has learnt to.

    A convolution paints an even sky evenly: it needs something there to hang its strokes on. The grain is the same
    in every frame, as a canvas is.
    """

    grain: Tensor

    def __init__(self, channels: int):
        super().__init__()
        self.amount = nn.Parameter(torch.full((channels,), 0.1))
        grain = torch.randn(1, 1, _GRAIN_PX, _GRAIN_PX, generator=torch.Generator().manual_seed(0))
        self.register_buffer("grain", grain, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        height, width = features.shape[-2:]
        grain = self.grain.repeat(1, 1, -(-height // _GRAIN_PX), -(-width // _GRAIN_PX))[..., :height, :width]
        return features + (self.amount.view(1, -1, 1, 1) * grain).to(features.dtype)


class StyleNetwork(nn.Module):
    """Paints frames: `(N, 3, H, W)` float in [0, 1], sRGB, to the same shape and range. Any H, W ≥ 1.

    Most of the work is done at a quarter of the size, the rest at half: only the last convolution sees every pixel.

    Source: Johnson et al., "Perceptual Losses for Real-Time Style Transfer", arXiv:1603.08155, with the instance
    normalisation of arXiv:1607.08022 and the resize-convolutions of distill.pub/2016/deconv-checkerboard, bilinear.
    """

    def __init__(self, half: int = 32, quarter: int = 48, blocks: int = 5):
        """`half` and `quarter`: channels at half and at a quarter of the size."""
        super().__init__()
        self.sizes = {"half": half, "quarter": quarter, "blocks": blocks}
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(2),
            ReflectConv2d(12, half, 3),
            InstanceNorm(half),
            nn.ReLU(inplace=True),
            ReflectConv2d(half, quarter, 3, stride=2),
            InstanceNorm(quarter),
            nn.ReLU(inplace=True),
            _Canvas(quarter),
        )
        self.residuals = nn.Sequential(*(_Residual(quarter) for _ in range(blocks)))
        self.decoder = nn.Sequential(
            # Checkpoints know the layers by their numbers, and the first ones counted enlargement as one of its own.
            nn.Identity(),
            EnlargingConv2d(quarter, half, 3),
            InstanceNorm(half),
            nn.ReLU(inplace=True),
            ReflectConv2d(half, half // 2, 3),
            InstanceNorm(half // 2),
            nn.ReLU(inplace=True),
            nn.Identity(),
            EnlargingConv2d(half // 2, 3, 5, normed=False),
        )

    def forward(self, frames: Tensor) -> Tensor:
        return each_frame(self._paint, frames)

    def _paint(self, frames: Tensor) -> Tensor:
        height, width = frames.shape[-2:]
        padded = pad_to_multiple(frames, 4, least_px=_SMALLEST_PX)
        # Trained on frames in [-1, 1].
        features = self.encoder((2 * centred(padded)).to(computing_dtype(self)))
        features = self.decoder(self.residuals(features))
        return torch.sigmoid(features[..., :height, :width].float()).to(frames.dtype)

    def metadata(self) -> dict[str, str]:
        """What a checkpoint must say so that `load` can build this network again."""
        return {"architecture": ARCHITECTURE, **{key: str(size) for key, size in self.sizes.items()}}


def load(weights: Path, device: torch.device | str = "cpu") -> nn.Module:
    """The network of a safetensors file, in evaluation mode, float32, channels-last.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    checkpoint = checkpoints.read(weights)
    said = checkpoint.metadata.get("architecture")
    if said != ARCHITECTURE:
        raise ModelError(f"{weights}: holds {said or 'an unnamed network'}, not {ARCHITECTURE}; train or pick a style")
    network = StyleNetwork(**style_sizes(weights, checkpoint.metadata))
    checkpoints.fill(network, checkpoint.tensors, weights)
    return network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
