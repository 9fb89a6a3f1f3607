"""Jobs of pictures and, after them, a film: how many frames there may be, and where they are cut."""

from __future__ import annotations

from itertools import pairwise

from jobs.config import Settings
from jobs.kinds.base import FieldProblem


def check_count(key: str, count: int, what: str, settings: Settings) -> None:
    """Before anything is made for each of them. Raises: FieldProblem."""
    if count > settings.max_frames:
        most = f"at most {settings.max_frames:,} are allowed (ATELIER_MAX_FRAMES)"
        raise FieldProblem(key, f"{key}: the job has {count:,} {what}; {most}")


def chunks_of(pictures: int, frames: int, size: int) -> tuple[tuple[int, int], ...]:
    """Pictures and film apart, at most `size` frames a chunk."""
    edges = sorted({*range(0, pictures, size), *range(pictures, frames, size), frames})
    return tuple(pairwise(edges))
