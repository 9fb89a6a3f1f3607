"""Where the head's points come to lie in the picture.

Head units: the pupils of a head seen from the front are 1 apart, and the origin lies between them. x is to the
picture's right, y down, z towards us. As in aligned photographs, the point between the eyes never moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.fields import COLUMNS, HEAD, ROWS

EYES = (0.5, 0.455)
"""The point between the eyes, in picture units."""

UNIT = 0.176
"""A head unit, in picture units."""

_EYE_DEPTH = 0.917
_TURN, _NOD, _LEAN = (math.radians(degrees) for degrees in (21, 9, 7))
"""The most that a head turns, nods and leans."""


def depth(x: np.ndarray) -> np.ndarray:
    """z of the face's front at places across it."""
    return np.sqrt(np.clip(1 - (x / 1.25) ** 2, 0, 1))


@dataclass(frozen=True)
class Pose:
    """A head's turn, nod and lean in radians: to the picture's right, down, and clockwise."""

    turn: float
    nod: float
    lean: float

    @classmethod
    def of(cls, portrait: Portrait) -> Pose:
        """The pose of a portrait."""
        return cls(portrait.turn * _TURN, portrait.nod * _NOD, portrait.lean * _LEAN)

    def flat(self, points: np.ndarray) -> np.ndarray:
        """Head points (..., 3), turned and nodded but not leaned: (..., 2) in head units."""
        away = points[..., 2] - _EYE_DEPTH
        flat = np.empty((*points.shape[:-1], 2))
        flat[..., 0] = points[..., 0] * math.cos(self.turn) + away * math.sin(self.turn)
        flat[..., 1] = points[..., 1] * math.cos(self.nod) + away * math.sin(self.nod)
        return flat

    def leaned(self, flat: np.ndarray) -> np.ndarray:
        """Flat points (..., 2) in picture units."""
        cos, sin = UNIT * math.cos(self.lean), UNIT * math.sin(self.lean)
        return flat @ np.array([[cos, sin], [-sin, cos]]) + EYES

    def place(self, points: np.ndarray) -> np.ndarray:
        """Head points (..., 3) in picture units."""
        return self.leaned(self.flat(points))

    def on_face(self, points: np.ndarray, lift: float = 0.0) -> np.ndarray:
        """Points (..., 2) drawn on the face, or so far before it: (..., 2) in picture units."""
        return self.place(self.lifted(points, lift))

    def lifted(self, points: np.ndarray, lift: float = 0.0) -> np.ndarray:
        """Points (..., 2) drawn on the face, with their depth: (..., 3)."""
        return np.concatenate([points, depth(points[..., :1]) + lift], axis=-1)

    def body(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) of neck and shoulders, which turn half as far and never lean, in picture units."""
        return points * UNIT + (EYES[0] - 0.75 * math.sin(self.turn) * UNIT, EYES[1])

    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y of every point of a field's HEAD part, in flat head units."""
        x, y = (COLUMNS[HEAD] - EYES[0]) / UNIT, (ROWS[HEAD] - EYES[1]) / UNIT
        cos, sin = np.float32(math.cos(self.lean)), np.float32(math.sin(self.lean))
        return x * cos + y * sin, y * cos - x * sin

    def centre(self, x: float, y: float, z: float) -> tuple[float, float]:
        """One head point, flat."""
        at = self.flat(np.array([x, y, z]))
        return float(at[0]), float(at[1])
