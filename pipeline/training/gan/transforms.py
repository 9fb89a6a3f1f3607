"""Random ways to move and recolour pictures, as matrices, so that any number of them costs as much as one.

Each picture draws its own; each transform is made with a probability, in the order of the paper. Nothing here touches
a pixel.

Source: Karras et al., "Training Generative Adversarial Networks with Limited Data", arXiv:2006.06676, appendix B.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

_SHIFT = 0.125
"""Of a picture's side: the most by whole pixels, the deviation of others."""
_SCALE = 0.2 * math.log(2)
_BRIGHTNESS = 0.2
_CONTRAST = 0.5 * math.log(2)
_SATURATION = math.log(2)


class Lots:
    """Random numbers for a number of pictures, on the CPU; the same for each generator's state."""

    def __init__(self, count: int, probability: float, generator: torch.Generator):
        self.count, self.probability, self._generator = count, probability, generator

    def uniform(self) -> Tensor:
        """(N,) in [0, 1)."""
        return torch.rand(self.count, generator=self._generator)

    def normal(self) -> Tensor:
        """(N,)."""
        return torch.randn(self.count, generator=self._generator)

    def angle(self) -> Tensor:
        """(N,) in [-π, π)."""
        return (2 * self.uniform() - 1) * math.pi

    def perhaps(self, values: Tensor, otherwise: float, probability: float | None = None) -> Tensor:
        """The values where the lot fell on a picture, else what changes nothing."""
        falls = self.uniform() < (self.probability if probability is None else probability)
        return torch.where(falls, values, torch.full_like(values, otherwise))


def places(lots: Lots, size: int) -> Tensor:
    """From places in the pictures that come out to places in those that go in: (N, 3, 3), homogeneous.

    Places are in [-1, 1] from edge to edge; `size` is a side in pixels.
    """
    pixel = 2 / size
    # Before and after stretching together: with the probability that all else has.
    rotates = 1 - math.sqrt(1 - lots.probability)
    matrix = _scaling(lots.perhaps(1 - 2 * (lots.uniform() * 2).floor(), 1.0))
    matrix = matrix @ _rotation(lots.perhaps((lots.uniform() * 4).floor() * (math.pi / 2), 0.0))
    matrix = matrix @ _shift(lots, lambda: ((2 * lots.uniform() - 1) * _SHIFT * size).round() * pixel)
    scale = lots.perhaps((lots.normal() * _SCALE).exp(), 1.0)
    matrix = matrix @ _scaling(scale, scale)
    matrix = matrix @ _rotation(lots.perhaps(lots.angle(), 0.0, rotates))
    stretch = lots.perhaps((lots.normal() * _SCALE).exp(), 1.0)
    matrix = matrix @ _scaling(stretch, 1 / stretch)
    matrix = matrix @ _rotation(lots.perhaps(lots.angle(), 0.0, rotates))
    return matrix @ _shift(lots, lambda: lots.normal() * (2 * _SHIFT))


def colours(lots: Lots) -> Tensor:
    """From colours in [-1, 1] to others: (N, 3, 4), to be multiplied with (red, green, blue, 1)."""
    grey = torch.full((3, 1), 1 / math.sqrt(3))
    along = grey @ grey.T
    across = torch.eye(3) - along
    contrast = lots.perhaps((lots.normal() * _CONTRAST).exp(), 1.0).view(-1, 1, 1)
    shift = lots.perhaps(lots.normal() * _BRIGHTNESS, 0.0).view(-1, 1, 1).expand(-1, 3, 1) * contrast
    flip = lots.perhaps((lots.uniform() * 2).floor(), 0.0).view(-1, 1, 1)
    hue = lots.perhaps(lots.angle(), 0.0)
    saturation = lots.perhaps((lots.normal() * _SATURATION).exp(), 1.0).view(-1, 1, 1)
    matrix = (along + saturation * across) @ _about_grey(hue) @ (torch.eye(3) - 2 * flip * along)
    return torch.cat([matrix * contrast, matrix @ shift], 2)


def _about_grey(angle: Tensor) -> Tensor:
    """Rotations about the axis of greys: (N, 3, 3). Source: Rodrigues' formula."""
    unit = 1 / math.sqrt(3)
    cross = torch.tensor([[0, -unit, unit], [unit, 0, -unit], [-unit, unit, 0]])
    sine, cosine = angle.sin().view(-1, 1, 1), angle.cos().view(-1, 1, 1)
    return torch.eye(3) + sine * cross + (1 - cosine) * (cross @ cross)


def _shift(lots: Lots, draw: Callable[[], Tensor]) -> Tensor:
    """Both ways or none."""
    x, y = draw(), draw()
    moves = lots.perhaps(torch.ones(lots.count), 0.0)
    zero, one = torch.zeros(lots.count), torch.ones(lots.count)
    return _matrices(one, zero, x * moves, zero, one, y * moves)


def _scaling(x: Tensor, y: Tensor | None = None) -> Tensor:
    zero = torch.zeros_like(x)
    return _matrices(x, zero, zero, zero, torch.ones_like(x) if y is None else y, zero)


def _rotation(angle: Tensor) -> Tensor:
    zero = torch.zeros_like(angle)
    return _matrices(angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos(), zero)


def _matrices(*entries: Tensor) -> Tensor:
    """The upper two rows, entry by entry, as (N, 3, 3)."""
    zero = torch.zeros_like(entries[0])
    return torch.stack([*entries, zero, zero, torch.ones_like(zero)], 1).view(-1, 3, 3)
