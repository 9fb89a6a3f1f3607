"""The last step: exposure, contrast, temperature and saturation, as a photographer sets them."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.rooms.attributes import Room

_LUMA = np.array([0.30, 0.59, 0.11])
"""How light red, green and blue seem."""
_SHOULDER = np.float32(0.80)
"""Where highlights begin."""
_MIDDLE = 0.58
"""What contrast leaves as it is."""


def finish(pixels: np.ndarray, room: Room) -> None:
    """Grades a picture (3, N, N), sRGB, in place."""
    side = pixels.shape[1]
    factors, offset = _grading(room)
    graded = (factors @ pixels.reshape(3, -1)).reshape(3, side, side)
    graded += offset
    np.maximum(graded, 0, out=graded)
    # Highlights bend instead of breaking off.
    over = np.maximum(graded - _SHOULDER, 0)
    graded -= over
    left = 1 - _SHOULDER
    np.add(graded, left * over / (over + left), out=pixels)


def _grading(room: Room) -> tuple[np.ndarray, np.float32]:
    """What is linear of it, as one step: colours are multiplied by (3, 3), then moved by an offset."""
    warm = room.temperature
    tint = np.array([1 + 0.07 * warm, 1.0 + 0.005 * warm, 1 - 0.10 * warm])
    contrast = 1.07 + 0.26 * room.contrast
    saturation = 1.02 + 0.42 * room.saturation
    mixed = saturation * np.eye(3) + (1 - saturation) * _LUMA
    factors = contrast * 2 ** (0.6 * room.exposure) * mixed * tint
    return factors.astype(np.float32), np.float32(_MIDDLE * (1 - contrast))
