"""Muon: matrices move by steps whose directions are all equally long, and everything else as Adam moves it.

A small network that is trained for a few thousand steps comes further with each than by Adam alone.

Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024); convolutions are matrices of
(channels out, all else), as there. The Newton-Schulz iteration's three numbers are that text's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
_TIMES = 5


class Muon(torch.optim.Optimizer):
    """For hidden matrices and convolutions; an Adam for what is not of their kind goes along.

    Learning rates that a schedule writes into `param_groups` are Adam's. Matrices move `faster` times as far: theirs
    is in units of the matrix' own scale, and so it hardly differs from network to network.
    """

    def __init__(
        self,
        matrices: Iterable[nn.Parameter],
        others: Iterable[nn.Parameter],
        *,
        rate: float,
        faster: float = 20.0,
        momentum: float = 0.95,
    ) -> None:
        groups = [{"params": list(matrices), "muon": True}, {"params": list(others), "muon": False}]
        super().__init__(groups, {"lr": rate, "faster": faster, "momentum": momentum, "betas": (0.9, 0.99)})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Move all that have a gradient."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                if group["muon"]:
                    self._turn(parameter, group)
                else:
                    self._drift(parameter, group)

    def _turn(self, parameter: Tensor, group: dict[str, float]) -> None:
        state = self.state[parameter]
        if not state:
            state["mean"] = torch.zeros_like(parameter)
        slope = parameter.grad
        assert slope is not None
        state["mean"].lerp_(slope, 1 - group["momentum"])
        step = orthogonal(slope.lerp(state["mean"], group["momentum"]).flatten(1))
        scale = max(1.0, step.shape[0] / step.shape[1]) ** 0.5
        parameter.add_(step.view_as(parameter), alpha=-group["lr"] * group["faster"] * scale)

    def _drift(self, parameter: Tensor, group: dict[str, tuple[float, float]]) -> None:
        state = self.state[parameter]
        if not state:
            state["step"] = torch.zeros(())
            state["mean"], state["square"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
        slope, (quick, slow) = parameter.grad, group["betas"]
        assert slope is not None
        state["step"] += 1
        count = int(state["step"])
        state["mean"].lerp_(slope, 1 - quick)
        state["square"].lerp_(slope.square(), 1 - slow)
        spread = (state["square"] / (1 - slow**count)).sqrt_().add_(1e-8)
        parameter.addcdiv_(state["mean"], spread, value=-group["lr"] / (1 - quick**count))  # type: ignore[operator]


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix (N, M) with all its singular values near 1."""
    a, b, c = _NEWTON_SCHULZ
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(_TIMES):
        gram = wide @ wide.T
        wide = a * wide + (b * gram + c * gram @ gram) @ wide
    return wide.T if matrix.shape[0] > matrix.shape[1] else wide
