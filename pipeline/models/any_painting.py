"""Our network that paints like any painting at once, without having been trained on it.

The architecture and `load` live here; the statistics that carry a painting's manner, in manner.py. How it is trained is
in training/any_painting.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline import weights as checkpoints
from pipeline.catalog import ASSETS
from pipeline.errors import ModelError
from pipeline.models import manner
from pipeline.models.features import RANKS, FeatureNetwork
from pipeline.models.frames import computing_dtype, each_frame
from pipeline.models.manner import Manner, Moments
from pipeline.models.padding import pad_to_multiple

ARCHITECTURE = "atelier-any-1"
"""What a checkpoint of this network says in its safetensors metadata."""

SHIPPED = ASSETS / "any" / "atelier-any-1.safetensors"
"""The weights that come with Atelier."""

PAINTING_PX = 512
"""The longest side at which paintings are best given: its strokes are then about as large as in training."""

_MULTIPLE = 16
"""The coarsest features are a sixteenth of the picture's size,"""
_SMALLEST_PX = 32
"""and of at least two pixels, which padding by reflection needs."""

_GRAIN_PX = 128
"""The grain's period, in features."""

_COLOURS = 4.0
"""Makes the variance of colours about 1,"""
_LOGITS = 1.25
"""and of those what a sigmoid turns back into about the same colours."""

_ENCODER = RANKS[:4]
"""Up to relu3_1."""


class _Stage(nn.Module):
    """Convolutions at one size, each followed by the painting's statistics in place of the features' own."""

    def __init__(self, inputs: int, outputs: int, count: int):
        super().__init__()
        sizes = [inputs] + [outputs] * count
        self.convolutions = nn.ModuleList(_conv(before, after) for before, after in pairwise(sizes))

    def forward(self, features: Tensor, match: Callable[[Tensor], Tensor]) -> Tensor:
        for convolution in self.convolutions:
            features = F.relu(match(convolution(features)))
        return features


class AnyPainting(nn.Module):
    """Paints frames in the manner of paintings that it is shown: `(N, 3, H, W)` float in [0, 1], sRGB. Any H, W ≥ 1.

    Features of the frame at a half, a quarter, an eighth and a sixteenth of its size are given the painting's mean
    and covariance; a decoder paints from them, and its own features are given the mean and deviation that the painting
    has when the same decoder paints it. So the manner comes from measuring alone, and no painting is a stranger.

    Source: whitening and colouring, Li et al., arXiv:1705.08086; means and deviations, Huang and Belongie,
    arXiv:1703.06868; that the decoder's statistics are those of the painting's own reconstruction is ours.
    """

    fine_scale: Tensor
    deep_scale: Tensor
    grain: Tensor

    def __init__(self, coarse: int = 128, quarter: int = 80, half: int = 40, full: int = 16):
        """Channels of the decoder at an eighth of the size and less, at a quarter, at half, and at full size."""
        super().__init__()
        self.sizes = {"coarse": coarse, "quarter": quarter, "half": half, "full": full}
        fine, deep = _ENCODER[1] + 3, _ENCODER[3]
        self.encoder = FeatureNetwork(_ENCODER).requires_grad_(False)
        self.register_buffer("fine_scale", torch.ones(_ENCODER[1]))
        self.register_buffer("deep_scale", torch.ones(deep))
        self.grain_amount = nn.Parameter(torch.full((4,), 0.2))
        grain = torch.randn(max(fine, deep), _GRAIN_PX, _GRAIN_PX, generator=torch.Generator().manual_seed(0))
        self.register_buffer("grain", grain, persistent=False)
        self.stages = nn.ModuleList(
            [
                _Stage(deep, coarse, 1),
                _Stage(coarse + deep, coarse, 2),
                _Stage(coarse + deep, quarter, 3),
                _Stage(quarter + fine, half, 2),
                _Stage(half, full, 1),
            ]
        )
        self.to_picture = _conv(full, 3)

    def bind(
        self, paintings: Sequence[Tensor], weights: Sequence[float], *, strength: float = 1.0
    ) -> Callable[[Tensor], Tensor]:
        """A function that paints frames `(N, 3, H, W)` float32 in [0, 1] in the mixed manners of the paintings.

        `paintings`: each `(1, 3, h, w)` float32 in [0, 1], sRGB, on the network's device, at most about
        `PAINTING_PX`. `weights` are made to sum to 1. `strength`: 0 leaves the frame's manner, 1 takes the paintings'.

        Raises: InputError if weights, strength or shapes make no sense.
        """
        shares = manner.shares(paintings, weights, strength)
        with torch.no_grad():
            mixed = manner.mix([self.measure(painting) for painting in paintings], shares)
        return partial(each_frame, lambda frames: self.paint(frames, mixed, strength=strength))

    def measure(self, paintings: Tensor) -> Manner:
        """What of the paintings `(N, 3, H, W)` is carried over: their statistics, one row each."""
        return self.reconstruct(paintings)[1]

    def reconstruct(self, pictures: Tensor) -> tuple[Tensor, Manner]:
        """The pictures as the decoder paints them in their own manners, and those manners."""
        padded = self._pad(pictures)
        levels = self._encode(padded)
        found: list[Moments] = []

        def note(features: Tensor) -> Tensor:
            found.append(manner.moments(features))
            return features

        painted = self._decode(levels, note)
        own = Manner([manner.palette(level) for level in levels], found)
        return self._finish(painted, pictures), own

    def paint(self, frames: Tensor, shown: Manner, *, strength: float = 1.0) -> Tensor:
        """The frames in the manner shown, of one row or as many as there are frames."""
        levels = self._encode(self._pad(frames))
        amounts = self.grain_amount.float()
        coloured = [
            manner.recolour(level, palette, strength, amount * self._grain(level))
            for level, palette, amount in zip(levels, shown.palettes, amounts, strict=True)
        ]
        wanted = iter(shown.moments)
        painted = self._decode(coloured, lambda features: manner.match(features, next(wanted), strength))
        return self._finish(painted, frames)

    def _pad(self, pictures: Tensor) -> Tensor:
        return pad_to_multiple(pictures, _MULTIPLE, least_px=_SMALLEST_PX).to(computing_dtype(self))

    def _finish(self, painted: Tensor, pictures: Tensor) -> Tensor:
        height, width = pictures.shape[-2:]
        return torch.sigmoid(painted[..., :height, :width].float()).to(pictures.dtype)

    def _encode(self, padded: Tensor) -> list[Tensor]:
        """Features float32 of variances of about 1, coarse to fine: of the size's 16th, 8th, quarter and half."""
        with torch.no_grad():
            smaller = F.avg_pool2d(padded, 2)
            smallest = F.avg_pool2d(smaller, 2)
            coarse = [self.encoder.planes(it, ["relu3_1"])["relu3_1"] for it in (smallest, smaller)]
            whole = self.encoder.planes(padded, ["relu2_1", "relu3_1"])
            deep = [plane.float() * self.deep_scale.view(1, -1, 1, 1) for plane in (*coarse, whole["relu3_1"])]
            fine = whole["relu2_1"].float() * self.fine_scale.view(1, -1, 1, 1)
            # Colours could be told from the features, but only after long training.
            return [*deep, torch.cat([fine, (smaller.float() - 0.5) * _COLOURS], 1)]

    def _decode(self, levels: Sequence[Tensor], match: Callable[[Tensor], Tensor]) -> Tensor:
        own = computing_dtype(self)
        coarsest, *finer = (level.to(own, memory_format=torch.channels_last) for level in levels)
        first, *middle, last = self.stages
        features = first(coarsest, match)
        for stage, level in zip(middle, finer, strict=True):
            features = stage(torch.cat([_enlarge(features), level], 1), match)
        # What is left to learn is how the painting differs from the frame in the painting's colours.
        colours = _LOGITS * _enlarge(finer[-1][:, -3:])
        return self.to_picture(last(_enlarge(features), match)) + colours

    def _grain(self, level: Tensor) -> Tensor:
        channels, height, width = level.shape[1:]
        tiles = 1, -(-height // _GRAIN_PX), -(-width // _GRAIN_PX)
        return self.grain[:channels].float().repeat(tiles)[:, :height, :width]

    def metadata(self) -> dict[str, str]:
        """What a checkpoint must say so that `load` can build this network again."""
        return {"architecture": ARCHITECTURE, **{key: str(size) for key, size in self.sizes.items()}}


def load(weights: Path = SHIPPED, device: torch.device | str = "cpu") -> AnyPainting:
    """The network of a safetensors file, in evaluation mode, float32, channels-last.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    checkpoint = checkpoints.read(weights)
    said = checkpoint.metadata.get("architecture")
    if said != ARCHITECTURE:
        raise ModelError(f"{weights}: holds {said or 'an unnamed network'}, not {ARCHITECTURE}; leave it out")
    network = AnyPainting(**_sizes(weights, checkpoint.metadata))
    checkpoints.fill(network, checkpoint.tensors, weights)
    return network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]


def _sizes(weights: Path, metadata: dict[str, str]) -> dict[str, int]:
    try:
        sizes = {key: int(metadata[key]) for key in ("coarse", "quarter", "half", "full")}
    except (KeyError, ValueError) as error:
        raise ModelError(f"{weights}: its metadata lacks whole numbers for its channels; train it again") from error
    if not all(1 <= size <= 512 for size in sizes.values()):
        raise ModelError(f"{weights}: its metadata asks for a network of {sizes}; each must be between 1 and 512")
    return sizes


def _conv(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="reflect")


def _enlarge(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
