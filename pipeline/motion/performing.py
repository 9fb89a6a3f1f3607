"""What a brief's figures do, as clips of our skeleton at the film's rate: files cut and retargeted, the rest generated.

Planning counts a recording's frames by the very function by which workers read it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

from pipeline.errors import MediaError
from pipeline.motion.brief import Act, FigureBrief, Recording
from pipeline.motion.clip import Clip
from pipeline.motion.editing import cut, resampled
from pipeline.motion.passages import followed
from pipeline.motion.retarget import retarget
from pipeline.motion.steering import Path

LONGEST_S = 600.0
"""Of one clip."""

_BESIDE_S = 10.0
"""Before and after a part of a recording that say where its floor is: a jump alone would begin on it."""

Generate = Callable[[list[tuple[str, float]], list[int], Path | None], Clip]
"""(actions with their seconds, a seed for each, path) → a clip at the film's rate: see generation.py."""


def recorded(clip: Clip, recording: Recording, rate: Fraction) -> Clip:
    """The part of a recording on our skeleton, at a rate. `clip`: all of it, as its file has it.

    Raises: MediaError if there is no such part, it is too long, or its skeleton is none of a person's.
    """
    if recording.rate is not None:
        clip = replace(clip, rate=recording.rate)
    start, stop = _frames(clip, recording)
    before, after = (max(0, start - _beside(clip)), min(clip.frames, stop + _beside(clip)))
    ours = retarget(cut(clip, before, after), where=recording.name, mapping=recording.joints)
    return resampled(cut(ours, start - before, stop - before), rate)


def performed(figure: FigureBrief, rate: Fraction, *, read: Callable[[Recording], Clip], generate: Generate) -> Clip:
    """All that a figure does, one act after the other. `read`: the clip of a recording's file, as it is.

    Raises: MediaError, and as `generate`.
    """
    clips: list[Clip] = []
    for _, group in groupby(enumerate(figure.acts), key=lambda numbered: _made_with(*numbered)):
        acts = [act for _, act in group]
        first = acts[0]
        if first.recording is not None:
            clip = recorded(read(first.recording), first.recording, rate)
        else:
            actions = [(act.action, float(act.frames / rate)) for act in acts]
            clip = generate(actions, [act.seed for act in acts], first.path or None)
        clips.append(_whole(clip, acts))
    return followed(clips)


def _made_with(number: int, act: Act) -> int:
    """The same of acts that are made together: the network knows better how actions become another than any curve."""
    is_alone = act.recording is not None or bool(act.path)
    return number if is_alone else -1


def _whole(clip: Clip, acts: list[Act]) -> Clip:
    """Raises: MediaError if the clip has other frames than were planned."""
    planned = sum(act.frames for act in acts)
    if clip.frames != planned:
        said = f"has {clip.frames:,} frames and was planned with {planned:,}"
        raise MediaError(f"{acts[0].said}: {said}; submit the job again")
    return clip


def _beside(clip: Clip) -> int:
    return round(_BESIDE_S * clip.rate)


def _frames(clip: Clip, recording: Recording) -> tuple[int, int]:
    """The part `[start, stop)` of the file's frames. Raises: MediaError."""
    start_s, lasts = recording.start_s, clip.seconds
    end_s = lasts if recording.end_s is None else recording.end_s
    if start_s >= lasts or end_s > lasts + float(1 / clip.rate):
        said = f"lasts {lasts:.2f} s, at {float(clip.rate):g} frames a second"
        raise MediaError(f"{recording.name}: {said}; {start_s:g} to {end_s:g} s are no part of it")
    if end_s - start_s > LONGEST_S:
        most = f"a clip at most {LONGEST_S:g}; give `start` and `end`"
        raise MediaError(f"{recording.name}: lasts {end_s - start_s:,.0f} s, and {most}")
    start = round(start_s * clip.rate)
    return start, min(clip.frames, max(start + 1, round(end_s * clip.rate)))
