"""The plain formulation of what the networks do, as the papers write it: slow, and easy to see through."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.models.stylegan.resample import Padding


def resampled(features: np.ndarray, taps: np.ndarray, *, up: int, down: int, padding: Padding) -> np.ndarray:
    """Zeros put between samples, padding, a true convolution at each place, and a sample kept now and then. (H, W)."""
    height, width = features.shape
    spread = np.zeros((height * up, width * up))
    spread[::up, ::up] = features
    left, right, top, bottom = padding
    spread = np.pad(spread, ((max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0))))
    spread = spread[max(-top, 0) : spread.shape[0] - max(-bottom, 0), max(-left, 0) : spread.shape[1] - max(-right, 0)]
    size = taps.shape[0]
    turned = taps[::-1, ::-1] * up**2
    rows, columns = spread.shape[0] - size + 1, spread.shape[1] - size + 1
    whole = np.array(
        [[(spread[y : y + size, x : x + size] * turned).sum() for x in range(columns)] for y in range(rows)]
    )
    return whole[::down, ::down]


def modulated(features: Tensor, weight: Tensor, styles: Tensor, *, demodulates: bool, padding: int) -> Tensor:
    """A kernel of its own for each picture, in one grouped convolution. Source: arXiv:1912.04958, equations 1 and 3."""
    kernels = weight[None] * styles[:, None, :, None, None]
    if demodulates:
        kernels = kernels / (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    count, outputs, inputs, *size = kernels.shape
    joined = features.reshape(1, count * inputs, *features.shape[2:])
    out = F.conv2d(joined, kernels.reshape(count * outputs, inputs, *size), padding=padding, groups=count)
    return out.reshape(count, outputs, *out.shape[2:])


def upsampled_then_convolved(features: Tensor, weight: Tensor, taps: Tensor) -> Tensor:
    """Enlarged twice through a filter, then convolved: what a layer that enlarges stands for."""
    spread = torch.zeros(*features.shape[:2], 2 * features.shape[2], 2 * features.shape[3])
    spread[..., ::2, ::2] = features
    kernel = (4 * taps.flip((0, 1))).expand(features.shape[1], 1, *taps.shape)
    # The whole plane about the picture counts: the 3x3 kernel sees what the filter spreads beyond the edge.
    wide = F.conv2d(F.pad(spread, (3, 2, 3, 2)), kernel, groups=features.shape[1])
    return F.conv2d(wide, weight.flip((2, 3)))
