"""What a camera sees in one frame: where it is, how it is turned, and which pixel a point of the world falls on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class View:
    """A camera without roll: what is upright in the world is upright in the picture.

    Its own axes are x to the right, y down and z into the picture.
    """

    eye: np.ndarray
    """`(3,)` metres."""
    azimuth: float
    """Radians: where it stands, seen from what it looks at; 0 is z, π/2 is x."""
    elevation: float
    """Radians above the horizontal."""
    focal: float
    """Pixels at one metre of a metre's length."""
    width: int
    height: int

    @cached_property
    def turn(self) -> np.ndarray:
        """`(3, 3)`: from the world's axes to the camera's."""
        return axes(self.azimuth, self.elevation)

    @property
    def middle(self) -> tuple[float, float]:
        """Pixels from the left and upper edges."""
        return self.width / 2, self.height / 2

    def seen(self, points: np.ndarray) -> np.ndarray:
        """Points of the world `(…, 3)` along the camera's axes, metres."""
        return (points - self.eye) @ self.turn.T

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Where points of the world `(…, 3)` are in the picture: `(…, 2)`, from its left and upper edges."""
        seen = self.seen(points)
        return seen[..., :2] / seen[..., 2:] * self.focal + np.array(self.middle)


def axes(azimuth: float, elevation: float) -> np.ndarray:
    """`(3, 3)`: to the axes of a camera that looks at the origin from there; its rows are right, down and forward."""
    forward = -direction(azimuth, elevation)
    right = np.array([math.cos(azimuth), 0.0, -math.sin(azimuth)])
    return np.stack([right, np.cross(forward, right), forward])


def direction(azimuth: float, elevation: float) -> np.ndarray:
    """`(3,)` of length 1: towards what stands there. Radians, as a View's."""
    flat = math.cos(elevation)
    return np.array([flat * math.sin(azimuth), math.sin(elevation), flat * math.cos(azimuth)])
