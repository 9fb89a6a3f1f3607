"""The soft shadow of bodies on the floor.

A body is taken for some two hundred soft balls. Each throws a Gaussian on the floor that is wider, and so paler, the
higher the ball is: shadows are sharp at a foot and vague at a head. A Gaussian is a product of one along the light's
way and one across, so that the sum of all of them is one product of two matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.motion.view.body import Parts
from pipeline.motion.view.floors import horizon, of_pixels
from pipeline.motion.view.surface_rows import Box
from pipeline.motion.view.views import View

_SIDE = 128
"""Texels of the longer side of a shadow's picture on the floor."""

_LAMP = 0.13
"""The key light's half width as it is seen from the floor: tangent of an angle."""

_DOME = 0.75
"""Of the light from all of above, which what is near the floor hides."""

_DENSITY = 1.4
_DOME_DENSITY = 0.8
"""How much light a ball takes away, of the key's and of that from above."""

_SKY_M = 0.7
"""Above this, nothing is missing from the light from above."""

_REACH = 3.0
"""Sigmas after which a Gaussian is nothing."""


@dataclass(frozen=True, eq=False)
class Shadow:
    """A picture that lies on the floor."""

    cover: np.ndarray
    """`(n, m)` float32 in [0, 1]: how much of the light is gone."""
    to_texels: np.ndarray
    """`(3, 3)`: from (x, z, 1) on the floor to (column, row, 1)."""
    corners: np.ndarray
    """`(4, 3)` metres, in the world."""


def shadow(parts: Parts, key: np.ndarray) -> Shadow:
    """The shadow of bodies. `key`: towards the light, length 1."""
    flat_key = float(np.hypot(key[0], key[2]))
    along = np.array([key[0], key[2]]) / flat_key
    across = np.array([-along[1], along[0]])
    centres, radii, areas = _balls(parts)
    height = np.maximum(centres[:, 1] - radii * 0.5, 0.0)
    flat = centres[:, [0, 2]]
    thrown = flat - centres[:, 1:2] * (flat_key / key[1]) * along
    # Below the key light, and below the sky, for which what is high up is nothing.
    near = height < _SKY_M
    soft = (0.62 * radii) ** 2 + (_LAMP * height) ** 2
    wide = ((0.70 * radii) ** 2 + (_DOME * height) ** 2)[near]
    places = np.concatenate([thrown, flat[near]])
    sigma_u = np.sqrt(np.concatenate([soft / key[1] ** 2, wide]))
    sigma_v = np.sqrt(np.concatenate([soft, wide]))
    fade = (1 - height[near] / _SKY_M) * _DOME_DENSITY
    density = np.concatenate([areas / key[1] * _DENSITY, areas[near] * fade]) / (2 * np.pi * sigma_u * sigma_v)
    u, v = places @ along, places @ across
    low = np.array([(u - _REACH * sigma_u).min(), (v - _REACH * sigma_v).min()])
    high = np.array([(u + _REACH * sigma_u).max(), (v + _REACH * sigma_v).max()])
    texel = float((high - low).max()) / _SIDE
    columns, rows = (np.ceil((high - low) / texel).astype(int) + 1).tolist()
    in_u = _bells(low[0] + texel * np.arange(columns), u, sigma_u)
    in_v = _bells(low[1] + texel * np.arange(rows), v, sigma_v) * density.astype(np.float32)
    cover = 1 - np.exp(-_product(in_v, in_u))
    to_texels = np.array([[*along / texel, -low[0] / texel], [*across / texel, -low[1] / texel], [0.0, 0.0, 1.0]])
    flat_corners = [along * a + across * b for a in (low[0], high[0]) for b in (low[1], high[1])]
    corners = np.array([[x, 0.0, z] for x, z in flat_corners])
    return Shadow(cover, to_texels, corners)


def _product(in_v: np.ndarray, in_u: np.ndarray) -> np.ndarray:
    """`in_v` times `in_u` turned over, by OpenCV: NumPy's product differs in its last bits from machine to machine."""
    made: np.ndarray = cv2.gemm(in_v, in_u, 1.0, np.empty(0, np.float32), 0.0, flags=cv2.GEMM_2_T)
    return made


def _balls(parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres `(B, 3)`, radii and areas `(B,)` of balls along all parts."""
    owners, shares = parts.balls[:, 0].astype(int), parts.balls[:, 1]
    way = (parts.stops - parts.starts)[owners]
    radii = parts.radii[owners, 0] + shares * (parts.radii[owners, 1] - parts.radii[owners, 0])
    radii = radii * np.cbrt(parts.scales.prod(axis=1))[owners]
    count = np.bincount(owners, minlength=len(parts.starts))[owners]
    # What each shows of its part from one side: a piece of the cone, and of the halves of balls at its ends.
    areas = (2 * radii * np.linalg.norm(way, axis=1) + np.pi * radii**2) / count
    return parts.starts[owners] + shares[:, None] * way, radii, areas


def _bells(texels: np.ndarray, centres: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """`(texels, balls)` float32."""
    away = ((texels[:, None] - centres) / sigmas).astype(np.float32)
    return np.exp(-0.5 * away * away)


def seen(made: Shadow, view: View, darkness: float) -> tuple[np.ndarray, Box] | None:
    """What is left of the light in the picture, `(rows, columns)` uint8, and its box; None where no shadow is seen.

    `darkness`: how much of the light is gone where all of it could be, 0 to 1.
    """
    at = view.seen(made.corners)
    if at[:, 2].min() < 0.05:
        box = (0, horizon(view), view.width, view.height)
    else:
        places = view.pixels(made.corners)
        low, high = np.floor(places.min(axis=0)).astype(int), np.ceil(places.max(axis=0)).astype(int)
        box = (max(low[0], 0), max(low[1], 0), min(high[0], view.width), min(high[1], view.height))
    left, top, right, bottom = (int(value) for value in box)
    if left >= right or top >= bottom:
        return None
    shift = np.array([[1.0, 0, left], [0, 1, top], [0, 0, 1]])
    to_texels = made.to_texels @ of_pixels(view) @ shift
    kept = np.rint(255 - (255 * darkness) * made.cover).astype(np.uint8)
    size, flags = (right - left, bottom - top), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(kept, to_texels, size, flags=flags, borderValue=255), (left, top, right, bottom)
