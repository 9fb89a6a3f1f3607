"""Three critics that tell real from generated motions, each at a rate of its own: one sees twitches and feet, one a
stride or a blow, one what follows what.

Source: Isola et al., arXiv:1611.07004 (judging patches); Kumar et al., "MelGAN", arXiv:1910.06711, and Li et al.,
"GANimator", arXiv:2205.02625 (the same signal at several rates); Miyato and Koyama, arXiv:1802.05637 (the class as a
projection).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.training.motion.seeing import SEEN

SLOWER = (1, 2, 4)
"""By which each critic's rate is less than the motion's."""

_DILATIONS = (1, 2, 4)
_KERNEL = 5
_SLOPE = 0.2


class Critic(nn.Module):
    """Motions as seeing.py has them, normalised `(N, SEEN, T)`, to logits `(N, T)`; about 29 frames have a part in
    each."""

    def __init__(self, classes: int, width: int):
        super().__init__()
        self.enter = nn.Conv1d(SEEN, width, 1)
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, _KERNEL, padding=step * (_KERNEL // 2), dilation=step) for step in _DILATIONS
        )
        self.leave = nn.Conv1d(width, 1, 1)
        self.belongs = nn.Embedding(classes, width)
        nn.init.normal_(self.belongs.weight, std=width**-0.5)

    def forward(self, seen: Tensor, actions: Tensor) -> Tensor:
        features = F.leaky_relu(self.enter(seen), _SLOPE)
        for layer in self.layers:
            features = F.leaky_relu(layer(features), _SLOPE)
        logits: Tensor = self.leave(features)[:, 0] + (self.belongs(actions)[:, :, None] * features).sum(1)
        return logits


class Critics(nn.Module):
    """All three."""

    def __init__(self, classes: int, width: int):
        super().__init__()
        self.each = nn.ModuleList(Critic(classes, width) for _ in SLOWER)

    def forward(self, seen: Tensor, actions: Tensor) -> list[Tensor]:
        """Motions `(N, T, SEEN)`, normalised, of classes `(N,)`, to each critic's logits."""
        rows = seen.transpose(1, 2)
        slower = [rows if times == 1 else F.avg_pool1d(rows, times) for times in SLOWER]
        return [critic(part, actions) for critic, part in zip(self.each, slower, strict=True)]


def slopes_of(logits: list[Tensor], seen: Tensor) -> Tensor:
    """R1: the mean square of how much the critics' mean logits change with the real motions `(N, T, SEEN)`."""
    total = torch.stack([of_one.mean(1) for of_one in logits]).sum()
    (slopes,) = torch.autograd.grad(total, seen, create_graph=True)
    return slopes.square().sum((1, 2)).mean() * seen.shape[1]
