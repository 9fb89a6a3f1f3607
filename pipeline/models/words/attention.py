"""Attention and feed-forward as both networks use them, each with the norm before it."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """Of places (B, N, width) to themselves, or to a sentence (B, L, context)."""

    def __init__(self, width: int, context: int, head: int):
        super().__init__()
        self.head = head
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width, bias=False)
        self.keys_values = nn.Linear(context, 2 * width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, places: Tensor, context: Tensor | None = None, said: Tensor | None = None) -> Tensor:
        """`context` None: themselves. `said` (B, L) bool: where the context says anything."""
        normed = self.norm(places)
        query = self._heads(self.query(normed))
        keys, values = self.keys_values(normed if context is None else context).chunk(2, dim=-1)
        mask = None if said is None else said[:, None, None, :]
        seen = F.scaled_dot_product_attention(query, self._heads(keys), self._heads(values), attn_mask=mask)
        out: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return out

    def _heads(self, features: Tensor) -> Tensor:
        """(B, N, width) → (B, heads, N, head)."""
        return features.unflatten(-1, (-1, self.head)).transpose(1, 2)


class FeedForward(nn.Sequential):
    """Each place for itself."""

    def __init__(self, width: int, *, times: int = 3):
        super().__init__(
            nn.LayerNorm(width), nn.Linear(width, times * width), nn.GELU(), nn.Linear(times * width, width)
        )
