"""A training's numbers: what the last iterations' were on average, and the row that is kept at each preview."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from pipeline.errors import ConfigError

Row = dict[str, float]


class Record:
    """Numbers added up where they are computed, so that reading them, which waits for the device, can be rare."""

    def __init__(self, names: Sequence[str], device: torch.device):
        self._names = tuple(names)
        self._sums = torch.zeros(len(names), 2, device=device)
        self.rows: list[Row] = []
        """One for each preview: `kimg`, these names, and what else the training tells."""

    @torch.no_grad()
    def add(self, name: str, value: Tensor) -> None:
        """One iteration's number."""
        place = self._sums[self._names.index(name)]
        place[0] += value.detach().float()
        place[1] += 1

    def read(self) -> Row:
        """The averages since they were last taken, where there are any."""
        sums = self._sums.tolist()
        return {name: total / count for name, (total, count) in zip(self._names, sums, strict=True) if count}

    def finite(self, iteration: int, advice: str) -> Row:
        """The same. Raises: ConfigError, with what to do about it, if one is no longer a finite number."""
        row = self.read()
        if not math.isfinite(sum(row.values())):
            raise ConfigError(f"training broke down at iteration {iteration}: {row}; {advice}")
        return row

    def take(self) -> Row:
        """The same, and begin anew."""
        row = self.read()
        self._sums.zero_()
        return row

    def state(self) -> dict[str, Any]:
        """For torch.save."""
        return {"sums": self._sums.clone(), "rows": [dict(row) for row in self.rows]}

    def adopt(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave, with these names or the first of them."""
        kept = state["sums"]
        self._sums.zero_()[: len(kept)].copy_(kept)
        self.rows = [{str(name): float(value) for name, value in row.items()} for row in state["rows"]]
