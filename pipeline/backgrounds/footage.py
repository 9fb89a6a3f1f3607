"""Frames that can lie behind a poster, wherever they come from: what all sources of them have in common."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from pipeline.backgrounds.brief import Film
from pipeline.painter import Work
from pipeline.provenance import LATENT, LATENT_SHAPE

TOGETHER = 16
"""Frames that are painted in one go, at most: more would be painted for nobody where a chunk ends."""


@dataclass(frozen=True)
class Picture:
    """A frame, and what it says of itself."""

    pixels: np.ndarray
    """(H, W, 3) uint8, sRGB; or (H, W, 4), the fourth straight alpha, of a kind whose frames have any."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """As pipeline/provenance.py has them, without latents."""


class Footage(Protocol):
    """Numbered frames: pictures, a film, or both."""

    @property
    def film(self) -> Film | None:
        """The frames that move, if any do."""
        ...

    @property
    def stills(self) -> int:
        """How many are pictures for their own sake; 0 of a film alone."""
        ...

    def still(self, index: int) -> int:
        """The frame of such a picture, from 0."""
        ...

    def digest(self, work: Work) -> str:
        """Of all that decides the frames: the same for two that are alike."""
        ...

    def together(self, frame: int, wanted: Sequence[int]) -> tuple[int, int]:
        """The frames `[start, stop)` to paint where `frame` is needed now and `wanted`, rising, before long."""
        ...

    def paint(self, start: int, stop: int, work: Work) -> Iterator[Picture]:
        """Frames `[start, stop)`, in order. Raises: as a Painter."""
        ...


def without_latent(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts but for the numbers of a latent, which are long and are another picture's."""
    return {name: value for name, value in facts.items() if name not in (LATENT, LATENT_SHAPE)}


def run_from(frame: int, wanted: Sequence[int], *, stop: int, most: int = TOGETHER, gap: int = 0) -> tuple[int, int]:
    """`[frame, end)`: on to the last of the wanted frames that follow each other, up to `stop` and `most` of them.

    `wanted` rises. Up to `gap` frames between two of them may be painted for nothing.
    """
    end = frame + 1
    for following in wanted[bisect_left(wanted, end) :]:
        if following > end + gap or following >= min(stop, frame + most):
            break
        end = following + 1
    return frame, end
