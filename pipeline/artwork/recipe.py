"""How an artwork is painted: its sizes, evaluations and weights. All defaults are written here, once. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from pipeline.errors import ConfigError

Colours = Literal["painting", "palette", "luminance"]
"""Whose colours the picture has.

`painting`: the paintings' own. `palette`: the paintings are recoloured to the content's palette first. `luminance`:
only light and dark is painted, and the content's hues are laid over it.
"""

_LARGEST_PX = 8192


@dataclass(frozen=True)
class Layers:
    """Where pictures are compared: for each size, each half of the one before, the layers' names."""

    content: tuple[tuple[str, ...], ...]
    style: tuple[tuple[str, ...], ...]


DEEP = Layers(
    content=(("relu4_2",),),
    style=(("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"),),
)
"""For networks that reach relu5_1: the layers of Gatys et al., whose deepest sees strokes of 150 px and more."""

SHALLOW = Layers(
    content=((), ("relu3_1",)),
    style=(("relu1_1", "relu2_1", "relu3_1"), ("relu2_1", "relu3_1"), ("relu2_1", "relu3_1")),
)
"""For networks that end within relu3: halved pictures show the same layers strokes that are larger in truth."""


@dataclass(frozen=True, kw_only=True)
class ArtworkRecipe:
    """Everything that decides an artwork besides its pictures and the network.

    Raises: ConfigError if a value makes no sense.
    """

    size: int = 1024
    """The picture's longest side in px."""
    iterations: int = 500
    """Evaluations of the losses and their gradient, over all sizes together. One L-BFGS step is one evaluation, and
    another for each time that it has to be shortened."""
    coarsest: int = 256
    """Sizes double from about this longest side up to `size`; each starts from the one before."""
    share: float = 0.5
    """How many evaluations a size gets, as a part of those of the size half as large: it costs four times as much."""
    content: float = 1.0
    style: float = 20.0
    """More makes bolder strokes and a less faithful picture."""
    shading: float = 10.0
    """More keeps even areas free of the paintings' darker shapes."""
    variation: float = 2.0
    """Total variation: more makes smoother paint and less grain."""
    range: float = 10.0
    """How strongly values beyond black and white are pulled back."""
    layers: Layers | None = None
    """None: DEEP or SHALLOW, as the network allows."""
    stroke: float = 1.0
    """How large the paintings are seen, relative to the content: twice as large doubles the strokes."""
    colours: Colours = "painting"
    noise: float = 0.0
    """How the picture begins: 0 is the content, 1 is noise, and between them a mix."""
    seed: int = 0
    tolerance: float = 1e-3
    """A size is finished early when `patience` evaluations lower the loss by less than this part of it; 0 never is."""
    patience: int = 25
    history: int = 100
    """Steps that L-BFGS remembers, or as many as fit into 4 GB: each takes two pictures of float32."""
    keep_every: int = 100
    """Evaluations between two kept states within a size. L-BFGS forgets there, so that a resumed run equals an
    unbroken one."""

    def __post_init__(self) -> None:
        for name in ("content", "style", "shading", "variation", "range"):
            _check(self, name, 0 <= getattr(self, name) < math.inf, "0 or more")
        for name in ("iterations", "coarsest", "patience", "history", "keep_every"):
            _check(self, name, getattr(self, name) >= 1, "1 or more")
        _check(self, "size", 1 <= self.size <= _LARGEST_PX, f"1 to {_LARGEST_PX} px")
        _check(self, "share", 0 < self.share <= 1, "more than 0, at most 1")
        _check(self, "stroke", 0.05 <= self.stroke <= 20, "0.05 to 20")
        _check(self, "noise", 0 <= self.noise <= 1, "0 to 1")
        _check(self, "tolerance", 0 <= self.tolerance < 1, "0 or more and less than 1")
        _check(self, "colours", self.colours in get_args(Colours), f"one of {', '.join(get_args(Colours))}")

    def sizes(self) -> list[int]:
        """Longest sides in px, coarse to fine; the last is `size`."""
        halvings = max(0, round(math.log2(self.size / self.coarsest)))
        return [max(1, round(self.size / 2**halving)) for halving in range(halvings, -1, -1)]

    def budgets(self) -> list[int]:
        """Evaluations of each size, coarse to fine; together they are `iterations`."""
        parts = [self.share**number for number in range(len(self.sizes()))]
        ends = [0] + [round(self.iterations * sum(parts[: n + 1]) / sum(parts)) for n in range(len(parts))]
        return [stop - start for start, stop in pairwise(ends)]

    def layers_for(self, offered: Sequence[str]) -> Layers:
        """The layers to compare in a network that offers these.

        Raises: ConfigError if the recipe names one that the network lacks.
        """
        chosen = self.layers or (DEEP if "relu5_1" in offered else SHALLOW)
        for layer in {name for level in (*chosen.content, *chosen.style) for name in level}:
            if layer not in offered:
                raise ConfigError(f"layers: the feature network has no {layer!r}; it has {', '.join(offered)}")
        if not any(chosen.style):
            raise ConfigError("layers: no layer for the style is named; name at least one")
        return chosen


def _check(recipe: ArtworkRecipe, name: str, is_right: bool, wanted: str) -> None:
    if not is_right:
        raise ConfigError(f"{name}: {getattr(recipe, name)!r} is out of range; give {wanted}")
