"""Latents found by descent: nearest to a photograph, or such that a part of the picture stays as it was.

The search is among normal numbers, where every direction is as likely as any other. Each design is searched for alone.

Source: Kingma and Ba, arXiv:1412.6980 (Adam); Abdal et al., arXiv:1904.03189 (latents of photographs by descent);
Bau et al., arXiv:2005.07727 (a mask that keeps a part).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from pipeline.errors import ModelError
from pipeline.models.vae.network import Vae

_RATE = 0.05
"""Of Adam, to begin with; it falls evenly to nothing."""

_FIRST_MOMENT, _SECOND_MOMENT, _EPSILON = 0.9, 0.999, 1e-8
"""Adam's usual constants."""

_LIKELY = 1e-4
"""Weight of the mean square of the normal numbers beside that of the pixels: far from 0 there are no rooms."""

_ELSEWHERE = 0.2
"""Weight of what a mask does not keep beside what it keeps."""

Report = Callable[[int], None]
"""Told after each step how many were made; may raise to stop."""


def nearest(vae: Vae, picture: Tensor, start: Tensor, *, steps: int, report: Report) -> Tensor:
    """The normal numbers `(1, latent)` whose picture is most like this one, `(1, 3, S, S)` in [0, 1].

    Raises: ModelError if the search breaks down.
    """
    return _descended(vae, start, lambda made: (made - picture).square().mean(), steps=steps, report=report)


def kept(vae: Vae, picture: Tensor, mask: Tensor, start: Tensor, *, steps: int, report: Report) -> Tensor:
    """The normal numbers `(1, latent)` whose picture is this one where the mask, `(1, 1, S, S)` in [0, 1], is 1, and
    elsewhere near that of `start`. Raises: as `nearest`."""
    with torch.no_grad():
        own = vae.decode(vae.place(start))
    weights = mask / mask.mean().clamp(min=1e-6) + _ELSEWHERE * (1 - mask) / (1 - mask).mean().clamp(min=1e-6)
    wanted = mask * picture + (1 - mask) * own

    def unlike(made: Tensor) -> Tensor:
        return (weights * (made - wanted).square()).mean()

    return _descended(vae, start, unlike, steps=steps, report=report)


def _descended(vae: Vae, start: Tensor, unlike: Callable[[Tensor], Tensor], *, steps: int, report: Report) -> Tensor:
    normal = start.detach().clone()
    mean, square = torch.zeros_like(normal), torch.zeros_like(normal)
    for step in range(steps):
        slope = _slope(vae, normal, unlike)
        mean.lerp_(slope, 1 - _FIRST_MOMENT)
        square.lerp_(slope.square(), 1 - _SECOND_MOMENT)
        way = mean / (1 - _FIRST_MOMENT ** (step + 1))
        length = (square / (1 - _SECOND_MOMENT ** (step + 1))).sqrt() + _EPSILON
        normal -= _RATE * (1 - step / steps) * way / length
        report(step + 1)
    if not torch.isfinite(normal).all():
        raise ModelError("the search for a design's latent broke down; give fewer steps under `refine`")
    return normal


def _slope(vae: Vae, normal: Tensor, unlike: Callable[[Tensor], Tensor]) -> Tensor:
    with torch.enable_grad():
        tried = normal.clone().requires_grad_()
        loss = unlike(vae.decode(vae.place(tried))) + _LIKELY * tried.square().mean()
        [slope] = torch.autograd.grad(loss, tried)
    return slope
