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
_SMALL = 100
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

    def faces(self, faces: list[Face], colour: Colour, *, under: np.ndarray | None = None) -> None:
        """Flat polygons, lit, in the order given: together, since light is computed once for all.

        `under` (M, 2) is painted first, so that nothing shines through where faces meet.
        """
        some = np.concatenate([points[:: max(1, len(points) // 4)][:4] for points, _, _ in faces])
        normals = np.repeat(np.array([normal for _, normal, _ in faces]), 4, axis=0).T
        gains = np.repeat(np.array([gain for _, _, gain in faces], np.float32), 4)
        lit = self.light.on(some[:, 0], some[:, 1], some[:, 2], tuple(normals)) * colour[:, None] * gains
        at = self.seen(some)
        if under is not None:
            self.flat(under, 0.95 * lit[:, -4:].sum(axis=1) / 4)
        for number, (points, _, _) in enumerate(faces):
            four = slice(4 * number, 4 * number + 4)
            patch = self.canvas.shape(at[four] if len(points) == 4 else self.seen(points))
            if patch.cover.size:
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
        near = _ring(x, y, radius, z[0])
        if not sides:
            self.face(near, _FRONT, colour, gain=gain)
            return
        far = near + np.array([0, 0, z[1] - z[0]])
        faces: list[Face] = []
        for arc, normal in enumerate(_AROUND):
            if self._faces(normal, x, y):
                # Strips share a corner's middle, and overlap a little.
                indices = np.arange(4 * arc + 1, 4 * arc + 7) % 16 if radius > 0 else np.array([arc, (arc + 1) % 4])
                strip = np.concatenate([near[indices], far[indices][::-1]])
                faces.append((strip, normal, gain * (1.07 if normal[1] > 0 else 0.93)))
        self.faces([*faces, (near, _FRONT, gain)], colour, under=self._hull(near, far))

    def post(self, x: Span, y: Span, z: Span, *, colour: Colour, gain: float = 1.0) -> None:
        """A thin box, such as a leg: its side is too narrow to have a tone of its own."""
        near = _ring(x, y, 0.0, z[0])
        self.faces([(near, _FRONT, gain)], colour, under=self._hull(near, near + np.array([0, 0, z[1] - z[0]])))

    def _hull(self, near: np.ndarray, far: np.ndarray) -> np.ndarray:
        """What two rings (M, 3) and all between them cover of the picture: (K, 2)."""
        hull: np.ndarray = cv2.convexHull(self.seen(np.concatenate([near, far])).astype(np.float32))[:, 0]
        return hull

    def drum(self, centre: tuple[float, float], y: Span, radius: float, *, colour: Colour, gain: float = 1.0) -> None:
        """A cylinder that stands at (x, z)."""
        low, high = disc(centre, radius, y[0]), disc(centre, radius, y[1])
        patch = self.canvas.shape(self._hull(low, high))
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


def _ring(x: Span, y: Span, radius: float, z: float) -> np.ndarray:
    """A rounded rectangle that faces us, from its upper left corner on, clockwise: (4, 3) or (16, 3)."""
    if radius <= 0:
        return np.array([(x[0], y[1], z), (x[1], y[1], z), (x[1], y[0], z), (x[0], y[0], z)])
    radius = min(radius, (x[1] - x[0]) / 2, (y[1] - y[0]) / 2)
    ring = np.empty((16, 3))
    ring[:, 0] = np.repeat((x[0] + radius, x[1] - radius, x[1] - radius, x[0] + radius), 4) + radius * _COSINES
    ring[:, 1] = np.repeat((y[1] - radius, y[1] - radius, y[0] + radius, y[0] + radius), 4) + radius * _SINES
    ring[:, 2] = z
    return ring


_ANGLES = np.radians([180 - 90 * corner - 30 * step for corner in range(4) for step in range(4)])
_COSINES, _SINES = np.cos(_ANGLES), np.sin(_ANGLES)
