"""What a generator must be better than, as windows of features: one real motion blended into another, and frames that
are drawn one by one.
"""

from __future__ import annotations

import torch
from torch import Tensor


def interpolated(windows: Tensor, count: int, lots: torch.Generator) -> Tensor:
    """`(count, frames, 203)`: each begins as one window of `(N, frames, 203)` and ends as another."""
    first, second = (windows[torch.randint(len(windows), (count,), generator=lots)] for _ in range(2))
    share = torch.linspace(0, 1, windows.shape[1])[:, None]
    return first + share * (second - first)


def gaussian_frames(windows: Tensor, count: int, lots: torch.Generator) -> Tensor:
    """`(count, frames, 203)`: every frame alone, of a Gaussian with the mean and covariance of real ones."""
    frames = windows.flatten(0, 1).double()
    mean = frames.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(frames.T))
    white = torch.randn(count, windows.shape[1], len(mean), generator=lots, dtype=torch.float64)
    return (white * values.clamp(min=0).sqrt() @ vectors.T + mean).float()
