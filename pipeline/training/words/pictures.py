"""The pictures that the model of words learns from: drawn once, by seed, and kept in a folder.

A seed draws one picture of each kind. `pictures.npy` holds them, (N, 64, 64, 3) uint8 sRGB, and `facts.json` what is
told of each.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from pipeline.drawing.told import KINDS, Facts, held_out, mirrored

SHARES = {"portrait": 5, "room": 4, "poster": 3}
"""Of so many pictures in a dozen: portraits have most to be learnt."""

_PORTION = 512
"""Pictures that are drawn in one go, by several processes."""

_TESTED_FROM = 1_000_000
"""Seeds from here on are for testing."""


@dataclass(frozen=True)
class Told:
    """Pictures and their facts."""

    pictures: np.ndarray
    """(N, side, side, 3) uint8 sRGB."""
    facts: list[Facts]

    def __len__(self) -> int:
        return len(self.facts)

    def batch(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, list[Facts]]:
        """So many of them by lot, (count, side, side, 3) uint8, every second one mirrored, with their facts."""
        chosen = np.sort(rng.integers(len(self), size=count))
        pictures, facts = np.array(self.pictures[chosen]), [self.facts[at] for at in chosen]
        for at in np.flatnonzero(rng.random(count) < 0.5).tolist():
            pictures[at], facts[at] = pictures[at, :, ::-1], mirrored(facts[at])
        return pictures, facts


def drawn(folder: Path, count: int, side: int, *, report: Callable[[int], None] = lambda done: None) -> Told:
    """So many pictures to learn from, none of which is `held_out`: from a folder, or drawn now and kept there."""
    pictures, facts = folder / f"pictures-{side}.npy", folder / f"facts-{side}.json"
    if not facts.exists():
        folder.mkdir(parents=True, exist_ok=True)
        told = _collected(_many(count, side, first=0, tested=False), count, side, report)
        with pictures.open("wb") as file:
            np.save(file, told.pictures)
        unfinished = facts.with_suffix(".part")
        unfinished.write_text(json.dumps(told.facts))
        os.replace(unfinished, facts)
    kept = json.loads(facts.read_text())
    return Told(np.load(pictures, mmap_mode="r")[:count], kept[:count])


def tested(count: int, side: int, *, pairs: bool) -> Told:
    """So many pictures that were never learnt from: with `pairs`, of pairs that are held out; else of other seeds."""
    return _collected(_many(count, side, first=_TESTED_FROM, tested=pairs), count, side, lambda done: None)


def _collected(
    drawn_ones: Iterator[tuple[np.ndarray, Facts]], count: int, side: int, report: Callable[[int], None]
) -> Told:
    pictures, facts = np.empty((count, side, side, 3), np.uint8), []
    for at, (picture, told) in zip(range(count), drawn_ones, strict=False):
        pictures[at] = picture
        facts.append(told)
        report(at + 1)
    return Told(pictures, facts)


def _many(count: int, side: int, *, first: int, tested: bool) -> Iterator[tuple[np.ndarray, Facts]]:
    """Pictures of all kinds, mixed by SHARES, that are held out or are not."""
    order = [kind for kind, share in SHARES.items() for _ in range(share)]
    np.random.default_rng(0).shuffle(order)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        # In portions: what was asked of a pool is done, wanted or not.
        for begin in itertools.count(first, _PORTION):
            wanted = [(order[at % len(order)], at) for at in range(begin, begin + _PORTION)]
            yield from filter(None, pool.map(partial(_one, side=side, tested=tested), wanted, chunksize=_PORTION // 16))


def _one(wanted: tuple[str, int], *, side: int, tested: bool) -> tuple[np.ndarray, Facts] | None:
    kind, seed = wanted
    picture, facts = KINDS[kind].picture(seed, side)
    return (picture, facts) if held_out(facts) == tested else None
