"""How a batch of frames goes through a network that sees each frame alone."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def each_frame(paint: Callable[[Tensor], Tensor], frames: Tensor) -> Tensor:
    """The painted batch, `(N, 3, H, W)`; on CPUs painted one by one unless gradients are wanted.

    CPUs gain nothing from batches, and choose their convolutions by batch size: one by one, a frame's bits do not
    depend on what else is in its batch. GPUs are fed whole batches.
    """
    if len(frames) == 1 or not frames.is_cpu or torch.is_grad_enabled():
        return paint(frames)
    return torch.cat([paint(frame) for frame in frames.split(1)])
