"""A film from design to design: where each of its frames lies follows from its number alone.

Latents are normal numbers, `(latent,)` float64.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.interiors.brief import FilmBrief
from pipeline.portraits.interpolate import slerp


def latent_of(film: FilmBrief, frame: int, keyframe: Callable[[int], np.ndarray]) -> np.ndarray:
    """Where a frame lies; `keyframe` gives the latent of each of the film's keyframes, by its place.

    The way between two is along a great circle. It sets out and arrives gently, so that there is no corner at a design
    and time to look at it. The last frame of a loop is one step before the first.
    """
    count = len(film.keyframes)
    legs = count if film.loop else count - 1
    time = legs * frame / (film.frames if film.loop else film.frames - 1)
    leg = min(int(time), legs - 1)
    share = time - leg
    return slerp(keyframe(leg), keyframe((leg + 1) % count), share * share * (3 - 2 * share))
