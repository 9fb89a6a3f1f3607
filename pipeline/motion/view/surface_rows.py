"""Surfaces taken apart: into rows of pixels, and rows into a list of all their pixels.

Where an outline crosses a row is known, and along a row all that a surface is made of is linear or quadratic. So
a row is ten numbers, and what is in its pixels is found for all rows of all surfaces at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.motion.view.quadrics import Quadrics
from pipeline.motion.view.views import View

Box = tuple[int, int, int, int]
"""Columns and rows `[left, top, right, bottom)`."""

FAR_M = np.float32(1e6)
"""How far away is where there is nothing."""

_OVERLAP = 0.005
"""Of a cone's length, by which it goes on beyond its ends, so that nothing is open between it and what follows."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of surfaces: their pixels from the first that is touched to the last."""

    owners: np.ndarray
    """`(R,)` int."""
    lengths: np.ndarray
    """`(R,)` int, pixels."""
    down: np.ndarray
    """`(R,)` int: which row of the box each is in."""
    starts: np.ndarray
    """`(R,)` int: the first pixel's column in the box."""
    table: np.ndarray
    """`(9, R)` float32. With k counting pixels: coverage - ½ = a k² + b k + c; k1 = d + e k; k0 = f, of which k1 and k0
    have the factor that makes √(coverage - ½) of √h; and where along a cone, g + t (h + i k)."""

    def between(self, top: int, bottom: int) -> Rows:
        """Those in rows `[top, bottom)` of the box."""
        chosen = np.flatnonzero((self.down >= top) & (self.down < bottom))
        made = (self.owners, self.lengths, self.down, self.starts)
        owners, lengths, down, starts = (values[chosen] for values in made)
        return Rows(owners, lengths, down, starts, self.table[:, chosen])

    def bands(self, pixels: int) -> list[tuple[int, int]]:
        """Rows `[top, bottom)` of the box, from the first to the last, which hold about so many pixels each."""
        ends = np.cumsum(np.bincount(self.down, weights=self.lengths)) if len(self.down) else np.zeros(0)
        cuts = np.searchsorted(ends, np.arange(0, ends[-1] if len(ends) else 0, pixels)[1:]) + 1
        edges = np.unique([0, *cuts.tolist(), len(ends)]).tolist()
        return list(pairwise(edges))


def rows_of(shapes: Quadrics, view: View, box: Box) -> Rows:
    """All rows of surfaces, those of each from its top down. `box`: what pixels are counted in; it holds all boxes."""
    counts = shapes.boxes[:, 3] - shapes.boxes[:, 1]
    owners = np.repeat(np.arange(len(counts)), counts)
    down = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts) + shapes.boxes[owners, 1]
    j = down + 0.5 - view.height / 2
    o = shapes.outline.reshape(-1, 9)[owners].T
    a, b, c = o[0], o[1] * j + o[2], (o[4] * j + 2 * o[5]) * j + o[8]
    lefts, rights = shapes.boxes[owners, 0], shapes.boxes[owners, 2] - 1
    middle = view.width / 2 - 0.5
    # Where the outline crosses the row; half a pixel around it is touched, too.
    is_between = a < -1e-12
    below = np.where(is_between, a, -1.0)
    root = np.sqrt(np.maximum(b * b - a * (c + 0.6 * shapes.steep[owners]), 0))
    start = np.where(is_between, np.maximum(np.ceil((root - b) / below + middle), lefts), lefts).astype(int)
    stop = np.where(is_between, np.minimum(np.floor((-root - b) / below + middle), rights), rights).astype(int)
    lengths = np.where(is_between & (root == 0), 0, np.maximum(stop - start + 1, 0))
    keep = np.flatnonzero(lengths)
    owners, down, j, start, lengths = owners[keep], down[keep], j[keep], start[keep], lengths[keep]
    a, b, c, o = a[keep], b[keep], c[keep], o[:, keep]

    # How steep h is where the outline crosses the row, of those crossings that are there.
    root = np.sqrt(np.maximum(b * b - a * c, 0))
    sides = np.stack([lefts, rights])[:, keep] - middle
    edges = np.where(is_between[keep], np.stack([root - b, -root - b]) / below[keep], sides)
    is_there = (edges > sides[0] - 2) & (edges < sides[1] + 2)
    is_there |= ~is_there.any(axis=0)
    slopes = np.maximum(np.hypot(a * edges + b, o[1] * edges + o[4] * j + o[5]), 1e-30)
    steep = (is_there * 0.5 / slopes).sum(axis=0) / is_there.sum(axis=0)
    i = start - middle
    k1, along = shapes.k1[owners].T, shapes.along[owners].T
    root_steep = np.sqrt(steep)
    table = np.stack(
        [
            a * steep,
            2 * (a * i + b) * steep,
            ((a * i + 2 * b) * i + c) * steep,
            (k1[0] * i + k1[1] * j + k1[2]) * root_steep,
            k1[0] * root_steep,
            shapes.k0[owners] * root_steep,
            shapes.begin[owners],
            along[0] * i + along[1] * j + along[2],
            along[0],
        ]
    ).astype(np.float32)
    left, top, _, _ = box
    return Rows(owners, lengths, down - top, start - left, table)


@dataclass(frozen=True, eq=False)
class Pixels:
    """Pixels of rows, one after the other. All are `(n,)`."""

    places: np.ndarray
    """int: the row of the box times its width, and the column, counted from `top`."""
    depths: np.ndarray
    """float32, metres into the picture; FAR_M where nothing is met."""
    covers: np.ndarray
    """float32: how much of the pixel is covered, 0 to 1."""
    owners: np.ndarray
    """int32: which surface each is of."""


def listed(rows: Rows, width: int, top: int) -> Pixels:
    """All pixels of rows. `width`: of the box. `top`: the row of the box that places are counted from."""
    lengths = rows.lengths
    count = int(lengths.sum())
    before = np.cumsum(lengths) - lengths
    k = np.arange(count)
    places = k + np.repeat((rows.down - top) * width + rows.starts - before, lengths)
    k -= np.repeat(before, lengths)
    k = k.astype(np.float32)
    a, b, c, d, e, f, g, h, i = np.repeat(rows.table, lengths, axis=1)
    a *= k
    a += b
    a *= k
    a += c
    cover = a + np.float32(0.5)
    np.maximum(a, 0, out=a)
    np.sqrt(a, out=a)
    e *= k
    e += d
    a -= e
    f /= a
    i *= k
    i += h
    i *= f
    i += g
    i -= 0.5
    np.abs(i, out=i)
    np.minimum(cover, 1, out=cover)
    # Beyond a cone's ends, and outside of outlines, there is nothing.
    nothing = i > np.float32(0.5 + _OVERLAP)
    nothing |= cover <= 0
    cover[nothing] = 0
    f[nothing] = FAR_M
    return Pixels(places, f, cover, np.repeat(rows.owners.astype(np.int32), lengths))
