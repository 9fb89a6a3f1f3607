"""A room while it is painted: its canvas, and the strokes that furniture is made of. Knows no furniture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.drawing.canvas import Canvas, Patch
from pipeline.drawing.colour import Colour
from pipeline.drawing.rooms.attributes import Room
from pipeline.drawing.rooms.light import Light, Normal, shade
from pipeline.drawing.rooms.palette import Palette
from pipeline.drawing.rooms.plan import Block, Plan
from pipeline.drawing.rooms.space import Space, Span, disc

Face = tuple[np.ndarray, Normal, float]
"""A polygon (M, 3), where it faces, and a factor of its colour."""

_FRONT: Normal = (0.0, 0.0, -1.0)
_AROUND: tuple[Normal, ...] = ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (-1.0, 0.0, 0.0))
_SMALL = 60
"""Pixels in which a gradient is not seen."""


@dataclass(frozen=True)
class Scene:
    """Everything that painters need."""

    room: Room
    plan: Plan
    colours: Palette
    light: Light
    shade: Colour
    canvas: Canvas

    @classmethod
    def of(cls, room: Room, side: int) -> Scene:
        """An empty canvas of so many pixels along a side for a room."""
        plan = Plan.of(room)
        return cls(room, plan, Palette.of(room), Light.of(room, plan), shade(room), Canvas(side))

    @property
    def space(self) -> Space:
        """The room in metres."""
        return self.plan.space

    def seen(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) on the picture: (..., 2)."""
        return self.space.project(points)

    def face(self, points: np.ndarray, normal: Normal, colour: Colour, *, gain: float = 1.0) -> None:
        """A flat polygon (M, 3), lit."""
        self.faces([(points, normal, gain)], colour)

    def faces(self, faces: list[Face], colour: Colour) -> None:
        """Flat polygons, lit, in the order given: together, since light is computed once for all."""
        some = np.concatenate([points[:: max(1, len(points) // 4)][:4] for points, _, _ in faces])
        normals = np.repeat(np.array([normal for _, normal, _ in faces]), 4, axis=0).T
        gains = np.repeat(np.array([gain for _, _, gain in faces], np.float32), 4)
        lit = self.light.on(*some.T, normals) * colour[:, None] * gains
        at = self.seen(some)
        for number, (points, _, _) in enumerate(faces):
            patch = self.canvas.shape(self.seen(points))
            if patch.cover.size:
                four = slice(4 * number, 4 * number + 4)
                self.canvas.paint(patch, self._slope(patch, at[four], lit[:, four]))

    def _slope(self, patch: Patch, at: np.ndarray, lit: np.ndarray) -> np.ndarray:
        """Colours (3, 4) at points (4, 2) of the picture as a gradient over a patch: (3, h, w)."""
        middle = at.sum(axis=0) / 4
        mean = lit.sum(axis=1) / 4
        if patch.cover.size < _SMALL:
            return mean
        off = at - middle
        slopes = (lit @ off / ((off * off).sum(axis=0) + 1e-9)).astype(np.float32)
        across, down = (
            (np.arange(span.start, span.stop, dtype=np.float32) + 0.5) / self.canvas.side - np.float32(centre)
            for span, centre in ((patch.columns, middle[0]), (patch.rows, middle[1]))
        )
        rows = mean[:, None] + slopes[:, 1:] * down
        return rows[:, :, None] + (slopes[:, :1] * across)[:, None, :]

    def flat(self, outline: np.ndarray, colour: Colour, opacity: float = 1.0) -> None:
        """A shape (M, 2) of the picture in one colour."""
        self.canvas.paint(self.canvas.shape(outline), colour, opacity)

    def box(
        self, x: Span, y: Span, z: Span, *, colour: Colour, radius: float = 0.0, gain: float = 1.0, sides: bool = True
    ) -> None:
        """A box, its edges rounded as seen from the front. Without its sides it is as soft as a cushion."""
        front = _ring(x, y, radius)
        near = np.column_stack([front, np.full(len(front), z[0])])
        far = near + (0, 0, z[1] - z[0])
        # Below all, so that nothing shines through where faces meet.
        faces: list[Face] = []
        if sides:
            hull = cv2.convexHull(self.seen(np.concatenate([near, far])).astype(np.float32))[:, 0]
            middle = np.array([[(x[0] + x[1]) / 2], [(y[0] + y[1]) / 2], [z[0]]])
            self.flat(hull, self.light.on(*middle, _FRONT)[:, 0] * colour * np.float32(0.95 * gain))
            for arc, normal in enumerate(_AROUND):
                if self._faces(normal, x, y):
                    # Strips share a corner's middle, and overlap a little.
                    indices = np.arange(4 * arc + 1, 4 * arc + 7) % 16 if radius > 0 else np.array([arc, (arc + 1) % 4])
                    strip = np.concatenate([near[indices], far[indices][::-1]])
                    faces.append((strip, normal, gain * (1.07 if normal[1] > 0 else 0.93)))
        self.faces([*faces, (near, _FRONT, gain)], colour)

    def drum(self, centre: tuple[float, float], y: Span, radius: float, *, colour: Colour, gain: float = 1.0) -> None:
        """A cylinder that stands at (x, z)."""
        low, high = disc(centre, radius, y[0]), disc(centre, radius, y[1])
        hull = cv2.convexHull(self.seen(np.concatenate([low, high])).astype(np.float32))[:, 0].astype(float)
        patch = self.canvas.shape(hull)
        if not patch.cover.size:
            return
        xs = np.array([-1.0, 0.0, 1.0, 0.0]) * radius + centre[0]
        ys = np.array([y[0] + y[1], 2 * y[1], y[0] + y[1], 2 * y[0]]) / 2
        zs = np.full(4, centre[1] - radius)
        at = self.seen(np.stack([xs, ys, zs], axis=1))
        lit = self.light.on(xs, ys, zs, (np.array([-0.6, 0, 0.6, 0]), np.zeros(4), np.array([-0.8, -1, -0.8, -1])))
        self.canvas.paint(patch, self._slope(patch, at, lit * (colour * np.float32(0.95 * gain))[:, None]))
        self.face(high, (0.0, 1.0, 0.0), colour, gain=1.05 * gain)

    def _faces(self, normal: Normal, x: Span, y: Span) -> bool:
        """Whether that side of a box is seen."""
        if normal[1]:
            return y[1] < self.space.eye_y if normal[1] > 0 else y[0] > self.space.eye_y
        return x[1] < self.space.eye_x if normal[0] > 0 else x[0] > self.space.eye_x

    def block(self, block: Block, colour: Colour, *, radius: float = 0.0) -> None:
        """A block as a box."""
        self.box(block.x, block.y, block.z, colour=colour, radius=radius)

    def shadow(self, points: np.ndarray, *, blur: float, strength: float) -> None:
        """A soft shadow of a polygon (M, 3) that lies on something. `blur` is in metres."""
        depth = float(points[:, 2].mean())
        self.canvas.tint(self.canvas.shape(self.seen(points), blur=blur / depth), self.shade, strength)


def _ring(x: Span, y: Span, radius: float) -> np.ndarray:
    """A rounded rectangle from its upper left corner on, clockwise: (4, 2) or (16, 2)."""
    if radius <= 0:
        return np.array([(x[0], y[1]), (x[1], y[1]), (x[1], y[0]), (x[0], y[0])])
    radius = min(radius, (x[1] - x[0]) / 2, (y[1] - y[0]) / 2)
    angles = np.radians(np.linspace(0, 90, 4))
    inner = (x[0] + radius, x[1] - radius), (y[0] + radius, y[1] - radius)
    points = []
    for turn, (cx, cy) in enumerate(
        ((inner[0][0], inner[1][1]), (inner[0][1], inner[1][1]), (inner[0][1], inner[1][0]), (inner[0][0], inner[1][0]))
    ):
        for angle in angles - np.pi + np.pi / 2 * turn:
            points.append((cx + radius * np.cos(angle), cy - radius * np.sin(angle)))
    return np.array(points)
