"""Film that stands still where the film stands still: painted frames blended along the source's motion. Torch-free.

An optional stage behind a network that paints frame by frame. Motion is flow.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from pipeline.errors import MediaError
from pipeline.film.flow import Trace, Tracker, moved
from pipeline.images import to_depth

_PERIOD = 8
"""Frames after which one of the two memories begins anew."""

PHASES = 2 * _PERIOD
"""Frames after which both memories are as old as they were: where a frame stands in its shot matters modulo this."""

LEAD_IN = PHASES - 1
"""Frames before a chunk that its first frame depends on. Given them, a chunked film equals an unchunked one exactly."""

_KEEP = 0.85
"""How much of a trusted pixel is taken from the memory."""

_DETAIL_PX = 1.2
"""Standard deviation of the blur whose loss is put back."""

_LEAST_DETAIL, _MOST_DETAIL = -0.5, 2.0
"""How many times that loss; below 0 it softens what moving by cubic interpolation has sharpened."""

_SHARE = 1.8
"""How much more than what is missing is put back: the blur takes only a part of an edge."""

_NEIGHBOURHOOD_PX = 15
"""Sharpness is compared over squares of this side."""

_GRAIN = 4.0
"""Squared 8-bit levels of sharpness that count as none, so that nothing is sharpened to match rounding."""

_WHITE = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65_535.0}


def steady(pairs: Iterable[tuple[np.ndarray, np.ndarray]], *, at: int) -> Iterator[np.ndarray]:
    """The painted frames of one shot without their flicker, as many as came in.

    `pairs`: source and painted frame, (H, W, 3) uint8 or uint16 RGB, all of one size; results have the painted type.
    `at`: the first pair's number in its shot. A chunk in the middle first gives the `LEAD_IN` frames before it, or
    all that the shot has, and discards their results; then it is, bit for bit, what one pass over the shot gives.

    Two memories of the shot are moved along with it, each taking in a little of every frame. An endless one would tell
    apart where chunks begin; so they begin anew by turns, and each counts for nothing when it does.
    Raises: MediaError if frames differ in size or are none.
    """
    tracker: Tracker | None = None
    memories: list[np.ndarray] = []
    for number, (source, painted) in enumerate(pairs, start=at):
        _check(source, painted, memories)
        seen = to_depth(source, deep=False)
        scale = np.float32(255 / _WHITE[painted.dtype])
        now = painted.astype(np.float32) * scale
        if tracker:
            trace = tracker.follow(seen)
            memories = [
                now if _age(number, turn) == 0 else _remembered(memory, now, trace)
                for turn, memory in enumerate(memories)
            ]
        else:
            tracker = Tracker(seen)
            memories = [now, now]
        weight = _weight(_age(number, 0))
        blended = cv2.addWeighted(memories[0], weight, memories[1], 1 - weight, 0)
        restored = sharpened(blended, sharpness(now))
        yield np.clip(np.rint(restored / scale), 0, _WHITE[painted.dtype]).astype(painted.dtype)


def _age(number: int, turn: int) -> int:
    """Frames since the memory began, were the shot endless."""
    return (number + turn * _PERIOD) % PHASES


def _weight(age: int) -> float:
    """0 for a new memory, 1 half its life later, and 0 again when it ends; the two always make 1."""
    return 1 - abs(age - _PERIOD) / _PERIOD


def _remembered(memory: np.ndarray, now: np.ndarray, trace: Trace) -> np.ndarray:
    """The memory moved to now, and now itself where something new is seen."""
    blended = moved(memory, trace.places, cubic=True)
    blended -= now
    blended *= (trace.trust * _KEEP)[..., None]
    blended += now
    return blended


def sharpened(blended: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The blended frame, around each pixel as sharp as is wanted; nothing else of what is wanted can flicker in it.

    `blended`: (H, W, 3) float32, 8-bit levels. `wanted`: the `sharpness` of a frame that was not blended.
    """
    missing = np.sqrt((wanted + _GRAIN) / (sharpness(blended) + _GRAIN)) - 1
    amount = np.clip(missing * _SHARE, _LEAST_DETAIL, _MOST_DETAIL)
    lost = blended - cv2.GaussianBlur(blended, (0, 0), _DETAIL_PX)
    return blended + lost * amount[..., None]


def sharpness(picture: np.ndarray) -> np.ndarray:
    """Mean square of the luma's Laplacian around each pixel: (H, W) float32, 8-bit levels squared."""
    edges = cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_32F)
    return cv2.blur(edges * edges, (_NEIGHBOURHOOD_PX, _NEIGHBOURHOOD_PX))


def _check(source: np.ndarray, painted: np.ndarray, memories: list[np.ndarray]) -> None:
    for name, frame in (("source", source), ("painted", painted)):
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.size == 0 or frame.dtype not in _WHITE:
            raise MediaError(
                f"the {name} frame is {frame.shape} {frame.dtype}; steadying needs (H, W, 3) uint8 or uint16"
            )
    if source.shape != painted.shape or (memories and memories[0].shape != painted.shape):
        first = f", the shot's first {memories[0].shape[:2]}" if memories else ""
        raise MediaError(
            f"the painted frame is {painted.shape[:2]}, its source {source.shape[:2]}{first};"
            " a shot is steadied at one size"
        )
