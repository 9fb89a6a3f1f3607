"""Outlines that several subjects are made of. Points are in picture units, (0, 0) the upper left corner."""

from __future__ import annotations

import math

import numpy as np

from pipeline.drawing.curves import ellipse, smooth

Shapes = list[tuple[str, np.ndarray]]
"""From back to front: which of a motif's colours, and an outline (M, 2)."""


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A rectangle."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def disc(x: float, y: float, radius: float) -> np.ndarray:
    """A circle."""
    return ellipse((x, y), (radius, radius), count=48)


def half_disc(x: float, y: float, radius: float) -> np.ndarray:
    """The lower half of a circle."""
    angles = np.linspace(0, math.pi, 32)
    return np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])


def land(crest: np.ndarray) -> np.ndarray:
    """Everything below a crest (M, 2) that runs from left to right."""
    return np.concatenate([crest, [(1.02, 1.02), (-0.02, 1.02)]])


def wave(level: float, swing: float, turn: float, *, waves: float = 1.0) -> np.ndarray:
    """The crest of hills or water."""
    x = np.linspace(-0.02, 1.02, 40)
    return np.column_stack([x, level + swing * np.sin(x * waves * 2 * math.pi + turn)])


def star(x: float, y: float, radius: float) -> np.ndarray:
    """Five points, one of them up."""
    angles = np.arange(10) * math.pi / 5 - math.pi / 2
    reach = np.where(np.arange(10) % 2, 0.42 * radius, radius)
    return np.column_stack([x + reach * np.cos(angles), y + reach * np.sin(angles)])


def heart(x: float, y: float, radius: float) -> np.ndarray:
    """Upright, as on cards."""
    t = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    across = 16 * np.sin(t) ** 3
    up = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.column_stack([x + radius * across / 16, y - radius * (up + 2.5) / 16])


def leaf(x: float, y: float, length: float, *, turn: float) -> np.ndarray:
    """A pointed leaf from (x, y), turned from upright by so many radians."""
    half = np.array([(0.0, 0.0), (0.22, 0.35), (0.2, 0.7), (0.0, 1.0), (-0.2, 0.7), (-0.22, 0.35)])
    outline = smooth(half, closed=True) * (length, -length)
    cos, sin = math.cos(turn), math.sin(turn)
    return outline @ np.array([[cos, sin], [-sin, cos]]) + (x, y)
