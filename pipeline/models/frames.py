"""How a batch of frames goes through a network that sees each frame alone."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def each_frame(paint: Callable[[Tensor], Tensor], frames: Tensor) -> Tensor:
    """The painted batch, `(N, 3, H, W)`; on CPUs painted one by one unless gradients are wanted.

    CPUs gain nothing from batches, and choose their convolutions by batch size: one by one, a frame's bits do not
    depend on what else is in its batch. GPUs are fed whole batches.
    """
    if len(frames) == 1 or not frames.is_cpu or torch.is_grad_enabled():
        return paint(frames)
    return torch.cat([paint(frame) for frame in frames.split(1)])


def computing_dtype(network: nn.Module) -> torch.dtype:
    """What the network's convolutions compute in; frames come and go as float32."""
    return next(layer.weight.dtype for layer in network.modules() if isinstance(layer, nn.Conv2d))


def centred(frames: Tensor) -> Tensor:
    """The frames less each channel's mean, for networks whose first normalisation removes what is even anyway.

    Half precision is finest about zero: so it sees as much in the dark as in the light.
    """
    # In the other layout the mean is added up in another order.
    in_rows = frames.contiguous()
    return in_rows - in_rows.mean((2, 3), keepdim=True)
