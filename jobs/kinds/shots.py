"""Which shots a film job has, and which of its frames the job file gives another style than `style`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from jobs.config import Settings
from jobs.cuts import shots_of
from jobs.kinds.base import FieldProblem
from jobs.kinds.looks import Looks
from jobs.kinds.styles import shot_range
from pipeline.errors import MediaError
from pipeline.film.source import Source

if TYPE_CHECKING:
    from jobs.kinds.film import FilmSpec


def shots_of_job(spec: FilmSpec, source: Source, start: int, stop: int, settings: Settings) -> tuple[int, ...] | None:
    """The first frame of each shot, counted from the job's first; None if nothing depends on them.

    Raises: FieldProblem if the file names frames that are not there, or the source is damaged; StorageUnavailable.
    """
    if isinstance(spec.cuts, list):
        return stated(spec.cuts, source, start, stop)
    depends = spec.consistency == "flow" or spec.preserve_color == "palette" or spec.shots
    if spec.cuts == "none" or not (depends or spec.cuts == "detect"):
        return None
    try:
        return shots_of(source, start, stop, settings.store_options())
    except MediaError as error:
        raise FieldProblem("source", str(error)) from error


def stated(cuts: Sequence[int], source: Source, start: int, stop: int) -> tuple[int, ...]:
    """The first frame of each shot, counted from the job's first, where the file says where shots begin.

    Raises: FieldProblem if it names frames that are not there.
    """
    begin, end = source.first, source.first + source.frames - 1
    for number in cuts:
        if not begin <= number <= end:
            raise FieldProblem("cuts", f"cuts: there is no frame {number}; the source has frames {begin}-{end}")
    # Those outside the job's range are another job's.
    inside = {number - begin - start for number in cuts if start < number - begin < stop}
    return (0, *sorted(inside))


def styled_shots(spec: FilmSpec, shots: Sequence[int] | None, frames: int, looks: Looks) -> list[tuple[int, int, int]]:
    """The shots with styles of their own: (start, stop, look) each, in order.

    Raises: FieldProblem if a shot is not there, or has two styles; as `Looks.place`.
    """
    bounds = (*(shots or (0,)), frames)
    count = len(bounds) - 1
    ranges = sorted((*shot_range(key), key) for key in spec.shots)
    for (_, ends, one), (begins, _, other) in pairwise(ranges):
        if begins <= ends:
            raise FieldProblem(("shots", other), f"shots: {one} and {other} overlap; give each shot one style")
    styled = []
    for first, last, key in ranges:
        if last > count:
            there = "is 1" if count == 1 else f"are {count:,}"
            raise FieldProblem(
                ("shots", key), f"shots: there is no shot {last}; there {there}, and `atelier check` lists them"
            )
        styled.append((bounds[first - 1], bounds[last], looks.place(spec.shots[key], "shots", key)))
    return styled


def passages(
    spec: FilmSpec, first: int, frames: int, styled: Sequence[tuple[int, int, int]], looks: Looks
) -> Iterator[tuple[int, int, int]]:
    """The crossfades: (start, stop, the look after it) each, in order. `first`: the number of the job's first frame.

    Raises: FieldProblem if one leaves the job, overlaps the one before it or a shot with a style of its own; as
    `Looks.place`.
    """
    free = 0
    for index, fade in enumerate(spec.crossfade):
        key = ("crossfade", index, "frames")
        begins, ends = (int(number) for number in str(fade.frames).split("-"))
        start, stop = begins - first, ends - first + 1
        if start < 0 or stop > frames:
            raise FieldProblem(
                key, f"crossfade: {fade.frames} leaves the job, which has frames {first}-{first + frames - 1}"
            )
        if start < free:
            raise FieldProblem(key, f"crossfade: {fade.frames} begins before the one above it ends; put them in order")
        for begin, end, _ in styled:
            if begin < stop and start < end:
                taken = f"{first + begin}-{first + end - 1}"
                raise FieldProblem(
                    key, f"crossfade: {fade.frames} meets frames {taken}, a shot with its own style; keep out of it"
                )
        free = stop
        yield start, stop, looks.place(fade.to, "crossfade", index, "to")
