"""What is nearest in every pixel of a part of the picture: a z-buffer of balls and cones with soft edges.

Of each pixel the two nearest surfaces are kept. An outline is coverage, from 0 to 1 within a pixel, and where two
surfaces cross, one goes over into the other within a few millimetres; so no edge has steps, and no pixel is drawn twice
at a finer grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.motion.view.quadrics import Quadrics
from pipeline.motion.view.surface_rows import FAR_M, Box, Rows, listed, rows_of
from pipeline.motion.view.views import View

_STRIP = 40_000
"""Pixels of surfaces at once: what is worked on stays near the processor."""

_PASSING_M = 0.04
"""Over which something goes over into a surface that it passes through."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Surfaces in pixels: all of the first one's, then all of the second one's, and so on."""

    places: np.ndarray
    """`(n,)` int: the row times the box's width, and the column, counted from the strip's first row."""
    depths: np.ndarray
    """`(n,)` float32: metres into the picture."""
    counts: np.ndarray
    """`(Q,)` int: how many pixels each surface has."""
    faces: np.ndarray
    """`(2, n)` float32: how far to the right and down they face, -1 to 1."""


@dataclass(frozen=True, eq=False)
class Strip:
    """What is in some rows of a box."""

    top: int
    """The first row, counted from the picture's."""
    front: Layer
    """The nearest surface of every pixel that has one."""
    behind: Layer
    """The one behind it, of pixels where it shows."""
    under: np.ndarray
    """`(m,)` int: where in `front` is what lies before each of `behind`."""
    share: np.ndarray
    """`(m,)`: how much of what is seen there is `behind`'s, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Surfaces:
    """What is in a box of the picture."""

    box: Box
    cover: np.ndarray
    """`(rows, columns)` float32: how much of each pixel anything covers, 0 to 1."""
    depth: np.ndarray
    """`(rows, columns)` float32, metres; FAR_M where there is nothing."""
    strips: list[Strip]
    """From the top down."""


def nearest(shapes: Quadrics, view: View, blends_m: np.ndarray) -> Surfaces:
    """What of surfaces is seen; there must be some. `blends_m`: `(Q,)` metres over which each goes over into others."""
    left, top, right, bottom = box = _hull(shapes.boxes)
    cover = np.zeros((bottom - top, right - left), np.float32)
    depth = np.full(cover.shape, FAR_M, np.float32)
    resolver = _Resolver(shapes, view, box, blends_m)
    rows = rows_of(shapes, view, box)
    strips = [
        resolver.strip(rows.between(first, last), first, cover[first:last].reshape(-1), depth[first:last].reshape(-1))
        for first, last in rows.bands(_STRIP)
    ]
    return Surfaces(box, cover, depth, strips)


class _Resolver:
    """Finds what is nearest, strip by strip."""

    def __init__(self, shapes: Quadrics, view: View, box: Box, blends_m: np.ndarray) -> None:
        self._parts, self._view, self._box = shapes.parts, view, box
        self._blends = blends_m.astype(np.float32)
        self._broadest = float(blends_m.max())
        # Of each surface twelve numbers: a normal is their sum with x, y, z and 1.
        table = np.concatenate([shapes.normals, shapes.normal[:, :, None]], axis=2)
        self._normals = table.reshape(-1, 12).T.astype(np.float32)

    def strip(self, rows: Rows, first_row: int, cover: np.ndarray, depth: np.ndarray) -> Strip:
        """`cover`, `depth`: `(n,)`, the strip's pixels, to be filled."""
        left, top, right, _ = self._box
        made = listed(rows, right - left, first_row)
        places, depths, covers, owners = made.places, made.depths, made.covers, made.owners
        np.minimum.at(depth, places, depths)
        # Of two at the same depth the last one counts; they are one surface.
        deeper = depths - depth.take(places)
        is_met = depths < FAR_M
        first = np.flatnonzero((deeper == 0) & is_met)
        where, before = places[first], covers[first]
        cover[where] = before
        index = np.empty(len(cover), np.int32)
        index[where] = np.arange(len(first), dtype=np.int32)

        # What is behind: another part, in pixels that the first does not fill, or where both are near each other.
        others = np.flatnonzero((deeper > 0) & is_met & ((cover.take(places) < 1) | (deeper < self._broadest)))
        under = index.take(places[others])
        one, other = owners[others], owners[first[under]]
        blend = np.minimum(self._blends.take(one), self._blends.take(other))
        shows = (before[under] < 1) | (deeper[others] < blend)
        shows &= self._parts.take(one) != self._parts.take(other)
        second, under, blend = others[shows], under[shows], blend[shows]
        later = np.full(len(depth), FAR_M, np.float32)
        np.minimum.at(later, places[second], depths[second])
        is_next = depths[second] == later.take(places[second])
        second, under, blend = second[is_next], under[is_next], blend[is_next]
        share = _share(before[under], covers[second], deeper[second] / blend)
        np.maximum.at(cover, places[others], covers[others])

        # All pixels of a surface follow each other.
        ends = np.cumsum(np.bincount(rows.owners, weights=rows.lengths, minlength=len(self._parts)))

        def layer(chosen: np.ndarray, there: np.ndarray) -> Layer:
            counts = np.diff(np.searchsorted(chosen, ends), prepend=0)
            far = depths[chosen]
            return Layer(there, far, counts, self._faces(counts, there, far, first_row))

        return Strip(top + first_row, layer(first, where), layer(second, places[second]), under, share)

    def _faces(self, counts: np.ndarray, places: np.ndarray, depths: np.ndarray, first_row: int) -> np.ndarray:
        """`(2, n)`: x and y of normals of length 1."""
        left, top, right, _ = self._box
        width = np.int32(right - left)
        across = places.astype(np.int32)
        down = across // width
        across -= down * width
        x, y = across.astype(np.float32), down.astype(np.float32)
        x += np.float32(left + 0.5 - self._view.width / 2)
        y += np.float32(top + first_row + 0.5 - self._view.height / 2)
        # Metres from the picture's middle.
        for way in (x, y):
            way *= np.float32(1 / self._view.focal)
            way *= depths
        made = np.repeat(self._normals, counts, axis=1).reshape(3, 4, -1)
        for per_x, per_y, per_z, rest in made:
            per_x *= x
            per_y *= y
            per_z *= depths
            per_x += per_y
            per_x += per_z
            per_x += rest
        normals = made[:, 0]
        length = normals[0] * normals[0]
        length += normals[1] * normals[1]
        length += normals[2] * normals[2]
        np.sqrt(length, out=length)
        return normals[:2] / length


def _share(front: np.ndarray, behind: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """How much of what is seen is the surface behind. `front`, `behind`: coverage. `apart`: 1 is too far to blend."""
    both = np.maximum(front, behind)
    # The part of the pixel that only the front one covers.
    room = both - behind
    return 1 - (room + np.minimum(apart * 0.5 + 0.5, 1) * (front - room)) / both


def hide_behind(made: Surfaces, box: Box, cover: np.ndarray, depth: np.ndarray) -> None:
    """Take from `cover`, `(rows, columns)` of another box, what is behind surfaces. `depth`: its own, metres."""
    left, top = max(box[0], made.box[0]), max(box[1], made.box[1])
    right, bottom = min(box[2], made.box[2]), min(box[3], made.box[3])
    if left >= right or top >= bottom:
        return
    here = np.s_[top - box[1] : bottom - box[1], left - box[0] : right - box[0]]
    there = np.s_[top - made.box[1] : bottom - made.box[1], left - made.box[0] : right - made.box[0]]
    behind = np.clip((depth[here] - made.depth[there]) / _PASSING_M + 0.5, 0, 1)
    cover[here] *= 1 - behind * made.cover[there]


def _hull(boxes: np.ndarray) -> Box:
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return left, top, right, bottom
