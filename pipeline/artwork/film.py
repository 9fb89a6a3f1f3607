"""When the frames are given of the film in which an artwork comes into being."""

from __future__ import annotations

_EAGER = 2.0
"""What is seen of an evaluation fades about with the square root of those before, so early frames lie closer."""


def spread(frames: int, start: int, stop: int) -> tuple[int, ...]:
    """After how many evaluations, in `[start, stop)`, each frame but the film's last is given.

    No two at once, where there are enough evaluations.
    """
    length = stop - start
    due: list[int] = []
    for frame in range(frames):
        wanted = int(length * (frame / frames) ** _EAGER)
        earliest = due[-1] - start + 1 if due else 0
        latest = max(0, length - (frames - frame))
        due.append(start + min(max(wanted, earliest), latest))
    return tuple(due)
