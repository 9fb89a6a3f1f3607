"""Which frames of a job are rendered to measure it: nine, spread over it, and then runs of neighbours.

Frames alone tell how frames differ. They do not tell what a frame costs among others: a worker paints several side by
side, encodes meanwhile, and begins and ends each chunk with work that all its frames share. Runs tell that. The same
plan gives the same choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from jobs.records import Plan

SPOTS = 9
"""Frames that are rendered alone."""

_FEWEST = 3
"""Of them in each part of a job that has two, and in any case."""

_ALONE = 4
"""Of a short job, no more than one frame in so many."""

RUN_S = 60.0
"""A run is a whole chunk, unless that would take about so long or longer."""

_SHORTEST = 8
"""Frames in a run that is no whole chunk: what a GPU paints at once. Longer ones are multiples of it."""

_SHARE = 8
"""A run is no more than this part of its frames: who asks before a short job does not want most of it made."""

Span = tuple[int, int]
"""Frames `[start, stop)`."""


@dataclass(frozen=True)
class Part:
    """Frames that cost alike: a job's pictures, or those of its film."""

    start: int
    stop: int

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.stop - self.start

    def chunks(self, plan: Plan) -> list[Span]:
        """The job's chunks that hold them."""
        return [chunk for chunk in plan.chunks if self.start <= chunk[0] < self.stop]


def parts(plan: Plan) -> list[Part]:
    """A job's frames, parted where pictures end and a film begins."""
    edges = [0, plan.film_begins, plan.frames] if 0 < plan.film_begins < plan.frames else [0, plan.frames]
    return [Part(start, stop) for start, stop in pairwise(edges)]


def is_small(plan: Plan) -> bool:
    """Whether all of the job is rendered, for it has no more frames than would be rendered anyway."""
    return plan.frames <= SPOTS


def spots(plan: Plan) -> list[Span]:
    """Single frames in the middles of equal stretches, each a chunk of its own. Of a small job, its own chunks."""
    if is_small(plan):
        return list(plan.chunks)
    return [(frame, frame + 1) for part, count in _shares(parts(plan)) for frame in _spread(part, count)]


def _shares(some: list[Part]) -> list[tuple[Part, int]]:
    """How many of the nine each part gets: by its frames, but a few in any case."""
    if len(some) == 1:
        return [(some[0], min(SPOTS, max(_FEWEST, some[0].frames // _ALONE)))]
    total = sum(part.frames for part in some)
    first = min(max(round(SPOTS * some[0].frames / total), _FEWEST), SPOTS - _FEWEST)
    return [(some[0], first), (some[1], SPOTS - first)]


def _spread(part: Part, count: int) -> list[int]:
    count = min(count, part.frames)
    return [part.start + (2 * index + 1) * part.frames // (2 * count) for index in range(count)]


def runs(plan: Plan, part: Part, usual: Sequence[int], *, frame_s: float, most: int) -> list[Span]:
    """Runs of neighbours in a part, each the beginning of one of the job's chunks or all of it.

    `usual`: frames of the part that were rendered, those first that cost most like the others. `frame_s`: what one of
    them took alone, in seconds. `most`: how many runs are wanted.
    """
    chunks = part.chunks(plan)
    length = _length(part, max(stop - start for start, stop in chunks), frame_s)
    near = list(dict.fromkeys(next(chunk for chunk in chunks if chunk[0] <= frame < chunk[1]) for frame in usual))
    # Of a chunk that a cut has left short nothing could be learnt.
    near.sort(key=lambda chunk: -min(length, chunk[1] - chunk[0]))
    count = max(1, min(most, part.frames // (_SHARE * length)))
    return sorted((start, min(stop, start + length)) for start, stop in near[:count])


def _length(part: Part, chunk: int, frame_s: float) -> int:
    most = min(RUN_S / frame_s if frame_s else chunk, part.frames / _SHARE)
    if most >= chunk:
        return chunk
    return min(chunk, max(_SHORTEST, int(most) // _SHORTEST * _SHORTEST))


def lead_in(plan: Plan, start: int) -> int:
    """How many frames before `start` a chunk that begins there paints as well: none where its shot begins."""
    if not plan.lead_in:
        return 0
    shot = max((begins for begins in plan.inputs.get("shots", ()) if begins <= start), default=0)
    return min(plan.lead_in, start - shot)
