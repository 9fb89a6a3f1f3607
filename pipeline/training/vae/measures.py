"""How like pictures are to others: PSNR and SSIM, picture by picture.

Source: Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", IEEE TIP 2004 (SSIM:
Gaussian windows of 11 px with a deviation of 1.5 px, on luma).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_WINDOW, _DEVIATION = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2
_LUMA = (0.299, 0.587, 0.114)


def psnr(pictures: Tensor, others: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB: `(N,)` of `(N, 3, H, W)` in [0, 1]; at most 100."""
    errors = (pictures - others).square().mean((1, 2, 3)).clamp(min=1e-10)
    return -10 * errors.log10()


def ssim(pictures: Tensor, others: Tensor) -> Tensor:
    """Structural similarity, at most 1: `(N,)` of `(N, 3, H, W)` in [0, 1], H and W ≥ 11."""
    first, second = _luma(pictures), _luma(others)
    mean, mean2 = _blurred(first), _blurred(second)
    variance = _blurred(first * first) - mean * mean
    variance2 = _blurred(second * second) - mean2 * mean2
    shared = _blurred(first * second) - mean * mean2
    like = (2 * mean * mean2 + _C1) * (2 * shared + _C2)
    unlike = (mean * mean + mean2 * mean2 + _C1) * (variance + variance2 + _C2)
    return (like / unlike).mean((1, 2, 3))


def _luma(pictures: Tensor) -> Tensor:
    weights = torch.tensor(_LUMA, dtype=pictures.dtype, device=pictures.device).view(1, 3, 1, 1)
    return (pictures * weights).sum(1, keepdim=True)


def _blurred(plane: Tensor) -> Tensor:
    places = torch.arange(_WINDOW, dtype=plane.dtype, device=plane.device) - _WINDOW // 2
    window = torch.exp(-(places**2) / (2 * _DEVIATION**2))
    window = window / window.sum()
    return F.conv2d(F.conv2d(plane, window.view(1, 1, 1, -1)), window.view(1, 1, -1, 1))
