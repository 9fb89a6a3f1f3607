"""The last step: exposure, contrast, temperature and saturation, as a photographer sets them."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.rooms.attributes import Room

_LUMA = np.array([0.30, 0.59, 0.11], np.float32)
_SHOULDER = np.float32(0.80)
_MIDDLE = np.float32(0.58)


def finish(pixels: np.ndarray, room: Room) -> None:
    """Grades a picture (3, N, N), sRGB, in place."""
    warm = room.temperature
    tint = np.array([1 + 0.07 * warm, 1.0 + 0.005 * warm, 1 - 0.10 * warm], np.float32)
    pixels *= (tint * np.float32(2 ** (0.6 * room.exposure)))[:, None, None]
    pixels -= _MIDDLE
    pixels *= np.float32(1.07 + 0.26 * room.contrast)
    pixels += _MIDDLE
    grey = np.tensordot(_LUMA, pixels, axes=1)
    pixels -= grey
    pixels *= np.float32(1.02 + 0.42 * room.saturation)
    pixels += grey
    np.maximum(pixels, 0, out=pixels)
    # Highlights bend instead of breaking off.
    over = np.maximum(pixels - _SHOULDER, 0)
    pixels -= over
    room_left = 1 - _SHOULDER
    pixels += room_left * over / (over + room_left)
