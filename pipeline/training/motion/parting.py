"""Which parts of the clips are learnt and which only measure; cycles are repeated. Torch-free: planning asks, too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip
from pipeline.motion.dataset import Motions
from pipeline.motion.editing import cut
from pipeline.motion.features import WIDTH, features_of
from pipeline.training.motion.brief import MEASURED_FRAMES, MotionRecipe
from pipeline.training.motion.cycles import looped


@dataclass(frozen=True, eq=False)
class Parts:
    """What is done with the clips."""

    learnt: tuple[tuple[Clip, int], ...]
    """Each with the place of its class."""
    held_out: tuple[np.ndarray, ...]
    """Features `(frames, 203)` of each class that are not learnt; there may be no frames."""
    looped: tuple[str, ...]
    """Classes all of whose takes are repeated cycles."""


def parted(motions: Motions, recipe: MotionRecipe) -> Parts:
    """What is learnt, and the end of each class' longest take, which is not.

    Of repeated cycles nothing is held out, for it would be the same again.
    Raises: MediaError if a class has too little to learn from.
    """
    learnt: list[tuple[Clip, int]] = []
    held_out: list[np.ndarray] = []
    cycles = []
    for action, name in enumerate(motions.classes):
        clips = [take.clip for take in motions.takes if take.action == name]
        longer = [_repeated(clip, recipe) for clip in clips]
        whole = [clip for clip, other in zip(clips, longer, strict=True) if other is None]
        if not whole:
            cycles.append(name)
        kept = [other or clip for clip, other in zip(clips, longer, strict=True)]
        last, count = _last(whole, recipe)
        if last is not None:
            kept[kept.index(last)] = cut(last, 0, last.frames - count)
        held_out.append(np.empty((0, WIDTH), np.float32) if last is None else features_of(last)[-count:])
        learnt += [(clip, action) for clip in _usable(kept, name, recipe)]
    return Parts(tuple(learnt), tuple(held_out), tuple(cycles))


def _repeated(clip: Clip, recipe: MotionRecipe) -> Clip | None:
    """The cycle of a clip that is too short to be learnt well, if it has one."""
    if not recipe.loop or clip.seconds >= recipe.loop / 2:
        return None
    return looped(clip, recipe.loop)


def _last(clips: list[Clip], recipe: MotionRecipe) -> tuple[Clip | None, int]:
    """The longest clip, and how many frames of its end are held out; None if there would be too little left."""
    if not clips or not recipe.held_out:
        return None, 0
    longest = max(clips, key=lambda clip: clip.frames)
    count = max(MEASURED_FRAMES, round(recipe.held_out * sum(clip.frames for clip in clips)))
    return (longest, count) if longest.frames - count >= recipe.window else (None, 0)


def _usable(clips: list[Clip], name: str, recipe: MotionRecipe) -> list[Clip]:
    usable = [clip for clip in clips if clip.frames >= recipe.window]
    if not usable:
        longest = max(clip.frames for clip in clips)
        raise MediaError(
            f"{name}: its longest clip has {longest} frames at {recipe.rate} a second, and {recipe.window} are learnt "
            "at a time; add a longer clip, leave the class out, or learn shorter windows"
        )
    return usable
