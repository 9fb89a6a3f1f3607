"""Gram matrices that add up over tiles: which channels fire together, and how strongly."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class _Products(torch.autograd.Function):
    """`rowsᵀ rows`, whose gradient takes one product instead of autograd's two and their sum."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        # Sums over a hundred thousand pixels rounded to bfloat16 would hide what the last steps still gain.
        full = rows.float()
        return full.T @ full

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (rows,) = ctx.saved_tensors
        (gradient,) = gradients
        return rows @ (gradient + gradient.T).to(rows.dtype)


def gram_sum(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """Sum over pixels of the channels' products: `(1, C, H, W)` to `(C, C)` float32.

    `mask`: `(1, 1, H, W)` in [0, 1], by which the features are multiplied first (guided Gram matrices).
    Source: Gatys et al., arXiv:1508.06576 equation 3; arXiv:1611.07865 equation 4.
    """
    guided = features if mask is None else features * mask.to(features.dtype)
    return _Products.apply(guided.permute(0, 2, 3, 1).reshape(-1, features.shape[1]))
