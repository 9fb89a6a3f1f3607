"""What the model of words learns: from a picture among noise and a sentence, the picture.

Source: flow.py's; times drawn as by Esser et al., arXiv:2403.03206, section 3.1 (logit-normal).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.drawing.told import KINDS, Facts, some
from pipeline.models.words.flow import mixed, velocity
from pipeline.models.words.text import stacked
from pipeline.models.words.unet import WordsNetwork
from pipeline.models.words.vocabulary import END
from pipeline.training.words.pictures import Told

_SILENT = 0.1
"""Share of the sentences that are withheld, so that guidance has something to go against."""

_TIME_MEAN, _TIME_SPREAD = -0.8, 1.0
"""Of the time's logit. Below 0: rather more noise than picture."""

_EARLY, _EARLIEST = 0.35, 0.12
"""Share of the times that lie before that one, most of them near 0. Later a noisy picture shows its colours and what it
is of by itself: what the words are for is learnt only here."""


class WordsTask:
    """Flow matching on pictures that are told; a loop.Task."""

    def __init__(self, network: WordsNetwork, told: Told, batch: int):
        self.network: nn.Module = network
        self._network, self._told, self._batch = network, told, batch

    def losses(self, generator: torch.Generator) -> Mapping[str, Tensor]:
        """The mean squared error of the velocity in a fresh batch."""
        rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
        pictures, numbers = self._drawn(rng)
        device = self._network.places.device
        t = _times(len(pictures), generator)
        noise = torch.randn(pictures.shape, generator=generator)
        pictures, numbers, t, noise = (tensor.to(device) for tensor in (pictures, numbers, t, noise))
        share = t[:, None, None, None]
        x_t = mixed(pictures, noise, share).contiguous(memory_format=torch.channels_last)
        guess = self._network(x_t, t, *self._network.encode(numbers))
        # Against the picture's velocity as it is computed, which near the end is a part of the true one.
        return {"velocity": F.mse_loss(velocity(guess.float(), x_t, share), velocity(pictures, x_t, share))}

    def _drawn(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Pictures (B, 3, S, S) in [-1, 1], and their sentences (B, L)."""
        pictures, facts = self._told.batch(self._batch, rng)
        readings = [self._read(told, rng) for told in facts]
        return torch.from_numpy(pictures).permute(0, 3, 1, 2) / 127.5 - 1, stacked(readings)

    def _read(self, facts: Facts, rng: np.random.Generator) -> tuple[int, ...]:
        if rng.random() < _SILENT:
            return (END,)
        return self._network.vocabulary.read(KINDS[facts["kind"]].sentence(some(facts, rng))).numbers


def _times(count: int, generator: torch.Generator) -> Tensor:
    """Of so many pictures: (count,) in (0, 1)."""
    usual = torch.sigmoid(_TIME_MEAN + _TIME_SPREAD * torch.randn(count, generator=generator))
    early = _EARLIEST * torch.rand(count, generator=generator).square()
    return torch.where(torch.rand(count, generator=generator) < _EARLY, early, usual)
