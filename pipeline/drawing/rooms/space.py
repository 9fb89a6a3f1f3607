"""The room in metres, and how its points fall on the picture: one-point perspective. No colours, no furniture.

x runs right from the middle of the room, y up from the floor, z away from the eye. The back wall faces us.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.drawing.rooms.attributes import Room, Wall

Span = tuple[float, float]
"""From, to: metres."""

NEAR = 1.0
"""How near to the eye walls are drawn: out of the picture on every side."""
_HORIZON = 0.45


@dataclass(frozen=True)
class Space:
    """Walls at `-side` and `side`, a ceiling at `height`, a back wall at `back`. The focal length is the picture."""

    side: float
    height: float
    back: float
    eye_x: float
    eye_y: float
    vanish_x: float
    vanish_y: float

    @classmethod
    def of(cls, room: Room) -> Space:
        """The room's space. Its back wall takes 0.68 to 0.78 of the picture's width."""
        width = 3.35 + 0.2 * room.breadth
        back = width / (0.78 - 0.10 * room.distance)
        eye_x = 0.45 * room.view
        return cls(
            side=width / 2,
            height=2.2 + 0.75 * room.ceiling,
            back=back,
            eye_x=eye_x,
            eye_y=1.15 + 0.2 * room.eye,
            # A shifted lens keeps the room in the middle.
            vanish_x=0.5 + 0.55 * eye_x / back,
            vanish_y=_HORIZON,
        )

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) in metres as points (..., 2) of the picture."""
        seen = (points[..., :2] - (self.eye_x, self.eye_y)) / points[..., 2:]
        seen[..., 1] *= -1
        seen += (self.vanish_x, self.vanish_y)
        return seen

    def on_wall(self, wall: Wall, along: np.ndarray, up: np.ndarray, out: float = 0.0) -> np.ndarray:
        """Points (..., 3) on a wall: `along` is x on the back wall and z on others, `out` how far before the wall."""
        along, up = np.broadcast_arrays(np.asarray(along, float), np.asarray(up, float))
        if wall == "back":
            return np.stack([along, up, np.full(along.shape, self.back - out)], axis=-1)
        x = -self.side + out if wall == "left" else self.side - out
        return np.stack([np.full(along.shape, x), up, along], axis=-1)

    def panel(self, wall: Wall, along: Span, up: Span, out: float = 0.0) -> np.ndarray:
        """A rectangle on a wall: (4, 3), from its upper left corner on."""
        xs = np.array([along[0], along[1], along[1], along[0]])
        return self.on_wall(wall, xs, np.array([up[1], up[1], up[0], up[0]]), out)

    def first_seen(self, wall: Wall) -> float:
        """How near to the eye a side wall enters the picture: z in metres."""
        x, edge = (-self.side, 0.0) if wall == "left" else (self.side, 1.0)
        return (x - self.eye_x) / (edge - self.vanish_x)


NORMALS: dict[str, tuple[float, float, float]] = {
    "left": (1.0, 0.0, 0.0),
    "right": (-1.0, 0.0, 0.0),
    "back": (0.0, 0.0, -1.0),
    "floor": (0.0, 1.0, 0.0),
    "ceiling": (0.0, -1.0, 0.0),
}
"""Where the room's surfaces face."""


def flat(x: Span, z: Span, y: float = 0.0) -> np.ndarray:
    """A rectangle that lies: (4, 3)."""
    return np.array([(x[0], y, z[1]), (x[1], y, z[1]), (x[1], y, z[0]), (x[0], y, z[0])])


def disc(centre: tuple[float, float], radius: float, y: float = 0.0) -> np.ndarray:
    """A circle that lies: (40, 3). Its centre is (x, z)."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return np.stack([centre[0] + radius * np.cos(angles), np.full(40, y), centre[1] + radius * np.sin(angles)], axis=1)
