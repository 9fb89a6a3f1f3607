"""The network of pictures: a noisy picture, how much of it is picture, and a sentence → the picture without noise.

A U-Net of two sizes. The finer one has a place for every square of 4 by 4 px; at the coarser one all places look at
each other and at the words.

Source: Ho et al., arXiv:2006.11239 (U-Net with time); Rombach et al., arXiv:2112.10752 (attention to text); Li and He,
"Back to Basics: Let Denoising Generative Models Denoise", arXiv:2511.13720 (squares in, the clean picture out).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.models.words.attention import Attention, FeedForward
from pipeline.models.words.config import PATCH_PX, WordsConfig
from pipeline.models.words.text import TextEncoder, stacked
from pipeline.models.words.vocabulary import Vocabulary

_WAVES = 64
"""Frequencies that tell the time."""
_GROUPS = 16


class WordsNetwork(nn.Module):
    """`forward(noisy (B, 3, S, S), share (B,) in [0, 1], text (B, L, text_width), said (B, L) bool)` →

    (B, 3, S, S): the picture, about [-1, 1]. `encode` gives text and said.
    """

    def __init__(self, config: WordsConfig):
        super().__init__()
        self.config = config
        self.vocabulary = Vocabulary(config.words, config.tokens)
        fine, coarse, told = config.channels, 2 * config.channels, 4 * config.channels
        self.text = TextEncoder(config, self.vocabulary.size)
        self.time = nn.Sequential(nn.Linear(2 * _WAVES, told), nn.SiLU(), nn.Linear(told, told))
        self.gist = nn.Linear(config.text_width, told)
        self.enter = nn.Conv2d(3 * PATCH_PX**2, fine, 3, padding=1)
        side = config.size_px // PATCH_PX
        self.places = nn.Parameter(torch.randn(1, fine, side, side) * 0.02)
        self.down = nn.ModuleList(_Block(fine, fine, told) for _ in range(config.depth))
        self.halve = nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
        self.coarse_down = nn.ModuleList(_Reader(coarse, coarse, told, config) for _ in range(config.depth))
        self.middle = _Reader(coarse, coarse, told, config)
        self.coarse_up = nn.ModuleList(_Reader(2 * coarse, coarse, told, config) for _ in range(config.depth))
        self.spread = nn.Conv2d(coarse, 4 * fine, 1)
        self.up = nn.ModuleList(_Block(2 * fine, fine, told) for _ in range(config.depth + 1))
        self.norm = nn.GroupNorm(_GROUPS, fine)
        self.leave = nn.Conv2d(fine, 3 * PATCH_PX**2, 3, padding=1)
        nn.init.zeros_(self.leave.weight)

    def numbers(self, sentences: Sequence[str]) -> Tensor:
        """Sentences as the network reads them, (B, L) int64 on its device."""
        return stacked([self.vocabulary.read(sentence).numbers for sentence in sentences]).to(self.places.device)

    def encode(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """What sentences (B, L) int64 say, and where they say anything."""
        return self.text(numbers), numbers != 0

    def forward(self, noisy: Tensor, share: Tensor, text: Tensor, said: Tensor) -> Tensor:
        told = F.silu(self.time(_waves(share)) + self.gist(_mean(text, said)))
        features = self.enter(F.pixel_unshuffle(noisy, PATCH_PX)) + self.places
        kept = [features]
        for block in self.down:
            features = block(features, told)
            kept.append(features)
        features = self.halve(features)
        coarse = []
        for block in self.coarse_down:
            features = block(features, told, text, said)
            coarse.append(features)
        features = self.middle(features, told, text, said)
        for block in self.coarse_up:
            features = block(torch.cat([features, coarse.pop()], 1), told, text, said)
        features = F.pixel_shuffle(self.spread(features), 2)
        for block in self.up:
            features = block(torch.cat([features, kept.pop()], 1), told)
        picture = self.leave(F.silu(self.norm(features)))
        return F.pixel_shuffle(picture, PATCH_PX)


class _Block(nn.Module):
    """Two convolutions and a way past them; what is told scales and shifts the second's input."""

    def __init__(self, given: int, channels: int, told: int):
        super().__init__()
        self.first_norm = nn.GroupNorm(_GROUPS, given)
        self.first = nn.Conv2d(given, channels, 3, padding=1)
        self.told = nn.Linear(told, 2 * channels)
        self.second_norm = nn.GroupNorm(_GROUPS, channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.past = nn.Identity() if given == channels else nn.Conv2d(given, channels, 1)
        nn.init.zeros_(self.second.weight)

    def forward(self, features: Tensor, told: Tensor) -> Tensor:
        scale, shift = self.told(told)[..., None, None].chunk(2, dim=1)
        inner = self.first(F.silu(self.first_norm(features)))
        inner = self.second(F.silu(self.second_norm(inner) * (1 + scale) + shift))
        past: Tensor = self.past(features)
        return past + inner


class _Reader(nn.Module):
    """A block whose places then look at each other, and at the words."""

    def __init__(self, given: int, channels: int, told: int, config: WordsConfig):
        super().__init__()
        self.block = _Block(given, channels, told)
        self.look = Attention(channels, channels, config.head)
        self.read = Attention(channels, config.text_width, config.head)
        self.feed = FeedForward(channels)

    def forward(self, features: Tensor, told: Tensor, text: Tensor, said: Tensor) -> Tensor:
        features = self.block(features, told)
        places = features.flatten(2).transpose(1, 2)
        places = places + self.look(places)
        places = places + self.read(places, text, said)
        places = places + self.feed(places)
        return places.transpose(1, 2).unflatten(2, features.shape[2:])


def _waves(share: Tensor) -> Tensor:
    """A number in [0, 1] as waves of it, from slow to fast: (B, 2 * _WAVES)."""
    rates = torch.exp(torch.linspace(0, math.log(1000), _WAVES, device=share.device))
    angles = share[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def _mean(text: Tensor, said: Tensor) -> Tensor:
    there = said[..., None].to(text.dtype)
    return (text * there).sum(1) / there.sum(1)
