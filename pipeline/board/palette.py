"""A picture's palette: up to five colours that lie in it, the ones that a decorator would name.

Many small groups of alike colours are found first, for a mean of unlike ones is a colour that is nowhere. Of these,
five are chosen that are large, and unlike each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.drawing.colour import oklab

WANTED = 5

_SIDE = 64
"""Pixels of the copy that is looked at."""

_GROUPS, _ROUNDS = 20, 12
_ALIKE = 0.02
"""Distance in OKLab below which two colours are one to the eye."""

_UNLIKE = 0.3
"""Beyond, being still further from the others gains a colour nothing."""

_EYE = np.array([0.5, 1.0, 1.0])
"""How much differences of lightness, and of hue, count when colours are chosen: a wall in light and shade is one."""

_LEAST = 0.002
"""Share of the picture; a smaller group is noise."""

_WEIGHT = 0.4
"""By which power of its share a group is valued: 1 would show five walls, 0 five specks."""


@dataclass(frozen=True)
class Swatch:
    """One colour of a palette."""

    rgb: tuple[int, int, int]
    share: float
    """Of the picture's colours, as much as is nearer to this one than to the palette's others."""

    @property
    def code(self) -> str:
        """As screens and shops know it: `#C8B39A`."""
        return "#{:02X}{:02X}{:02X}".format(*self.rgb)


def sample(picture: np.ndarray) -> tuple[Swatch, ...]:
    """The palette of an (H, W, 3) uint8 sRGB picture, from light to dark; the same each time.

    Five colours, each of some pixel; fewer if the picture has not so many that differ.
    """
    pixels = _reduced(picture).reshape(-1, 3)
    lab = oklab(pixels)
    nearest = _grouped(lab)
    groups = [np.flatnonzero(nearest == number) for number in range(int(nearest.max()) + 1)]
    members = [_typical(lab, group) for group in groups if len(group)]
    sizes = np.array([len(group) for group in groups if len(group)]) / len(lab)
    chosen = np.array([members[number] for number in _chosen(lab[members], sizes)])
    owners = _distances(lab, lab[chosen]).argmin(axis=1)
    shares = np.bincount(owners, minlength=len(chosen)) / len(lab)
    order = np.argsort(-lab[chosen, 0], kind="stable")
    return tuple(_swatch(pixels[chosen[place]], shares[place]) for place in order)


def _swatch(pixel: np.ndarray, share: float) -> Swatch:
    red, green, blue = (int(value) for value in pixel)
    return Swatch(rgb=(red, green, blue), share=float(share))


def _reduced(picture: np.ndarray) -> np.ndarray:
    scale = _SIDE / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _grouped(lab: np.ndarray) -> np.ndarray:
    """The number of each colour's group, by k-means from seeds that are far from each other."""
    centres = _seeds(lab)
    nearest = _distances(lab, centres).argmin(axis=1)
    for _ in range(_ROUNDS):
        counts = np.bincount(nearest, minlength=len(centres))
        sums = np.stack([np.bincount(nearest, lab[:, axis], len(centres)) for axis in range(3)], axis=1)
        centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
        nearest = _distances(lab, centres).argmin(axis=1)
    return nearest


def _seeds(lab: np.ndarray) -> np.ndarray:
    """Up to so many colours, each the furthest from those before it; the first is the nearest to the mean."""
    seeds = [int(_distances(lab, lab.mean(axis=0)[None]).argmin())]
    away = _distances(lab, lab[seeds])[:, 0]
    while len(seeds) < _GROUPS and away.max() > _ALIKE**2:
        seeds.append(int(away.argmax()))
        away = np.minimum(away, _distances(lab, lab[seeds[-1:]])[:, 0])
    return lab[seeds]


def _typical(lab: np.ndarray, group: np.ndarray) -> int:
    """The colour nearest to a group's median: where most of it is one colour, that one."""
    median = np.median(lab[group], axis=0)
    return int(group[_distances(lab[group], median[None]).argmin()])


def _chosen(colours: np.ndarray, sizes: np.ndarray) -> list[int]:
    colours = colours * _EYE
    chosen = [int(sizes.argmax())]
    away = np.sqrt(_distances(colours, colours[chosen]))[:, 0]
    while len(chosen) < WANTED:
        value = np.where((away > _ALIKE) & (sizes >= _LEAST), np.minimum(away, _UNLIKE) * sizes**_WEIGHT, 0.0)
        if not value.any():
            break
        chosen.append(int(value.argmax()))
        away = np.minimum(away, np.sqrt(_distances(colours, colours[chosen[-1:]]))[:, 0])
    return chosen


def _distances(colours: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared, (colours, centres)."""
    lightness, a, b = (np.subtract.outer(colours[:, axis], centres[:, axis]) for axis in range(3))
    return np.asarray(lightness**2 + a**2 + b**2)
