"""What kinds have in common that take a film or pictures of the user's: probing, ranges, names, deliverables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.kinds.overwriting import overwritten
from jobs.kinds.values import movies
from jobs.records import Plan
from pipeline.errors import MediaError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.probe import probe
from pipeline.film.source import Source


def probed(url: str, fps: str | int | float | None, settings: Settings, *, key: str = "source") -> Source:
    """The source of a job, which its file names by `key`. Raises: FieldProblem if it cannot be used."""
    try:
        rate = Fraction(fps) if fps else None
        return probe(url, rate=rate, limits=settings.limits(), options=settings.store_options())
    except MediaError as error:
        raise FieldProblem(key, str(error)) from error


def range_of(frames: str | int | None, source: Source) -> tuple[int, int]:
    """`[start, stop)` of `1-240`, counted from the source's first frame. Raises: FieldProblem."""
    if frames is None:
        return 0, source.frames
    first, last = (int(number) for number in str(frames).split("-"))
    begin, end = source.first, source.first + source.frames - 1
    if first < begin or last > end:
        raise FieldProblem("frames", f"frames: {first}-{last} leaves the source, which has frames {begin}-{end}")
    return first - begin, last - begin + 1


def chunks_of(frames: int, size: int) -> tuple[tuple[int, int], ...]:
    """Chunks of equal length, but for the last."""
    edges = [*range(0, frames, size), frames]
    if len(edges) > 2 and size > 1 and edges[-1] - edges[-2] == 1:
        # Alone, a last frame that is cut off would have no other to stand in for it.
        del edges[-2]
    return tuple(pairwise(edges))


def called(source: Source) -> str:
    """What people call a source that does not move."""
    return "a folder of pictures" if source.kind == "folder" else "a picture"


def check_movies(deliver: Iterable[str], source: Source) -> None:
    """Raises: FieldProblem if a movie is asked of what does not move."""
    moving = movies(deliver)
    if moving and source.rate is None:
        said = f"{', '.join(moving)} cannot be made of {called(source)}"
        raise FieldProblem("deliver", f"deliver: {said}; ask for png or jpeg")


def check_source_is_kept(plan: Plan, source: Source) -> None:
    """Raises: FieldProblem if a deliverable would replace a file of the source."""
    replaced = overwritten(plan, source)
    if replaced is not None:
        raise FieldProblem("output", f"output: {replaced} is part of the source and would be replaced; choose another")


def delivered_names(source: Source) -> tuple[str, ...]:
    """The pictures of a folder keep their names; where two differ in their endings alone, with the endings."""
    if source.kind != "folder":
        return ()
    stems = [name.rpartition(".")[0] for name in source.names]
    often = Counter(stems)
    names = tuple(stem if often[stem] == 1 else name for stem, name in zip(stems, source.names, strict=True))
    # An ending that is kept may make the name of a third: a.png of a.png beside a.jpg, and of a.png.png.
    return names if len(set(names)) == len(names) else source.names


def is_deep(deliver: Iterable[str], source: Source) -> bool:
    """Whether frames are kept in 16 bits: a deep deliverable of a deep source, or deep pictures, asked for as such."""
    deep = [DELIVERABLES[name] for name in deliver if DELIVERABLES[name].deep]
    return any(source.bit_depth > 8 or row.made_of == "frames" for row in deep)
