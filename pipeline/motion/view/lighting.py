"""The light on bodies: a table of what a surface shows for every way it may face."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from pipeline.motion.view.palettes import Colour
from pipeline.motion.view.studios import STUDIOS, Studio
from pipeline.motion.view.views import axes, direction

TABLE_PX = 192
"""Of the table's side; it spans -1 to 1 in what a normal has of right and down."""

GAMMA = 2.2

KEY_SIDE, KEY_HEIGHT = math.radians(-48), math.radians(50)
"""Where the key light stands, seen from where the camera is in the first frame."""


def key_direction(azimuth: float) -> np.ndarray:
    """`(3,)` of length 1, in the world: towards the key light of a camera that starts there."""
    return direction(azimuth + KEY_SIDE, KEY_HEIGHT)


@lru_cache(maxsize=4)
def table(studio: str, start: float, azimuth: float, elevation: float) -> np.ndarray:
    """`(TABLE_PX, TABLE_PX, 4)` float32: three factors of a surface's colour, and what shines on top of it, 0 to 1.

    Both count in display values: a product of those is the display value of the product of lights. `start`: the
    camera's azimuth in the first frame, to which the lights belong; `azimuth`, `elevation`: where it is now. Radians.
    """
    room = STUDIOS[studio]
    x, y = np.meshgrid(*[np.linspace(-1, 1, TABLE_PX)] * 2)
    out = np.hypot(x, y)
    # Beyond the outline, as on it.
    shrink = 1 / np.maximum(out, 1.0)
    x, y = x * shrink, y * shrink
    z = -np.sqrt(np.maximum(1 - x * x - y * y, 0))
    normals = np.stack([x, y, z], axis=-1) @ axes(azimuth, elevation)
    facing = -z

    key, fill = key_direction(start), direction(start + math.radians(70), math.radians(18))
    light = room.around_power * _mixed(room, 0.5 + 0.5 * normals[..., 1])
    light += room.key_power * _colour(room.key) * _soft(normals @ key, 0.28)[..., None]
    light += room.fill_power * _colour(room.fill) * _soft(normals @ fill, 0.5)[..., None]
    edge = (1 - facing) ** 3.6
    behind = [direction(start + math.radians(side), math.radians(10)) for side in (150, -140)]
    rim = sum(_soft(normals @ way, 0.2) for way in behind) * edge
    light += room.rim_power * _colour(room.rim) * rim[..., None]
    # What is seen at a grazing angle has turned away from all light but that from behind.
    light *= (0.80 + 0.20 * np.minimum(facing / 0.5, 1))[..., None]
    half = key - axes(azimuth, elevation)[2]
    half /= np.linalg.norm(half)
    shine = 0.10 * np.maximum(normals @ half, 0) ** 42 + 0.05 * np.maximum(normals @ half, 0) ** 9
    made = np.concatenate([np.maximum(light, 0) ** (1 / GAMMA), shine[..., None]], axis=-1)
    return made.astype(np.float32)


def _soft(cosine: np.ndarray, wrap: float) -> np.ndarray:
    """How much of a wide light a surface sees; it still sees some when it has turned away by a little."""
    return np.maximum((cosine + wrap) / (1 + wrap), 0) ** 1.35


def _mixed(room: Studio, up: np.ndarray) -> np.ndarray:
    return _colour(room.bounce) + (_colour(room.sky) - _colour(room.bounce)) * up[..., None]


def _colour(colour: Colour) -> np.ndarray:
    """Light of a colour."""
    return (np.array(colour) / 255) ** GAMMA
