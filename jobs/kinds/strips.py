"""The keys of strips: one design in a row of pictures, as one of its attributes grows."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from jobs.kinds.keys import Keys
from jobs.kinds.seeds import LARGEST_SEED
from pipeline.board.check import MOST_STEPS, MOST_STRIPS

_LEAST, _FURTHEST = 0.1, 5.0
"""Deviations of an attribute: of a strip's end, and beyond which there are no rooms."""


def _check_range(value: float) -> float:
    # Written so that .nan is out of range as well.
    if not _LEAST <= value <= _FURTHEST:
        raise ValueError(
            f"strips.range: {value:g} is out of range; it is {_LEAST:g} to {_FURTHEST:g} standard deviations"
        )
    return value


def _check_attributes(value: list[str]) -> list[str]:
    if not 1 <= len(value) <= MOST_STRIPS:
        raise ValueError(f"strips: names {len(value)} attributes; 1 to {MOST_STRIPS} have one each")
    return list(dict.fromkeys(value))


class Strips(Keys):
    """Which strips."""

    attributes: Annotated[
        list[str], AfterValidator(_check_attributes), Field(description="one strip each, as [warmth, window]")
    ]
    of: Annotated[
        int | None, Field(ge=0, le=LARGEST_SEED, description="seed of the design; default the job's first")
    ] = None
    reach: Annotated[
        float,
        AfterValidator(_check_range),
        Field(alias="range", description="how far to either side, in standard deviations"),
    ] = 2.0
    steps: Annotated[
        int, Field(ge=2, le=MOST_STEPS, description="pictures of each; of an odd number, one is as it was")
    ] = 5

    @property
    def amounts(self) -> tuple[float, ...]:
        """From least to most, the same to both sides."""
        gap = 2 * self.reach / (self.steps - 1)
        return tuple(round(gap * (step - (self.steps - 1) / 2), 6) + 0.0 for step in range(self.steps))

    def said(self, amount: float) -> str:
        """An amount as pictures are called after it: `+1.0`; with as many digits as tell them apart."""
        digits = next(n for n in (1, 2, 3) if len({f"{each:+.{n}f}" for each in self.amounts}) == self.steps)
        return f"{amount:+.{digits}f}"


def check_strips(value: object) -> object:
    """A list is of attributes."""
    if isinstance(value, list):
        return {"attributes": value}
    if not isinstance(value, dict | Strips):
        raise ValueError("strips: write the attributes, as [warmth, window], or {of: 3, attributes: [warmth]}")
    return value
