"""A picture that comes into being as a job: it goes on wherever another worker left it, and its film is whole all the
same.

What becomes of the picture, and what its state is, is artwork/paint.py's and portraits/projection/project.py's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import numpy as np
from torch import Tensor

from pipeline.errors import IntegrityError, ModelError
from pipeline.images import decode_image, encode_png
from pipeline.painter import Work
from pipeline.tensors import to_pixels

log = logging.getLogger(__name__)

_PULSE_S = 0.5


class Snapshot(Protocol):
    """One frame of a picture's becoming."""

    @property
    def frame(self) -> int:
        """From 0."""
        ...

    @property
    def picture(self) -> Tensor:
        """`(1, 3, H, W)` float32 in [0, 1], sRGB."""
        ...


S = TypeVar("S", bound=Snapshot)
P = TypeVar("P")
"""A progress."""


def resumed(begin: Callable[..., Iterator[S]], work: Work) -> Iterator[S]:
    """`begin(state=…)` from the state that an earlier attempt saved, or without any if that cannot be used."""
    try:
        return begin(state=work.load_state())
    except ModelError as error:
        log.warning("beginning anew: %s", error)
        return begin()


def film(snapshots: Iterator[Snapshot], work: Work, *, frames: int, deep: bool) -> Iterator[np.ndarray]:
    """All frames, those that an earlier attempt had shown among them: (H, W, 3) uint8, or uint16 when deep, sRGB."""
    shown = 0
    for snapshot in snapshots:
        # What an earlier attempt had shown already lies beside its state.
        for frame in range(shown, snapshot.frame):
            yield _kept(frame, work, deep=deep)
        pixels = to_pixels(snapshot.picture, deep=deep)[0]
        if snapshot.frame < frames - 1:
            work.save_state(encode_png(pixels), _part(snapshot.frame))
        yield pixels
        shown = snapshot.frame + 1


def now_and_then(note: Callable[[P], str], work: Work) -> Callable[[P], None]:
    """A report that gives people its `note` of the progress every half second. Raises: Interrupted, as `pulse`."""
    due = 0.0

    def report(progress: P) -> None:
        nonlocal due
        if time.monotonic() >= due:
            work.pulse(note(progress))
            due = time.monotonic() + _PULSE_S

    return report


def _kept(frame: int, work: Work, *, deep: bool) -> np.ndarray:
    data = work.load_state(_part(frame))
    if data is None:
        raise IntegrityError(f"frame {frame + 1}: an earlier attempt did not keep it; redo the job")
    return decode_image(data, deep=deep)


def _part(frame: int) -> str:
    return f"frame-{frame:06d}.png"
