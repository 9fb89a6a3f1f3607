"""A skeleton: joints that hang on each other, and how far apart. How they move is a clip's (clip.py)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Skeleton:
    """Joints in an order in which parents come before their children; the first is the root."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    """Place of each joint's parent; -1 of the root."""
    offsets: tuple[Point, ...]
    """Metres from the parent to each joint while nothing is turned; the root's is (0, 0, 0)."""
    tips: tuple[tuple[int, Point], ...] = ()
    """Where bones end that no joint follows, BVH's End Sites: place of the joint, and metres from it."""

    @cached_property
    def offsets_m(self) -> np.ndarray:
        """`(joints, 3)` metres."""
        return np.array(self.offsets, dtype=float).reshape(-1, 3)

    @cached_property
    def index(self) -> dict[str, int]:
        """Name → place."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Places of each joint's children."""
        made: list[list[int]] = [[] for _ in self.names]
        for place, parent in enumerate(self.parents):
            if parent >= 0:
                made[parent].append(place)
        return tuple(map(tuple, made))

    @cached_property
    def bone_lengths_m(self) -> np.ndarray:
        """`(joints,)` metres from each joint to its parent; 0 of the root."""
        return np.linalg.norm(self.offsets_m, axis=-1)

    def depth_first(self) -> list[int]:
        """Places in the order of a file that nests joints: each followed by all that hangs on it."""
        made, waiting = [], [0]
        while waiting:
            made.append(waiting.pop())
            waiting += reversed(self.children[made[-1]])
        return made

    def path(self, start: int, end: int) -> list[int]:
        """Places from `start` down to `end`, one of its descendants, both included; empty if it is none."""
        made = [end]
        while made[-1] != start:
            parent = self.parents[made[-1]]
            if parent < 0:
                return []
            made.append(parent)
        return made[::-1]
