"""Padding frames to the sizes that a network can take. Cropping back is the caller's: `[..., :height, :width]`."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def pad_to_multiple(frames: Tensor, multiple: int, *, least_px: int = 1) -> Tensor:
    """The frames continued to the right and below until both sides are multiples and at least `least_px`.

    `(N, C, H, W)`, any H, W ≥ 1. By reflection where the frame is large enough, else by repeating its edge.
    """
    right = _missing(frames.shape[-1], multiple, least_px)
    bottom = _missing(frames.shape[-2], multiple, least_px)
    if not right and not bottom:
        return frames
    reflects = right < frames.shape[-1] and bottom < frames.shape[-2]
    return F.pad(frames, (0, right, 0, bottom), mode="reflect" if reflects else "replicate")


def _missing(size_px: int, multiple: int, least_px: int) -> int:
    wanted = max(size_px, least_px)
    return wanted + -wanted % multiple - size_px
