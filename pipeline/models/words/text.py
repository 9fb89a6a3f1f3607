"""The text encoder: words' numbers → what the picture's network reads.

Source: a pre-norm transformer encoder, Vaswani et al., arXiv:1706.03762, and Xiong et al., arXiv:2002.04745.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.models.words.attention import Attention, FeedForward
from pipeline.models.words.config import WordsConfig


class TextEncoder(nn.Module):
    """Numbers (B, L) int64, 0 where a sentence has ended, → features (B, L, text_width)."""

    def __init__(self, config: WordsConfig, vocabulary: int):
        super().__init__()
        width = config.text_width
        self.words = nn.Embedding(vocabulary, width)
        # What belongs together stands together: `red sofa` needs not be found by attention first.
        self.near = nn.Conv1d(width, width, 3, padding=1)
        self.places = nn.Parameter(torch.randn(config.tokens, width) * 0.02)
        self.layers = nn.ModuleList(_Layer(width, config.head) for _ in range(config.text_depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, numbers: Tensor) -> Tensor:
        said = numbers != 0
        words = self.words(numbers) * (numbers != 0)[..., None]
        features = words + self.near(words.transpose(1, 2)).transpose(1, 2) + self.places[: numbers.shape[1]]
        for layer in self.layers:
            features = layer(features, said)
        normed: Tensor = self.norm(features)
        return normed


class _Layer(nn.Module):
    def __init__(self, width: int, head: int):
        super().__init__()
        self.attention = Attention(width, width, head)
        self.feed = FeedForward(width)

    def forward(self, features: Tensor, said: Tensor) -> Tensor:
        features = features + self.attention(features, None, said)
        return features + self.feed(features)


def stacked(readings: list[tuple[int, ...]]) -> Tensor:
    """Readings of several sentences as (B, L) int64, filled up with 0."""
    longest = max(len(reading) for reading in readings)
    return torch.stack([F.pad(torch.tensor(reading), (0, longest - len(reading))) for reading in readings])
