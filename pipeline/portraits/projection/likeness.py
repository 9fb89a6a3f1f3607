"""How unlike two pictures are to the eye: the distance of a network's features, and of the pixels.

Source: Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", arXiv:1801.03924,
equation 1, with all weights one: learnt weights would be somebody else's, and for a network that is not ours.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.models.features import Features

_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
"""Where the metric looks at VGG16, each the last of its block there; of these, those that the network has."""

_LEAST_PX = 16
"""VGG19 halves a picture four times before its last block."""

_TINY = 1e-10


class Likeness:
    """Distances from one picture."""

    def __init__(self, target: Tensor, features: Features, *, longest_px: int, colours: float):
        """`target`: `(1, 3, H, W)` float32 in [0, 1], sRGB. `colours`: weight of the pixels' distance."""
        self._features, self._longest_px, self._colours = features, longest_px, colours
        self._layers = [layer for layer in _LAYERS if layer in features.layers]
        with torch.no_grad():
            self._target = self._small(target)
            self._wanted = self._seen(self._target)

    def __call__(self, picture: Tensor) -> dict[str, Tensor]:
        """The weighted distances of a picture of the target's shape: `features` and `colours`."""
        small = self._small(picture)
        found = self._seen(small)
        apart = [(found[layer] - wanted).square().sum(1).mean() for layer, wanted in self._wanted.items()]
        return {
            "features": torch.stack(apart).sum(),
            "colours": self._colours * F.mse_loss(small, self._target),
        }

    def _small(self, picture: Tensor) -> Tensor:
        side = max(picture.shape[2:])
        return picture if side <= self._longest_px else F.interpolate(picture, (self._longest_px,) * 2, mode="area")

    def _seen(self, picture: Tensor) -> dict[str, Tensor]:
        """Features of unit length at each place."""
        if min(picture.shape[2:]) < _LEAST_PX:
            picture = F.interpolate(picture, (_LEAST_PX,) * 2, mode="nearest")
        found = self._features(picture, self._layers)
        return {layer: F.normalize(features.float(), dim=1, eps=_TINY) for layer, features in found.items()}
