"""Enlarging and shrinking feature maps through a FIR filter, as signal processing does it: pad, insert zeros, filter,
leave out. Designing the filters lives here, too.

Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", arXiv:1912.04958, appendix B (the filter
[1, 3, 3, 1]); Karras et al., "Alias-Free Generative Adversarial Networks", arXiv:2106.12423, section 3 and appendix C.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Padding = tuple[int, int, int, int]
"""Left, right, top, bottom, at the enlarged size; what is negative is cut off."""


def outer_filter(taps: Sequence[float]) -> Tensor:
    """A filter of rows and columns alike, `(K, K)` float32, that keeps the mean."""
    row = torch.tensor(taps, dtype=torch.float32)
    square = torch.outer(row, row)
    return square / square.sum()


def lowpass(taps: int, *, cutoff: float, width: float, rate: float, radial: bool = False) -> Tensor | None:
    """A Kaiser-windowed low-pass filter: `(taps,)`, or `(taps, taps)` if it is radial; None where one tap is left.

    `cutoff`, `width` of the transition band, and sampling `rate` are in the same unit, periods over the picture.
    """
    if taps == 1:
        return None
    beta = _kaiser_beta(taps, width / (rate / 2))
    window = np.kaiser(taps, beta)
    place = (np.arange(taps) - (taps - 1) / 2) / rate
    if not radial:
        ideal = np.sinc(2 * cutoff * place) * window
        return torch.from_numpy(ideal / ideal.sum()).float()
    radius = torch.from_numpy(np.hypot(*np.meshgrid(place, place)))
    jinc = torch.special.bessel_j1(2 * cutoff * math.pi * radius) / (math.pi * radius)
    ideal2 = jinc * torch.from_numpy(np.outer(window, window))
    return (ideal2 / ideal2.sum()).float()


def _kaiser_beta(taps: int, width: float) -> float:
    """The window's shape for a transition band, `width` relative to half the sampling rate.

    Source: Kaiser's empirical formulas, in Oppenheim and Schafer, "Discrete-Time Signal Processing", section 7.5.3.
    """
    attenuation = 2.285 * (taps - 1) * math.pi * width + 7.95
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    return 0.0


def resample(
    features: Tensor, taps: Tensor | None, *, up: int = 1, down: int = 1, padding: Padding = (0, 0, 0, 0)
) -> Tensor:
    """Insert `up - 1` zeros after each sample, pad, convolve with `taps`, keep every `down`-th sample.

    `features`: (N, C, H, W). `taps`: (K,), used for rows and columns, or (K, K); None is the identity. Brightness is
    kept: the result is multiplied by `up²`.
    """
    if taps is None:
        if (up, down, *padding) == (1, 1, 0, 0, 0, 0):
            return features
        taps = features.new_ones(1)
    taps = taps.to(features.dtype)
    if taps.ndim == 2:
        return _along(features, taps * up**2, (up, up), (down, down), padding)
    left, right, top, bottom = padding
    row = (taps * up)[None, :]
    features = _along(features, row, (1, up), (1, down), (left, right, 0, 0))
    return _along(features, row.T, (up, 1), (down, 1), (0, 0, top, bottom))


def _along(features: Tensor, taps: Tensor, up: tuple[int, int], down: tuple[int, int], padding: Padding) -> Tensor:
    """`resample` with factors of their own for rows and columns: `(vertical, horizontal)`."""
    channels = features.shape[1]
    kernel = taps.expand(channels, 1, *taps.shape)
    left, right, top, bottom = padding
    if up == (1, 1):
        # torch correlates; a true convolution has its kernel turned over.
        kernel = kernel.flip((2, 3))
        if left == right >= 0 and top == bottom >= 0:
            return F.conv2d(features, kernel, stride=down, padding=(top, left), groups=channels)
        return F.conv2d(F.pad(features, padding), kernel, stride=down, groups=channels)
    height, width = features.shape[2:]
    tall, wide = taps.shape
    whole = F.conv_transpose2d(features, kernel, stride=up, groups=channels)
    rows = height * up[0] + top + bottom - tall + 1
    columns = width * up[1] + left + right - wide + 1
    begin_row, begin_column = tall - 1 - top, wide - 1 - left
    cut = (
        -begin_column,
        begin_column + columns - whole.shape[3],
        -begin_row,
        begin_row + rows - whole.shape[2],
    )
    return F.pad(whole, cut)[..., :: down[0], :: down[1]]


def filtering(weight: Tensor, taps: Tensor) -> Tensor:
    """Kernels that do in one go what the filter `taps` (K, K), and then `weight` (O, I, k, k), do to a map: `(O, I, k +
    K - 1, k + K - 1)`. The filter is symmetric.

    GPUs multiply matrices so much faster than they filter each channel by itself that the larger kernels cost less.
    """
    kernel, taps = weight.shape[2], taps.to(weight.dtype)
    single = torch.eye(kernel**2, dtype=weight.dtype, device=weight.device).view(-1, 1, kernel, kernel)
    spread = F.conv2d(single, taps[None, None], padding=len(taps) - 1)
    side = kernel + len(taps) - 1
    return (weight.flatten(2) @ spread.flatten(1)).unflatten(2, (side, side))


def doubling_padding(size: int, *, extra: int = 0) -> Padding:
    """The padding that keeps a picture in its place when it is enlarged twice through a filter of `size` taps."""
    before, after = (size + 1) // 2 + extra, (size - 2) // 2 + extra
    return before, after, before, after
