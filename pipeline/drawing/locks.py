"""Sheets of hair: two guiding curves, everything between them, and the strands that run along. No styles here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.drawing.canvas import Canvas, Patch
from pipeline.drawing.colour import Colour
from pipeline.drawing.curves import normals, resampled, ribbon, smooth, taper
from pipeline.drawing.pose import UNIT, Pose

_ALONG = 22
"""Points of a strand."""
_ACROSS = 11
"""Strands that a sheet's outline knows of."""
_GLOSS = 0.42
"""How bright the strands are that catch the light."""

Points = Sequence[tuple[float, float, float]]
"""Head points (x, y, z)."""


@dataclass(frozen=True)
class Sheet:
    """Hair that hangs together."""

    inner: np.ndarray
    outer: np.ndarray
    """The guiding curves from root to tip, in picture units: (T, 2)."""
    wave: float = 0.0
    """How far strands swing, in picture units."""
    turns: float = 1.6
    """How often they do on their way."""
    phase: float = 0.0
    ragged: float = 0.0
    """How unlike the tips' lengths are, in picture units."""
    tone: float = 1.0
    """By how much the hair's colour is multiplied."""
    gloss: float = 0.3
    """Where along the strands light is caught; below 0: nowhere."""

    def strands(self, across: np.ndarray) -> np.ndarray:
        """Strands at places in [0, 1] from the inner to the outer curve: (S, T, 2)."""
        share = across[:, None, None]
        lines = self.inner * (1 - share) + self.outer * share
        if self.wave:
            t = np.linspace(0, 1, lines.shape[1])
            swing = (
                self.wave
                * np.minimum(t * 1.6, 1)
                * np.sin(2 * math.pi * self.turns * t + self.phase + 1.3 * share[..., 0])
            )
            lines = lines + normals(lines) * swing[..., None]
        return lines

    def outline(self) -> np.ndarray:
        """The sheet's edge: (M, 2)."""
        lines = self.strands(np.linspace(0, 1, _ACROSS))
        ends = lines[:, -1]
        ahead = ends - lines[:, -3]
        ahead /= np.maximum(np.linalg.norm(ahead, axis=-1, keepdims=True), 1e-9)
        uneven = np.sin(np.arange(_ACROSS) * 0.95 + self.phase) + 0.55 * np.sin(
            np.arange(_ACROSS) * 2.2 + 2 * self.phase
        )
        tips = smooth(ends + ahead * (self.ragged * 0.5 * uneven)[:, None], per_span=4)
        return np.concatenate([lines[0, :-1], tips, lines[-1, -2::-1], lines[::-1, 0]])


def sheet(pose: Pose, inner: Points, outer: Points, **how: float) -> Sheet:
    """A sheet between two curves through head points (x, y, z); lengths in `how` are in head units."""
    curves = [resampled(smooth(pose.place(np.array(points, float))), _ALONG) for points in (inner, outer)]
    for name in ("wave", "ragged"):
        how[name] = how.get(name, 0.0) * UNIT
    return Sheet(curves[0], curves[1], **how)


def strokes(lines: np.ndarray, *, start: np.ndarray, length: np.ndarray, width: np.ndarray) -> list[np.ndarray]:
    """Tapered strokes along parts of strands (S, T, 2): outlines (M, 2)."""
    count = 9
    at = (start[:, None] + length[:, None] * np.linspace(0, 1, count)) * (lines.shape[1] - 1)
    at = np.clip(at, 0, lines.shape[1] - 1.001)
    low = at.astype(int)
    share = (at - low)[..., None]
    rows = np.arange(len(lines))[:, None]
    points = lines[rows, low] * (1 - share) + lines[rows, low + 1] * share
    return list(ribbon(points, width[:, None] * taper(count, start=0.15, end=0.1)))


def paint_strands(
    canvas: Canvas, hair: Sheet, cover: Patch, *, rng: np.random.Generator, dark: Colour, bright: Colour
) -> None:
    """Draw a sheet's strands: dark, light, and those that catch the light. `cover` is the sheet's own shape."""
    mask = canvas.spread(cover)
    breadth = float(np.linalg.norm(hair.inner - hair.outer, axis=1).mean())
    count = int(np.clip(breadth / UNIT * 11, 5, 13))
    for colour, strength, share in ((dark, 0.5, 0.62), (bright, 0.4, 0.5)):
        lines = hair.strands((np.arange(count) + rng.uniform(0.1, 0.9, count)) / count)
        start, length = rng.uniform(-0.05, 0.35, count), rng.uniform(0.4, 0.75, count)
        width = share * breadth / count * rng.uniform(0.4, 1.3, count)
        patch = canvas.shape(*strokes(lines, start=start, length=length, width=width), blur=0.0016)
        canvas.paint(patch.within(mask), colour, strength)
    if hair.gloss >= 0:
        lines = hair.strands((np.arange(count) + rng.uniform(0.2, 0.8, count)) / count)
        start = hair.gloss - 0.1 + rng.uniform(-0.04, 0.04, count)
        length = rng.uniform(0.14, 0.26, count)
        width = breadth / count * rng.uniform(0.6, 1.1, count)
        patch = canvas.shape(*strokes(lines, start=start, length=length, width=width), blur=0.003)
        canvas.glow(patch.within(mask), bright, _GLOSS)
