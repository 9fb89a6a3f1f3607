"""Short takes of what repeats itself, such as two strides of a walk, made longer: the cycle, again and again."""

from __future__ import annotations

import numpy as np

from pipeline.motion.clip import Clip
from pipeline.motion.editing import cut, joined
from pipeline.motion.features import POSITIONS, VELOCITY, features_of

_LEAST_S = 0.5
"""A cycle of two steps takes at least as long."""
_OVERLAP_S = 0.2
"""Over which the end of the cycle becomes its beginning."""
_NEAR_M = 0.05
"""How far joints may be on average from where they were one cycle before."""
_AS_GOOD = 1.15
"""Of cycles that close so nearly as well as the best one, the longest is taken: it holds more."""


def looped(clip: Clip, seconds: float) -> Clip | None:
    """The clip's cycle for at least so many seconds; None if it has none."""
    rate = float(clip.rate)
    overlap = max(1, round(_OVERLAP_S * rate))
    found = _cycle(features_of(clip), round(_LEAST_S * rate), overlap, rate)
    if found is None:
        return None
    start, stop = found
    once = cut(clip, start, stop + overlap)
    return joined([once] * max(2, -(-round(seconds * rate) // (stop - start))), overlap=overlap)


def _cycle(features: np.ndarray, least: int, overlap: int, rate: float) -> tuple[int, int] | None:
    """Frames `[start, stop)` after which all is as it was, for as long as `overlap`."""
    places = features[:, POSITIONS].reshape(len(features), -1, 3)
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1).mean(-1)
    # A walk passes the same pose twice in a stride's beginning and end only: speeds must agree, too.
    moving = np.linalg.norm(features[:, None, VELOCITY] - features[None, :, VELOCITY], axis=-1) * 0.05
    both = apart + moving
    count = len(features) - overlap
    costs = {
        (start, stop): float(np.mean([both[start + k, stop + k] for k in range(overlap)]))
        for start in range(count)
        for stop in range(start + least, count)
    }
    if not costs:
        return None
    best = min(costs.values())
    if best > _NEAR_M:
        return None
    return max((pair for pair, cost in costs.items() if cost <= _AS_GOOD * best), key=lambda pair: pair[1] - pair[0])
