"""What is behind everything: the studio's wall and floor, one colour or two, or nothing."""

from __future__ import annotations

import numpy as np

from pipeline.motion.view.looks import Gradient, Look, Transparent
from pipeline.motion.view.palettes import Colour
from pipeline.motion.view.studios import STUDIOS, Studio

_NOISE_SEED = 9
_NOISE_PX = 256
_BAND = 64
"""Rows at once."""


def backdrop(look: Look, width: int, height: int) -> np.ndarray:
    """`(height, width, 3)` uint8, sRGB, the same in all frames; black where a look has pictures or nothing behind."""
    shape = (height, width)
    if look.background is None:
        return _room(STUDIOS[look.studio], width, height)
    if isinstance(look.background, Gradient):
        share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
        return _dithered(_mix(look.background.top, look.background.bottom, share), shape)
    if isinstance(look.background, Transparent) or callable(look.background):
        return np.zeros((*shape, 3), np.uint8)
    return np.broadcast_to(np.array(look.background, np.uint8), (*shape, 3)).copy()


def _room(room: Studio, width: int, height: int) -> np.ndarray:
    """A glow on the wall behind the figures and a pool of light at their feet; corners are darker."""
    made = np.empty((height, width, 3), np.uint8)
    x = (np.arange(width, dtype=np.float32) - width / 2) / height
    noise = _noise()
    for top in range(0, height, _BAND):
        rows = np.arange(top, min(top + _BAND, height), dtype=np.float32)
        y = (rows[:, None] - height / 2) / height
        wall = np.exp(-((x / 0.78) ** 2) - ((y + 0.16) / 0.52) ** 2)
        floor = np.exp(-((x / 0.72) ** 2) - ((y - 0.40) / 0.26) ** 2)
        colours = _mix(room.edge, room.wall, wall[..., None])
        colours += (np.array(room.floor, np.float32) - colours) * (floor * 0.9)[..., None]
        made[top : top + len(rows)] = _rounded(colours, noise, top)
    return made


def _mix(first: Colour, second: Colour, share: np.ndarray) -> np.ndarray:
    start, stop = np.array(first, np.float32), np.array(second, np.float32)
    return start + (stop - start) * share


def _dithered(colours: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    made = np.empty((*shape, 3), np.uint8)
    noise = _noise()
    for top in range(0, shape[0], _BAND):
        stop = min(top + _BAND, shape[0])
        made[top:stop] = _rounded(np.broadcast_to(colours[top:stop], (stop - top, shape[1], 3)), noise, top)
    return made


def _noise() -> np.ndarray:
    """`(256, 256, 1)` float32 in [0, 1): hides the steps between neighbouring colours of slow gradients."""
    return np.random.default_rng(_NOISE_SEED).random((_NOISE_PX, _NOISE_PX, 1), np.float32)


def _rounded(colours: np.ndarray, noise: np.ndarray, top: int) -> np.ndarray:
    """Rounded up or down by lot, so that the mean is right."""
    rows, columns = colours.shape[:2]
    lots = np.tile(np.roll(noise, -top, axis=0)[:rows], (1, -(-columns // _NOISE_PX), 1))[:, :columns]
    made: np.ndarray = np.minimum(colours + lots, 255).astype(np.uint8)
    return made
