"""What is done to clips: another rate, the other side, a part, one after the other. Each gives a new clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip
from pipeline.motion.rotations import about, multiply, slerp, to_matrices, yaw_of
from pipeline.motion.skeleton import Skeleton

_ACROSS = np.array([-1.0, 1.0, 1.0])
_TURNED_ACROSS = np.array([1.0, 1.0, -1.0, -1.0])
"""A turn seen in a mirror at x = 0: about x it is the same, about y and z the other way round."""


def resampled(clip: Clip, rate: Fraction) -> Clip:
    """The clip at another rate, from its first frame to its last: turns by slerp, places in straight lines.

    Frames whose time one of the clip's frames has are that frame.
    """
    if rate == clip.rate:
        return clip
    count = int((clip.frames - 1) * rate / clip.rate) + 1
    step = clip.rate / rate
    # Exact: so many whole frames, and what is left over.
    places = [divmod(number * step.numerator, step.denominator) for number in range(count)]
    before = np.array([whole for whole, _ in places])
    share = np.array([rest for _, rest in places]) / step.denominator
    after = np.minimum(before + 1, clip.frames - 1)

    def between(values: np.ndarray) -> np.ndarray:
        part = share.reshape(-1, *[1] * (values.ndim - 1))
        return values[before] + part * (values[after] - values[before])

    turns = slerp(clip.turns[before], clip.turns[after], np.broadcast_to(share[:, None], (count, clip.turns.shape[1])))
    bones = None if clip.bones is None else between(clip.bones)
    return Clip(clip.skeleton, rate, between(clip.roots), turns, bones)


def cut(clip: Clip, start: int, stop: int) -> Clip:
    """Frames `[start, stop)`. Raises: MediaError if there are none, or not so many."""
    if not 0 <= start < stop <= clip.frames:
        raise MediaError(f"frames {start} to {stop} are no part of a clip of {clip.frames} frames; choose from 0 on")
    bones = None if clip.bones is None else clip.bones[start:stop]
    return replace(clip, roots=clip.roots[start:stop], turns=clip.turns[start:stop], bones=bones)


def mirrored(clip: Clip) -> Clip:
    """Left and right exchanged, as in a mirror at x = 0. Joints are paired by their names.

    Raises: MediaError if a joint has no partner.
    """
    skeleton = clip.skeleton
    pair = [_partner(skeleton, name) for name in skeleton.names]
    order = np.array(pair)
    offsets = skeleton.offsets_m[order] * _ACROSS
    tips = {joint: np.array(tip) * _ACROSS for joint, tip in skeleton.tips}
    made = replace(
        skeleton,
        offsets=tuple((float(x) + 0.0, float(y), float(z)) for x, y, z in offsets),
        tips=tuple((pair[joint], (float(x) + 0.0, float(y), float(z))) for joint, (x, y, z) in tips.items()),
    )
    made = replace(made, tips=tuple(sorted(made.tips, key=lambda tip: _place_of_tip(skeleton, tip[0]))))
    bones = None if clip.bones is None else clip.bones[:, order] * _ACROSS
    return Clip(made, clip.rate, clip.roots * _ACROSS, clip.turns[:, order] * _TURNED_ACROSS, bones)


def moved(clip: Clip, *, yaw: float, to: np.ndarray) -> Clip:
    """Turned about the vertical through the first frame's root, which is then brought to `to`: `(3,)` metres."""
    turn = about(1, np.array(yaw))
    roots = (clip.roots - clip.roots[0]) @ to_matrices(turn).T + to
    turns = clip.turns.copy()
    turns[:, 0] = multiply(np.broadcast_to(turn, turns[:, 0].shape), turns[:, 0])
    return replace(clip, roots=roots, turns=turns)


def joined(clips: Sequence[Clip], *, overlap: int = 0) -> Clip:
    """One clip after the other, each going on from where the one before stands, in its direction.

    `overlap`: frames over which the end of one becomes the beginning of the next.
    Raises: MediaError if their skeletons or rates differ, or one has no more frames than overlap.
    """
    whole = clips[0]
    for number, clip in enumerate(clips[1:], start=2):
        if clip.skeleton != whole.skeleton:
            raise MediaError(f"clip {number} cannot follow: it has another skeleton; retarget both first")
        if clip.rate != whole.rate:
            rates = f"{float(clip.rate):g} frames a second follow {float(whole.rate):g}"
            raise MediaError(f"clip {number} cannot follow: {rates}; resample one first")
        if min(clip.frames, whole.frames) <= overlap:
            raise MediaError(
                f"clip {number} cannot follow: {overlap} frames overlap, and one clip has no more than these"
            )
        whole = _followed(whole, clip, overlap)
    return whole


def _followed(first: Clip, second: Clip, overlap: int) -> Clip:
    start = first.frames - max(overlap, 1)
    yaw = float(yaw_of(first.turns[start, 0]) - yaw_of(second.turns[0, 0]))
    to = np.array([first.roots[start, 0], second.roots[0, 1], first.roots[start, 2]])
    second = moved(second, yaw=yaw, to=to)
    if not overlap:
        # Its first frame stands where the last one does.
        second = cut(second, 1, second.frames) if second.frames > 1 else second
    share = np.arange(1, overlap + 1) / (overlap + 1)
    keep = first.frames - overlap

    def mixed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
        part = share.reshape(-1, *[1] * (before.ndim - 1))
        blend = before[keep:] + part * (after[:overlap] - before[keep:])
        return np.concatenate([before[:keep], blend, after[overlap:]])

    part = np.broadcast_to(share[:, None], (overlap, first.turns.shape[1]))
    blend = slerp(first.turns[keep:], second.turns[:overlap], part)
    turns = np.concatenate([first.turns[:keep], blend, second.turns[overlap:]])
    bones = None
    if first.bones is not None or second.bones is not None:
        bones = mixed(_bones(first), _bones(second))
    return Clip(first.skeleton, first.rate, mixed(first.roots, second.roots), turns, bones)


def _bones(clip: Clip) -> np.ndarray:
    if clip.bones is not None:
        return clip.bones
    return np.broadcast_to(clip.skeleton.offsets_m, (clip.frames, *clip.skeleton.offsets_m.shape))


def _partner(skeleton: Skeleton, name: str) -> int:
    """Place of the joint on the other side; of joints in the middle, their own."""
    for here, there in (("Left", "Right"), ("left", "right"), ("L", "R"), ("l", "r")):
        for one, other in ((here, there), (there, here)):
            for candidate in (other + name.removeprefix(one), name.removesuffix(one) + other, name.replace(one, other)):
                if one in name and candidate != name and candidate in skeleton.index:
                    return skeleton.index[candidate]
    if "left" in name.casefold() or "right" in name.casefold():
        raise MediaError(
            f"the joint {name} has no partner on the other side, so it cannot be mirrored; retarget it first"
        )
    return skeleton.index[name]


def _place_of_tip(skeleton: Skeleton, joint: int) -> int:
    return [place for place, _ in skeleton.tips].index(joint)
