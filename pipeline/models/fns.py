"""The style network of pytorch/examples' fast_neural_style, for the many checkpoints that exist of it."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline import weights as checkpoints
from pipeline.models.convolution import ReflectConv2d
from pipeline.models.frames import centred, computing_dtype, each_frame
from pipeline.models.norm import InstanceNorm
from pipeline.models.padding import pad_to_multiple

_SMALLEST_PX = 8
"""Below this the quarter-size features, or the borders of nine pixels, are too small to be padded by reflection."""

_GREY = 128.0
"""About the middle of 0 to 255."""

_OLD_KEYS = ("running_mean", "running_var", "num_batches_tracked")
"""Files from before PyTorch 0.4 carry these for normalisations that never used them."""


class _Convolution(nn.Module):
    """A convolution with a reflected border, on features that are first enlarged if asked for."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, *, enlarge: int = 1):
        super().__init__()
        self.enlarge = enlarge
        self.conv2d = ReflectConv2d(inputs, outputs, size, stride)

    def forward(self, features: Tensor) -> Tensor:
        if self.enlarge > 1:
            features = F.interpolate(features, scale_factor=self.enlarge, mode="nearest")
        return self.conv2d(features)


class _Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv1, self.in1 = _Convolution(channels, channels, 3), InstanceNorm(channels)
        self.conv2, self.in2 = _Convolution(channels, channels, 3), InstanceNorm(channels)

    def forward(self, features: Tensor) -> Tensor:
        return features + self.in2(self.conv2(F.relu(self.in1(self.conv1(features)))))


class TransformerNetwork(nn.Module):
    """Paints frames: `(N, 3, H, W)` float in [0, 1], sRGB, to the same shape and range. Any H, W ≥ 1.

    1.68 M parameters. Within, the range is the original's, 0 to 255. A side that is no multiple of 4 comes out
    rounded up, and is cropped back; the original leaves that to its caller.

    Source: Johnson et al., arXiv:1603.08155; github.com/pytorch/examples/tree/main/fast_neural_style (BSD-3-Clause).
    Weights: their owners'.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["conv1"], layers["in1"] = _Convolution(3, 32, 9), InstanceNorm(32)
        layers["conv2"], layers["in2"] = _Convolution(32, 64, 3, 2), InstanceNorm(64)
        layers["conv3"], layers["in3"] = _Convolution(64, 128, 3, 2), InstanceNorm(128)
        for number in range(1, 6):
            layers[f"res{number}"] = _Residual(128)
        layers["deconv1"], layers["in4"] = _Convolution(128, 64, 3, enlarge=2), InstanceNorm(64)
        layers["deconv2"], layers["in5"] = _Convolution(64, 32, 3, enlarge=2), InstanceNorm(32)
        layers["deconv3"] = _Convolution(32, 3, 9)
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, frames: Tensor) -> Tensor:
        return each_frame(self._paint, frames)

    def _paint(self, frames: Tensor) -> Tensor:
        height, width = frames.shape[-2:]
        features = frames * 255
        if min(height, width) < _SMALLEST_PX:
            features = pad_to_multiple(features, 4, least_px=_SMALLEST_PX)
        features = centred(features).to(computing_dtype(self))
        *layers, (_, last) = self.named_children()
        for name, layer in layers:
            features = layer(features)
            if name.startswith("in"):
                features = F.relu(features)
        assert isinstance(last, _Convolution)
        return (_in_codes(last.conv2d, features)[..., :height, :width] / 255).clamp(0, 1).to(frames.dtype)


def _in_codes(last: ReflectConv2d, features: Tensor) -> Tensor:
    """What the last convolution gives, 0 to 255, in float32 whatever it computes in."""
    assert last.bias is not None
    # Half precision knows whole numbers only near 255, so the convolution's own sums stay about zero.
    about_zero = last.convolve(features, torch.full_like(last.bias, -_GREY))
    return about_zero.float() + (last.bias.float() + _GREY).view(1, -1, 1, 1)


def load(weights: Path, device: torch.device | str = "cpu") -> nn.Module:
    """The network of a checkpoint, in evaluation mode, float32, channels-last.

    Reads `.pth` as saved today, by PyTorch before 0.4, and within `{"state_dict": …}`; `.safetensors` too.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    tensors = checkpoints.read(weights).tensors
    network = TransformerNetwork()
    checkpoints.fill(network, {name: t for name, t in tensors.items() if not name.endswith(_OLD_KEYS)}, weights)
    return network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
