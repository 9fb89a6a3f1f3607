"""How light falls in a room: from the window, the lamp and all around, as a factor for colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.drawing.colour import Colour, mix, oklch
from pipeline.drawing.rooms.attributes import Room
from pipeline.drawing.rooms.plan import Plan
from pipeline.drawing.rooms.space import NORMALS

Normal = tuple[Any, Any, Any]
"""Of length 1: right, up, away from us. Numbers, or arrays for as many points."""


@dataclass(frozen=True)
class Light:
    """What shines. Colours are factors of a surface's colour."""

    window: tuple[float, float, float]
    inward: Normal
    day: float
    day_colour: Colour
    lamp: tuple[float, float, float] | None
    glow: float
    lamp_colour: Colour
    around: Colour
    """What comes from everywhere."""

    @classmethod
    def of(cls, room: Room, plan: Plan) -> Light:
        """A room's light."""
        window = plan.window
        middle = plan.space.on_wall(window.wall, np.array(sum(window.along) / 2), np.array(sum(window.up) / 2))
        area = (window.along[1] - window.along[0]) * (window.up[1] - window.up[0])
        cool, gold = np.array([0.95, 1.0, 1.06]), np.array([1.12, 0.97, 0.76])
        around = mix(np.array([0.86, 0.87, 0.93], np.float32), np.array([0.97, 0.95, 0.92], np.float32), room.daylight)
        return cls(
            window=tuple(middle.tolist()),
            inward=NORMALS[window.wall],
            day=room.daylight * (1.1 + 0.3 * area),
            day_colour=(cool + (gold - cool) * room.hour).astype(np.float32),
            lamp=plan.lamp,
            glow=room.lamp if plan.lamp else 0.0,
            lamp_colour=np.array([1.0, 0.80, 0.50], np.float32),
            around=around * np.float32(0.74 + 0.16 * room.daylight),
        )

    def parts(self, x: Any, y: Any, z: Any, normal: Normal) -> tuple[Any, Any]:
        """How much of the window's and of the lamp's light reaches points, which are numbers or arrays of one shape."""
        day = self.day * _reach(self.window, x, y, z, normal=normal, inward=self.inward)
        if self.lamp is None:
            return day, 0.0 * day
        return day, self.glow * 0.46 * _reach(self.lamp, x, y, z, normal=normal, inward=None)

    def on(self, x: np.ndarray, y: np.ndarray, z: np.ndarray, normal: Normal) -> np.ndarray:
        """The factor at points (…): (3, …) float32."""
        day, lamp = self.parts(x, y, z, normal)
        shape = (3,) + (1,) * np.ndim(day)
        even = 1 + 0.05 * normal[1] - 0.02 * abs(normal[0])
        lit = (
            self.around.reshape(shape) * even
            + self.day_colour.reshape(shape) * day
            + self.lamp_colour.reshape(shape) * lamp
        )
        return lit.astype(np.float32)

    def at(self, point: tuple[float, float, float] | np.ndarray, normal: Normal) -> Colour:
        """The factor at one point (3,)."""
        x, y, z = point
        return self.on(np.asarray(x), np.asarray(y), np.asarray(z), normal)


def _reach(source: tuple[float, float, float], x: Any, y: Any, z: Any, *, normal: Normal, inward: Normal | None) -> Any:
    """Falls with distance and with the angle, softly: real rooms give much of it back."""
    to_x, to_y, to_z = source[0] - x, source[1] - y, source[2] - z
    square = to_x * to_x + to_y * to_y + to_z * to_z
    nearness = 1 / np.sqrt(square + 0.05)
    facing = 0.42 + 0.58 * (normal[0] * to_x + normal[1] * to_y + normal[2] * to_z) * nearness
    facing = 0.5 * (facing + abs(facing))
    if inward is None:
        return facing / (square + 0.35)
    from_window = -(inward[0] * to_x + inward[1] * to_y + inward[2] * to_z) * nearness
    return facing * (0.40 + 0.30 * (from_window + abs(from_window))) / (0.55 * square + 1.4)


def shade(room: Room) -> Colour:
    """By which colours in a shadow are multiplied."""
    return mix(oklch(0.62, 0.03, 285), oklch(0.62, 0.035, room.wall_hue), 0.5)
