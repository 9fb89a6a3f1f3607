"""Jobs of pictures and, after them, a film: how many frames there may be, what people call them, where they are cut."""

from __future__ import annotations

from itertools import pairwise

from jobs.config import Settings
from jobs.kinds.base import FieldProblem


def check_count(key: str, count: int, what: str, settings: Settings) -> None:
    """Before anything is made for each of them. Raises: FieldProblem."""
    if count > settings.max_frames:
        most = f"at most {settings.max_frames:,} are allowed (ATELIER_MAX_FRAMES)"
        raise FieldProblem(key, f"{key}: the job has {count:,} {what}; {most}")


def numbered(begins: tuple[tuple[int, int], ...], seeded: int, frames: int) -> tuple[tuple[int, int], ...]:
    """What people call the frames: those of seeds by these, all further ones by the numbers after the last one.

    `begins`: (frame, its seed) wherever a row of seeds begins. `seeded`: how many frames have one.
    """
    if not begins:
        return ((0, 1),)
    last = begins[-1][1] + seeded - 1 - begins[-1][0]
    return (*begins, (seeded, last + 1)) if frames > seeded else begins


def chunks_of(pictures: int, frames: int, size: int) -> tuple[tuple[int, int], ...]:
    """Pictures and film apart, at most `size` frames a chunk."""
    edges = sorted({*range(0, pictures, size), *range(pictures, frames, size), frames})
    return tuple(pairwise(edges))
