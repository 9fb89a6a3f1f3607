"""Arrays of frames ⇄ tensors for networks: the only place where value ranges and the order of axes change."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import MediaError

_BT709 = (0.2126, 0.7152, 0.0722)

_WHITE = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65_535.0}


def to_tensor(frames: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """Frames (N, H, W, 3) uint8 or uint16 → (N, 3, H, W) float32 in [0, 1], sRGB, on `device`.

    Raises: MediaError if the array holds no frames.
    """
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype not in _WHITE:
        raise MediaError(f"frames are (N, H, W, 3) uint8 or uint16, not {frames.shape} {frames.dtype}")
    # PyTorch warns of arrays that it must not write to.
    whole = np.require(frames, requirements=("C", "W"))
    # The small integers travel to the device; the floats are made there.
    return torch.from_numpy(whole).to(device).permute(0, 3, 1, 2).to(torch.float32).contiguous() / _WHITE[frames.dtype]


def to_pixels(frames: Tensor, *, deep: bool = False) -> np.ndarray:
    """Frames (N, 3, H, W) in [0, 1], any float type → (N, H, W, 3) uint8, or uint16 when deep.

    Values outside [0, 1] are clamped; halves round to even.
    Raises: MediaError if the tensor holds no frames.
    """
    if frames.ndim != 4 or frames.shape[1] != 3:
        raise MediaError(f"frames are (N, 3, H, W), not {tuple(frames.shape)}")
    scaled = (frames.detach().to(torch.float32).clamp(0, 1) * (65_535 if deep else 255)).round()
    whole = scaled.permute(0, 2, 3, 1).contiguous()
    if deep:
        return whole.to(torch.int32).cpu().numpy().astype(np.uint16)
    return whole.to(torch.uint8).cpu().numpy()


def luminance(pictures: Tensor) -> Tensor:
    """BT.709 luma of `(N, 3, H, W)`, as `(N, 1, H, W)`."""
    return (pictures * pictures.new_tensor(_BT709).view(1, 3, 1, 1)).sum(1, keepdim=True)
