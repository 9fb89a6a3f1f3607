"""The critic: a small network that looks at patches of pictures and tells decoded from real ones.

Source: Isola et al., arXiv:1611.07004, section 3.2.2 (judging patches); Larsen et al., arXiv:1512.09300 (a critic of an
autoencoder sees what it makes of the prior as well as what it reconstructs). Its losses are gan/losses.py's.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_SLOPE = 0.2
_CHANNELS = (32, 64, 96)


class Critic(nn.Module):
    """Pictures `(N, 3, H, W)` float32 in [0, 1] to logits `(N, h, w)`, one for each patch of about 40 px."""

    def __init__(self) -> None:
        super().__init__()
        inputs = 12
        self.layers = nn.ModuleList()
        for number, channels in enumerate(_CHANNELS):
            self.layers.append(nn.Conv2d(inputs, channels, 3, stride=1 if number == 0 else 2, padding=1))
            inputs = channels
        self.last = nn.Conv2d(inputs, 1, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        features = F.pixel_unshuffle(pictures * 2 - 1, 2).contiguous(memory_format=torch.channels_last)
        for layer in self.layers:
            features = F.leaky_relu(layer(features), _SLOPE)
        logits: Tensor = self.last(features)[:, 0].float()
        return logits
