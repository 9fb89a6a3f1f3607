"""A latent as facts that a picture tells: float32 in base64, so that who likes a picture can go on from it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

import numpy as np

from pipeline.errors import MediaError

LATENT, LATENT_SHAPE = "w", "wShape"
"""Facts by which a latent is told: its numbers, and `18,512`."""

_MOST_NUMBERS = 1_000_000
"""Of a latent."""


def latent_facts(latent: np.ndarray) -> dict[str, str]:
    """A latent as facts: `(layers, width)` or `(width,)`, float32."""
    numbers = np.ascontiguousarray(latent, "<f4")
    return {
        LATENT_SHAPE: ",".join(map(str, numbers.shape)),
        LATENT: base64.b64encode(numbers.tobytes()).decode(),
    }


def latent_of(facts: Mapping[str, str]) -> np.ndarray | None:
    """The latent that facts tell, float32, or None if they tell none.

    Raises: MediaError if it is damaged.
    """
    if LATENT not in facts:
        return None
    shape = facts.get(LATENT_SHAPE, "")
    if not re.fullmatch(r"[0-9]{1,6}(,[0-9]{1,6})?", shape):
        raise MediaError("the picture's latent has no shape; take another copy")
    sides = [int(side) for side in shape.split(",")]
    try:
        data = base64.b64decode(facts[LATENT], validate=True)
    except binascii.Error as error:
        raise MediaError("the picture's latent is no base64; take another copy") from error
    if int(np.prod(sides)) > _MOST_NUMBERS or int(np.prod(sides)) * 4 != len(data):
        raise MediaError("the picture's latent has another length than it says; take another copy")
    numbers = np.frombuffer(data, "<f4").reshape(sides)
    if not np.isfinite(numbers).all():
        raise MediaError("the picture's latent has values that are not finite; take another copy")
    return numbers.astype(np.float32)


def without_latent(facts: Mapping[str, str]) -> dict[str, str]:
    """The other facts."""
    return {name: value for name, value in facts.items() if name not in (LATENT, LATENT_SHAPE)}
