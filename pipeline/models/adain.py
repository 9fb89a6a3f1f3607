"""AdaIN: any painting without training, with the encoder and decoder that exist for download.

Reads `vgg_normalised.pth` and `decoder.pth` of naoto0804/pytorch-AdaIN. Our own network is in any_painting.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn

from pipeline import weights as checkpoints
from pipeline.errors import ModelError
from pipeline.models import manner
from pipeline.models.frames import computing_dtype, each_frame
from pipeline.models.padding import pad_to_multiple

_SMALLEST_PX = 16
"""Below this the features at an eighth of the size are too small to be padded by reflection."""

_EPSILON = 1e-5


class AdainEncoder(nn.Sequential):
    """VGG19 up to relu4_1, for RGB in [0, 1], under the numbers that its layers have in `vgg_normalised.pth`."""

    def __init__(self) -> None:
        halve = nn.MaxPool2d(2, ceil_mode=True)
        super().__init__(
            nn.Conv2d(3, 3, 1),
            *_convolutions(3, 64, 64),
            halve,
            *_convolutions(64, 128, 128),
            halve,
            *_convolutions(128, 256, 256, 256, 256),
            halve,
            *_convolutions(256, 512),
        )


class AdainDecoder(nn.Sequential):
    """Features of relu4_1 to pictures, under the numbers that its layers have in `decoder.pth`."""

    def __init__(self) -> None:
        double = nn.Upsample(scale_factor=2, mode="nearest")
        super().__init__(
            *_convolutions(512, 256),
            double,
            *_convolutions(256, 256, 256, 256, 128),
            double,
            *_convolutions(128, 128, 64),
            double,
            *_convolutions(64, 64),
            *list(_convolutions(64, 3))[:-1],
        )


class AdaIN(nn.Module):
    """Paints frames in the manner of paintings that it is shown: `(N, 3, H, W)` float in [0, 1], sRGB. Any H, W ≥ 1.

    Source: Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization",
    arXiv:1703.06868. The weights for download are under MIT, after Oxford's VGG19, CC BY 4.0.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def bind(
        self, paintings: Sequence[Tensor], weights: Sequence[float], *, strength: float = 1.0
    ) -> Callable[[Tensor], Tensor]:
        """A function that paints frames `(N, 3, H, W)` float32 in [0, 1] in the mixed manners of the paintings.

        `paintings`: each `(1, 3, h, w)` float32 in [0, 1], sRGB, on the network's device; the reference code gives
        them 512 px. `weights` are made to sum to 1. `strength`: alpha, how far features go from the frame's to the
        paintings'.

        Raises: InputError if weights, strength or shapes make no sense.
        """
        shares = manner.shares(paintings, weights, strength)
        with torch.no_grad():
            found = [_moments(self._encode(painting)) for painting in paintings]
        wanted = torch.stack([share * moments for share, moments in zip(shares, found, strict=True)]).sum(0)
        return partial(each_frame, lambda frames: self._paint(frames, wanted, strength))

    def _paint(self, frames: Tensor, wanted: Tensor, strength: float) -> Tensor:
        height, width = frames.shape[-2:]
        own = self._encode(frames)
        (own_mean, own_deviation), (mean, deviation) = _moments(own), wanted
        painted = (own - own_mean) / own_deviation * deviation + mean
        mixed = painted * strength + own * (1 - strength)
        found = self.decoder(mixed.to(computing_dtype(self)))
        return found[..., :height, :width].to(frames.dtype).clamp(0, 1)

    def _encode(self, pictures: Tensor) -> Tensor:
        """Features float32 of relu4_1, whose sums half precision could not hold."""
        padded = pad_to_multiple(pictures, 1, least_px=_SMALLEST_PX)
        return self.encoder(padded.to(computing_dtype(self))).float()


def load_encoder(path: Path, device: torch.device | str = "cpu") -> nn.Module:
    """The encoder of `vgg_normalised.pth`, whose deeper layers are left alone; frozen, float32, channels-last.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    tensors, encoder = checkpoints.read(path).tensors, AdainEncoder()
    if "1.weight" in tensors:
        raise ModelError(f"{path}: is AdaIN's decoder; give vgg_normalised.pth as the encoder, and this as the decoder")
    checkpoints.fill(encoder, {name: tensors[name] for name in encoder.state_dict() if name in tensors}, path)
    return _ready(encoder, device)


def load_decoder(path: Path, device: torch.device | str = "cpu") -> nn.Module:
    """The decoder of `decoder.pth`; frozen, float32, channels-last.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    tensors, decoder = checkpoints.read(path).tensors, AdainDecoder()
    if "0.weight" in tensors:
        raise ModelError(f"{path}: is AdaIN's encoder; give decoder.pth as the decoder, and this as the encoder")
    checkpoints.fill(decoder, tensors, path)
    return _ready(decoder, device)


def _ready(network: nn.Module, device: torch.device | str) -> nn.Module:
    network.requires_grad_(False).eval()
    return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def _convolutions(*channels: int) -> Iterable[nn.Module]:
    """Each a border, a convolution and a rectifier, which is how their numbers come to be every third."""
    for inputs, outputs in pairwise(channels):
        yield from (nn.ReflectionPad2d(1), nn.Conv2d(inputs, outputs, 3), nn.ReLU())


def _moments(features: Tensor) -> Tensor:
    """Mean and deviation, `(2, N, C, 1, 1)`, as the reference code takes them."""
    mean = features.mean((2, 3), keepdim=True)
    pixels = features.shape[2] * features.shape[3]
    variance = (features - mean).square().sum((2, 3), keepdim=True) / (pixels - 1)
    return torch.stack([mean, (variance + _EPSILON).sqrt()])
