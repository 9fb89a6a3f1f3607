"""Where figures stand: each at the place that it is given, or side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from pipeline.errors import InputError
from pipeline.motion.clip import Clip, Pose, posed
from pipeline.motion.editing import moved, resampled
from pipeline.motion.figure import FIGURE
from pipeline.motion.rotations import yaw_of
from pipeline.motion.view.figures import Figure

_APART_M = {None: 1.3, "sword": 2.1}
"""Between the middles of neighbours: half of each one's room."""


def placed(figures: Sequence[Figure], rate: Fraction) -> list[Pose]:
    """Where every joint of every figure is in each frame of a film of that rate.

    Raises: InputError if there is no figure, or a clip has no frames, another skeleton, or numbers that are not finite.
    """
    if not figures:
        raise InputError("the stage is empty; give at least one figure")
    for number, figure in enumerate(figures, start=1):
        _check(figure.clip, number)
    places = _side_by_side(figures)
    return [
        posed(resampled(_moved(figure, place, figures), rate)) for figure, place in zip(figures, places, strict=True)
    ]


def _check(clip: Clip, number: int) -> None:
    if clip.skeleton != FIGURE:
        raise InputError(f"figure {number} has a skeleton of its own; retarget its clip first")
    if not clip.frames:
        raise InputError(f"figure {number} has a clip without frames; give at least one")
    if not (np.isfinite(clip.roots).all() and np.isfinite(clip.turns).all()):
        raise InputError(f"figure {number} has frames that are not finite numbers; repair its clip first")


def _side_by_side(figures: Sequence[Figure]) -> list[np.ndarray | None]:
    """`(2,)` metres of each; None: as recorded. Who has no place stands in a row, to the right of the first one."""
    waiting = [number for number, figure in enumerate(figures) if figure.place is None]
    made: list[np.ndarray | None] = [None if figure.place is None else np.array(figure.place) for figure in figures]
    if len(figures) == 1 or not waiting:
        return made
    yaw = _facing(figures[waiting[0]], figures)
    right = np.array([-math.cos(yaw), math.sin(yaw)])
    rooms = [_APART_M[figures[number].prop] for number in waiting]
    ends = np.cumsum(rooms)
    for number, end, room in zip(waiting, ends, rooms, strict=True):
        made[number] = right * (end - room / 2 - ends[-1] / 2)
    return made


def _facing(figure: Figure, figures: Sequence[Figure]) -> float:
    """Radians. Who of several has neither place nor direction faces where the first one does."""
    if figure.facing_deg is not None:
        return math.radians(figure.facing_deg)
    if figure.place is None and figure is not figures[0]:
        return _facing(figures[0], figures)
    return float(yaw_of(figure.clip.turns[0, 0]))


def _moved(figure: Figure, place: np.ndarray | None, figures: Sequence[Figure]) -> Clip:
    clip, root = figure.clip, figure.clip.roots[0]
    if place is None and figure.facing_deg is None:
        return clip
    x, z = (root[0], root[2]) if place is None else place
    yaw = _facing(figure, figures) - float(yaw_of(clip.turns[0, 0]))
    return moved(clip, yaw=yaw, to=np.array([x, root[1], z]))
