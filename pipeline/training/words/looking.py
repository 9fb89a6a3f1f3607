"""A network that tells what is told of a picture by looking at it, to measure whether pictures show what was asked for.

It learns from drawn pictures and never sees a made one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.drawing.told import Facts
from pipeline.training.words.pictures import Told

ABSENT = ""
"""The value of a fact that is not told of a picture: a portrait has no sofa."""

_STAGES = ((3, 32), (32, 64), (64, 128), (128, 192))
"""Channels in and out; each halves the side."""

_LAST_RATE = 0.02


class Looker(nn.Module):
    """Pictures (B, 3, S, S) in [-1, 1] → by fact, the logits of its values."""

    def __init__(self, values: dict[str, tuple[str, ...]]):
        super().__init__()
        self.values = values
        layers: list[nn.Module] = []
        for given, channels in _STAGES:
            layers += [nn.Conv2d(given, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.SiLU()]
            layers += [nn.Conv2d(channels, channels, 3, stride=2, padding=1), nn.BatchNorm2d(channels), nn.SiLU()]
        # Where things are matters: a beard is below a moustache.
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.2))
        width = 16 * _STAGES[-1][1]
        self.heads = nn.ModuleList(nn.Linear(width, len(words)) for words in values.values())

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        features = self.features(pictures)
        return {name: head(features) for name, head in zip(self.values, self.heads, strict=True)}

    @torch.no_grad()
    def told(self, pictures: np.ndarray, *, batch: int = 64) -> list[Facts]:
        """What it sees in pictures (N, S, S, 3) uint8."""
        facts: list[Facts] = []
        for at in range(0, len(pictures), batch):
            logits = self(_shown(pictures[at : at + batch]))
            best = {name: tensor.argmax(1).tolist() for name, tensor in logits.items()}
            count = len(pictures[at : at + batch])
            facts += [{name: self.values[name][best[name][row]] for name in best} for row in range(count)]
        return facts


def taught(
    told: Told, *, iterations: int, batch: int = 96, report: Callable[[int, float], None] = lambda done, loss: None
) -> Looker:
    """A looker that has learnt from drawn pictures, in evaluation mode."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for each in told.facts:
        for name, value in each.items():
            found[name].add(value)
    looker = Looker({name: (ABSENT, *sorted(values)) for name, values in found.items()})
    numbers = {name: {value: at for at, value in enumerate(values)} for name, values in looker.values.items()}
    rng = np.random.default_rng(0)
    optimiser = torch.optim.AdamW(looker.parameters(), lr=2e-3, weight_decay=0.02)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 2e-3, total_steps=iterations, final_div_factor=1 / _LAST_RATE
    )
    for iteration in range(iterations):
        pictures, facts = told.batch(batch, rng)
        logits = looker(_shown(pictures))
        losses = [
            F.cross_entropy(
                tensor, torch.tensor([numbers[name].get(each.get(name, ABSENT), 0) for each in facts]), reduction="mean"
            )
            for name, tensor in logits.items()
        ]
        loss = torch.stack(losses).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        rates.step()
        report(iteration + 1, float(loss.detach()))
    return looker.eval()


def agreement(asked: Sequence[Facts], seen: Sequence[Facts]) -> dict[str, float]:
    """By kind and fact, as in `room: sofa`, the share of pictures in which what was asked for is seen."""
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for wanted, found in zip(asked, seen, strict=True):
        for name, value in wanted.items():
            right[name if name == "kind" else f"{wanted['kind']}: {name}"].append(found[name] == value)
    return {name: float(np.mean(hits)) for name, hits in right.items()}


def _shown(pictures: np.ndarray) -> Tensor:
    return torch.tensor(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
