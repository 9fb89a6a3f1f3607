"""Frames between two keyframes: what was diffused there, carried along the source's motion from both sides. Torch-free.

    first keyframe ──► traces joined, frame by frame ──►  weighed by nearness   ──►  as sharp as  ──►  the source's
    last keyframe  ◄── and what was lost on the way ◄──  and by what is trusted     a keyframe        details elsewhere

Motion is the source's, as flow.py finds it. A pixel counts as far as every step of its way is trusted there and back,
and its colour is the keyframe's at the end of it. Where it comes from neither keyframe, the frame's own pixels stand,
in the colours that the diffusion gave to what lies around.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.film.flow import Trace, joined, moved, resemblance
from pipeline.film.steady import sharpened, sharpness
from pipeline.images import to_depth

_WHITE = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65_535.0}

_LEAST = 1e-3
"""Trust below which a pixel is divided by nothing."""

_SURE = 4.0
"""A coarser pixel counts as known as soon as a quarter of it is."""


@dataclass(frozen=True)
class Keyframe:
    """A frame that was diffused."""

    source: np.ndarray
    """(H, W, 3) uint8 or uint16, sRGB."""
    painted: np.ndarray
    """What became of it; the same shape and type."""


@dataclass(frozen=True)
class Carried:
    """A frame between keyframes."""

    painted: np.ndarray
    """The type of the keyframes."""
    reach: float
    """The part of it that comes from a keyframe, of 1."""


def carried(
    first: Keyframe, last: Keyframe, sources: Sequence[np.ndarray], traces: Sequence[tuple[Trace, Trace]]
) -> Iterator[Carried]:
    """The frames between, in order; `sources` are what the film shows there.

    `traces`: of each pair of neighbours from the first to the last keyframe, one more than there are frames between:
    the second's trace into the first, and the first's into the second.
    """
    count = len(traces)
    ahead: list[Trace] = []
    for _, there in reversed(traces[1:]):
        ahead.append(joined(there, ahead[-1] if ahead else None))
    behind: Trace | None = None
    for number, source in enumerate(sources, 1):
        behind = joined(traces[number - 1][0], behind)
        yield _between(source, (first, behind), (last, ahead.pop()), share=number / count)


def _between(
    source: np.ndarray, first: tuple[Keyframe, Trace], last: tuple[Keyframe, Trace], *, share: float
) -> Carried:
    """`share`: how near the last keyframe is, from 0 to 1."""
    scale = np.float32(255 / _WHITE[source.dtype])
    seen, own = to_depth(source, deep=False), source.astype(np.float32) * scale
    blended, wanted = np.zeros_like(own), np.zeros(own.shape[:2], np.float32)
    total, missed = np.zeros(own.shape[:2], np.float32), np.ones(own.shape[:2], np.float32)
    for (keyframe, trace), near in ((first, 1 - share), (last, share)):
        painted = moved(keyframe.painted.astype(np.float32) * scale, trace.places, cubic=True)
        trust = trace.trust * resemblance(seen, to_depth(keyframe.source, deep=False), trace)
        weight = trust * np.float32(near)
        blended += painted * weight[..., None]
        wanted += sharpness(painted) * weight
        total += weight
        missed *= 1 - trust
    known = 1 - missed
    divisor = np.maximum(total, _LEAST)
    blended /= divisor[..., None]
    elsewhere = own + _continued(blended - own, known)
    carried = elsewhere + (sharpened(blended, wanted / divisor) - elsewhere) * known[..., None]
    most = _WHITE[source.dtype]
    return Carried(np.clip(np.rint(carried / scale), 0, most).astype(source.dtype), float(known.mean()))


def _continued(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Values (H, W, 3) as they are where they are known, (H, W) in [0, 1], and smoothly continued where they are not.

    Source: push-pull, Gortler et al., "The Lumigraph", 1996: averages of what is known at ever coarser sizes.
    """
    levels = [(values * known[..., None], known)]
    while min(known.shape) > 1:
        size = (known.shape[1] + 1) // 2, (known.shape[0] + 1) // 2
        summed, known = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in levels[-1])
        levels.append((summed, known))
    found = np.zeros_like(levels[-1][0])
    for summed, known in reversed(levels):
        found = cv2.resize(found, (known.shape[1], known.shape[0]), interpolation=cv2.INTER_LINEAR)
        mean = summed / np.maximum(known, _LEAST)[..., None]
        found += (mean - found) * np.minimum(known * _SURE, 1)[..., None]
    return found
