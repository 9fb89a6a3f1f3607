"""Figures made ready to be drawn, and which of them have to be drawn together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.motion.clip import Pose
from pipeline.motion.view.body import Body, Parts, parts_of, together
from pipeline.motion.view.figures import Figure
from pipeline.motion.view.surface_rows import Box
from pipeline.motion.view.views import View

_METAL = 1.5
"""So much brighter is a blade than its colour: it mirrors the room, even where no lamp falls on it."""


@dataclass(frozen=True, eq=False)
class Actor:
    """A figure with its body."""

    figure: Figure
    pose: Pose
    body: Body
    colours: np.ndarray
    """`(P, 3)`, of each part; 1 is white."""

    def parts(self, frame: int) -> Parts:
        """Its body in a frame; after the last, as in it."""
        return self.body.placed(self.pose, min(frame, len(self.pose.positions) - 1))


def actor(figure: Figure, pose: Pose) -> Actor:
    """`pose`: where the figure's joints are, placed on the stage and at the film's rate."""
    body = Body(parts_of(figure.prop))
    bright = [_METAL if part.slot == "blade" else 1.0 for part in body.parts]
    colours = np.array([getattr(figure.palette, part.slot) for part in body.parts]) / 255 * np.array(bright)[:, None]
    return Actor(figure, pose, body, colours)


@dataclass(frozen=True, eq=False)
class Group:
    """Figures that overlap in the picture: their limbs may cross."""

    parts: Parts
    colours: np.ndarray
    """`(P, 3)`."""
    blends_m: np.ndarray
    """`(P,)`."""


def groups(actors: Sequence[Actor], frame: int, view: View) -> list[Group]:
    """All figures of a frame, the farthest group first."""
    made: list[tuple[Box, float, list[Actor]]] = []
    for one in actors:
        parts = one.parts(frame)
        box, far, members = _around(parts, view), float(view.seen(parts.starts)[:, 2].mean()), [one]
        for other in [group for group in made if _overlap(box, group[0])]:
            made.remove(other)
            box, far, members = _hull(box, other[0]), max(far, other[1]), other[2] + members
        made.append((box, far, members))
    made.sort(key=lambda group: -group[1])
    return [
        Group(
            together([one.parts(frame) for one in members]),
            np.concatenate([one.colours for one in members]),
            np.concatenate([one.body.blends_m for one in members]),
        )
        for _, _, members in made
    ]


def _around(parts: Parts, view: View) -> Box:
    """A box that holds all parts, wherever in the picture or beside it."""
    places = view.pixels(np.concatenate([parts.starts, parts.stops]))
    nearest = max(float(view.seen(parts.starts)[:, 2].min()), 0.1)
    more = float(parts.radii.max()) * 2 * view.focal / nearest
    (left, top), (right, bottom) = (places.min(axis=0) - more).tolist(), (places.max(axis=0) + more).tolist()
    return int(left), int(top), int(right), int(bottom)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _hull(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
