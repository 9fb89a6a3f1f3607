"""Figures, a look and a camera as pictures, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from pipeline.errors import InputError
from pipeline.motion.view.actors import Group, actor, groups
from pipeline.motion.view.backdrops import backdrop
from pipeline.motion.view.cameras import Camera
from pipeline.motion.view.canvas import Canvas
from pipeline.motion.view.figures import Figure
from pipeline.motion.view.floors import hide_below
from pipeline.motion.view.grids import grid
from pipeline.motion.view.lighting import key_direction, table
from pipeline.motion.view.looks import Look, Trails
from pipeline.motion.view.paths import CameraPath
from pipeline.motion.view.placing import placed
from pipeline.motion.view.quadrics import quadrics
from pipeline.motion.view.ribbons import drawn, ribbons
from pipeline.motion.view.shading import Shader
from pipeline.motion.view.shadows import seen, shadow
from pipeline.motion.view.studios import STUDIOS
from pipeline.motion.view.surfaces import Surfaces, hide_behind, nearest
from pipeline.motion.view.views import View

SIDES_PX = (16, 8192)
"""The least and the greatest side of a picture."""

_GHOST = 0.42
"""How much the youngest ghost hides."""


class Stage:
    """Draws any frame of figures that move. Frame n is at n / rate seconds of their clips, at any rate.

    What a frame looks like depends on nothing but its number. One thread at a time.
    """

    def __init__(
        self, figures: Sequence[Figure], look: Look, camera: Camera, *, width: int, height: int, rate: Fraction
    ) -> None:
        """`width`, `height`: pixels. `rate`: frames a second of the film.

        Raises: InputError if there is no figure, one has another skeleton, or a number is out of its range.
        """
        least, most = SIDES_PX
        if not (least <= width <= most and least <= height <= most):
            raise InputError(f"a picture of {width}x{height} is not drawn; choose sides of {least} to {most} pixels")
        if rate <= 0:
            raise InputError(f"{float(rate):g} frames a second show nothing; choose 24, 25, 30 or 60")
        camera.check()
        look.check()
        self.look, self.width, self.height, self.rate = look, width, height, rate
        poses = placed(figures, rate)
        self.frames = max(len(pose.positions) for pose in poses)
        """How many there are until the longest clip ends."""
        self._actors = [actor(figure, pose) for figure, pose in zip(figures, poses, strict=True)]
        props = [figure.prop for figure in figures]
        self._path = CameraPath(camera, poses, props, width=width, height=height, rate=rate)
        self._room = STUDIOS[look.studio]
        self._key = key_direction(self._path.start)
        self._behind: np.ndarray | None = None
        self._still: tuple[tuple[float, ...], np.ndarray] | None = None

    def draw(self, frame: int) -> np.ndarray:
        """The frame: `(height, width, 3)` uint8, sRGB; `(height, width, 4)`, alpha straight, if nothing is behind.

        `frame`: 0 or more; after the last one, figures stand still.
        Raises: InputError if there is no such frame, or a background's picture has another size.
        """
        if frame < 0:
            raise InputError(f"there is no frame {frame}; they count from 0")
        view, look = self._path.view(frame), self.look
        canvas = Canvas(self._ground(frame, view), transparent=look.is_transparent)
        if look.has_grid and look.background is not None:
            self._draw_grid(canvas, frame, view)
        if look.shadow:
            self._draw_shadows(canvas, frame, view)
        light = table(look.studio, self._path.start, view.azimuth, view.elevation)
        if look.trails and look.trails.kind == "ghosts":
            for past, solid in self._ghosts(frame, look.trails):
                for group in groups(self._actors, past, view):
                    self._draw_group(canvas, group, view, light, solid)
        drawn_groups = [
            self._draw_group(canvas, group, view, light, 1.0) for group in groups(self._actors, frame, view)
        ]
        if look.trails and look.trails.kind == "ribbons":
            self._draw_ribbons(canvas, frame, view, look.trails, [made for made in drawn_groups if made])
        return canvas.finished()

    def _background(self, frame: int) -> np.ndarray:
        if callable(self.look.background):
            picture = self.look.background(frame)
            if picture.shape != (self.height, self.width, 3) or picture.dtype != np.uint8:
                size = "x".join(map(str, picture.shape[1::-1]))
                raise InputError(
                    f"the background of frame {frame} is {size} {picture.dtype}; give {self.width}x{self.height} uint8"
                )
            return picture
        if self._behind is None:
            self._behind = backdrop(self.look, self.width, self.height)
        return self._behind

    def _ground(self, frame: int, view: View) -> np.ndarray:
        """A picture of what is behind the figures, to draw on; of a studio, with its grid."""
        behind = self._background(frame)
        if self.look.background is not None or not self.look.has_grid:
            return behind.copy()
        key = (*view.eye.tolist(), view.azimuth)
        if self._still is not None and self._still[0] == key:
            return self._still[1].copy()
        # In a studio lines are grey, and the floor's colour is known: they are added to it, not laid over it.
        room = self._room
        change = room.lines_share * float(np.mean(room.lines) - np.mean(room.floor))
        made = grid(view, self._path.target(frame), most=round(abs(change)))
        ground = behind.copy() if made is None else made.drawn(behind, lighter=change > 0)
        # Cameras that stand still see the same ground again.
        self._still = (key, ground.copy()) if self._path.is_still else None
        return ground

    def _draw_grid(self, canvas: Canvas, frame: int, view: View) -> None:
        if (made := grid(view, self._path.target(frame))) is not None:
            cover = made.cover() * np.float32(self._room.lines_share / 255)
            canvas.lay((0, made.top, self.width, self.height), np.array(self._room.lines, np.float32), cover)

    def _draw_shadows(self, canvas: Canvas, frame: int, view: View) -> None:
        darkness = self._room.shadow * self.look.shadow
        for one in self._actors:
            if (thrown := seen(shadow(one.parts(frame), self._key), view, darkness)) is not None:
                kept, box = thrown
                canvas.darken(box, kept)

    def _ghosts(self, frame: int, trails: Trails) -> list[tuple[int, float]]:
        """Frames of the past, the oldest first, and how much of a ghost each is."""
        step = trails.seconds * float(self.rate) / trails.count
        past = [(frame - round(number * step), number) for number in range(trails.count, 0, -1)]
        return [(there, _GHOST * (1 - (number - 1) / trails.count)) for there, number in past if there >= 0]

    def _draw_group(self, canvas: Canvas, group: Group, view: View, light: np.ndarray, solid: float) -> Surfaces | None:
        shapes = quadrics(group.parts, view)
        if not len(shapes.parts):
            return None
        pixels_per_m = view.focal / self._path.distance
        # No sharper than a pixel.
        blends_m = np.maximum(group.blends_m[shapes.parts], 0.6 / pixels_per_m)
        made = nearest(shapes, view, blends_m)
        hide_below(made, group.parts, shapes, view)
        shader = Shader(made, group.colours[shapes.parts], light, pixels_per_m)
        left, top, right, _ = made.box
        for strip in made.strips:
            cover = made.cover[strip.top - top :].reshape(-1).take(strip.front.places)
            canvas.lay_pixels(left, strip.top, right - left, strip.front.places, shader.shaded(strip), cover * solid)
        return made

    def _draw_ribbons(self, canvas: Canvas, frame: int, view: View, trails: Trails, before: Sequence[Surfaces]) -> None:
        length = max(round(trails.seconds * float(self.rate)), 1)
        for one in self._actors:
            strips = ribbons(one.pose, frame, length, trails.of, has_blade=one.figure.prop == "sword")
            if (found := drawn(strips, view)) is None:
                continue
            box, cover, depth = found
            for made in before:
                hide_behind(made, box, cover, depth)
            left, top, right, _ = box
            places = np.flatnonzero(cover)
            colour = np.array(one.figure.palette.trail, np.float32)
            colours = np.broadcast_to(colour, (len(places), 3))
            canvas.lay_pixels(left, top, right - left, places, colours, cover.reshape(-1).take(places))
