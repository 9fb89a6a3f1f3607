"""A network that tells what is done in two seconds of motion, by whose features Fréchet distances are measured.

It learns from the training's own real windows in some seconds, with a seed of its own, so that every report of the same
clips is made by the same network. Distances compare with others of the same clips and labels, and with nothing else.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.training.motion.brief import MEASURED_FRAMES
from pipeline.training.motion.material import Material
from pipeline.training.motion.seeing import SEEN, real

FEATURES = 24
"""Numbers that a window is told by."""

_WIDTH = 64
_KERNEL = 5
_ITERATIONS = 400
_BATCH = 32
_RATE = 2e-3
_SEED = 7
_REBUILDS = 1.0
"""Weight of telling the window again from its features, beside telling its class."""
_PARTS = 4
"""Of a window, told again: it is rebuilt as the means of so many parts of it."""
_AT_ONCE = 256


class Extractor(nn.Module):
    """Windows `(N, MEASURED_FRAMES, 203)` of features to features of their own `(N, FEATURES)`."""

    def __init__(self, classes: int, rate: float):
        super().__init__()
        self.rate = rate
        self.register_buffer("mean", torch.zeros(SEEN))
        self.register_buffer("spread", torch.ones(SEEN))
        self.enter = nn.Conv1d(SEEN, _WIDTH, 1)
        self.layers = nn.ModuleList(nn.Conv1d(_WIDTH, _WIDTH, _KERNEL, stride=2, padding=2) for _ in range(4))
        self.leave = nn.Linear(_WIDTH * 4, FEATURES)
        self.names = nn.Linear(FEATURES, classes)
        self.rebuilds = nn.Linear(FEATURES, _PARTS * SEEN)

    mean: Tensor
    spread: Tensor

    def seen(self, windows: Tensor) -> Tensor:
        """`(N, T, SEEN)`, normalised."""
        return (real(windows).seen(self.rate) - self.mean) / self.spread

    def embedded(self, seen: Tensor) -> Tensor:
        """`(N, FEATURES)`."""
        found = self.enter(seen.transpose(1, 2))
        for layer in self.layers:
            found = layer(F.leaky_relu(found, 0.2))
        told: Tensor = self.leave(F.leaky_relu(found, 0.2).flatten(1))
        return told

    @torch.no_grad()
    def forward(self, windows: Tensor) -> Tensor:
        return torch.cat([self.embedded(self.seen(part)) for part in windows.split(_AT_ONCE)])

    @torch.no_grad()
    def recognised(self, windows: Tensor, action: int) -> float:
        """Part of the windows that it takes for what they should be."""
        return float((self.names(self(windows)).argmax(1) == action).float().mean())


def learnt(material: Material) -> Extractor:
    """The extractor of these clips."""
    rate, classes = float(material.recipe.rate), len(material.classes)
    lots = torch.Generator().manual_seed(_SEED)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        made = Extractor(classes, rate)
    seen = torch.cat([real(piece.features).seen(rate) for piece in material.pieces if piece.is_own])
    made.mean.copy_(seen.mean(0))
    spread = seen.std(0)
    made.spread.copy_(spread.clamp(min=0.1 * float(spread.mean())))
    optimiser = torch.optim.Adam(made.parameters(), lr=_RATE)
    for _ in range(_ITERATIONS):
        batch = material.batch(_BATCH, lots)
        shown = made.seen(batch.features[:, :MEASURED_FRAMES])
        told = made.embedded(shown)
        loss = F.cross_entropy(made.names(told), batch.actions)
        parts = F.adaptive_avg_pool1d(shown.transpose(1, 2), _PARTS)
        loss = loss + _REBUILDS * F.mse_loss(made.rebuilds(told), parts.flatten(1))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return made.eval().requires_grad_(False)
