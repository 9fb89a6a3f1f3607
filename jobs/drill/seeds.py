"""What a round does, drawn from its seed alone, so that a round can be repeated by itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from random import Random

_EARLIEST, _LATEST = 0.02, 0.85
"""Moments of a round's first and last blow while frames are painted, as shares of its frames."""

_COUNTS = (1, 1, 2, 2, 3)
"""Troubles a round: one alone shows what it costs, several show what nobody thought of."""


@dataclass(frozen=True)
class Blow:
    """One trouble of a round."""

    trouble: str
    moment: float
    """Share of the frames that are painted when it strikes."""
    seed: int
    """For what the trouble itself leaves to chance."""


@dataclass(frozen=True)
class Round:
    """One film, and what happens to it."""

    seed: int
    blows: tuple[Blow, ...]


def draw(seed: int, troubles: Collection[str]) -> Round:
    """The round of a seed. The same seed and troubles give the same round, on every machine."""
    # A text is hashed, so that neighbouring seeds have nothing in common.
    rng = Random(f"atelier drill {seed}")
    names = sorted(troubles)
    chosen = rng.sample(names, min(rng.choice(_COUNTS), len(names)))
    blows = [Blow(name, round(rng.uniform(_EARLIEST, _LATEST), 2), rng.getrandbits(32)) for name in chosen]
    return Round(seed, tuple(sorted(blows, key=lambda blow: blow.moment)))


def rounds(seed: int, count: int, troubles: Collection[str]) -> list[Round]:
    """The rounds of a drill: of seed, seed + 1, … so that `--seed` of one of them and `--rounds 1` repeats it."""
    return [draw(seed + index, troubles) for index in range(count)]
