"""Layers that are pictures or films: the poster's background, a picture of one's own, a film of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import Field

from pipeline.poster.actors import Actor, Pictured, View, reach
from pipeline.poster.canvas import Box
from pipeline.poster.layers.base import Footage, Layer, Scene
from pipeline.poster.lengths import Length
from pipeline.poster.outlines import rounded
from pipeline.poster.sprites import tinted
from pipeline.poster.variables import fill

Share = Annotated[float, Field(ge=0, le=1)]


class _Pictured(Layer):
    """What they have in common."""

    focus: Annotated[tuple[Share, Share], Field(description="part that stays in view; 0 is left or up")] = (0.5, 0.5)
    radius: Annotated[Length, Field(description="of its corners")] = 0.0
    blur: Annotated[Length, Field(description="radius by which it is out of focus")] = 0.0
    grey: Annotated[Share, Field(description="1 takes all colour from it")] = 0.0
    tint: Annotated[str | None, Field(description="colour that is laid over it, as in paper/40%")] = None

    def inks(self) -> Iterator[str]:
        """See Layer."""
        yield from filter(None, [self.tint])

    def shown(self, footage: Footage, scene: Scene, box: Box) -> Pictured:
        """The actor of a picture or film in a box."""
        left, top = round(box.left), round(box.top)
        width, height = max(1, round(box.right) - left), max(1, round(box.bottom) - top)
        tracks = self.tracks(scene)
        unit = scene.canvas.unit
        finish, is_opaque = self._finish(scene, width, height)
        view = View(
            left=left,
            top=top,
            width=width,
            height=height,
            focus=self.focus,
            nearest=1 + reach(tracks, scene.times, "zoom"),
            drift=(reach(tracks, scene.times, "drift_x") * unit, reach(tracks, scene.times, "drift_y") * unit),
            finish=finish,
            is_opaque=is_opaque,
        )
        frame: Callable[[int | None], np.ndarray] = footage.frame
        if (blur := scene.px(self.blur)) > 0:
            frame = partial(_blurred, footage, blur, max(width, height))
        return Pictured(frame, view, unit, tracks, self.rest(scene), is_film=footage.is_film)

    def _finish(self, scene: Scene, width: int, height: int) -> tuple[Callable[[np.ndarray], np.ndarray] | None, bool]:
        """What is done to its pixels, and whether it then hides all that is below."""
        radius = scene.px(self.radius)
        mask = rounded(width, height, radius) if radius > 0 else None
        tint = None if self.tint is None else scene.colour(self.tint)
        if mask is None and tint is None and self.grey == 0:
            return None, True

        def finish(rgba: np.ndarray) -> np.ndarray:
            if self.grey > 0:
                grey, alpha = cv2.cvtColor(rgba, cv2.COLOR_RGBA2GRAY), cv2.extractChannel(rgba, 3)
                light = cv2.merge([grey, grey, grey, alpha])
                rgba = cv2.addWeighted(rgba, 1 - self.grey, light, self.grey, 0)
            if tint is not None:
                alpha = cv2.extractChannel(rgba, 3)
                over = tinted(alpha, tint.rgb).rgba
                rgba = cv2.addWeighted(rgba, 1 - tint.alpha, over, tint.alpha, 0)
            if mask is not None:
                rgba = cv2.multiply(rgba, cv2.merge([mask] * 4), scale=1 / 255)
            return rgba

        return finish, mask is None


class BackgroundLayer(_Pictured):
    """The job's background, or one of several by its name."""

    layer: Literal["background"]
    use: Annotated[str | None, Field(description="name of one of the job's backgrounds; default: the variant's")] = None

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer."""
        box = self.placed(scene) if self.box.model_fields_set else self.noted(scene, scene.canvas.whole)
        yield self.shown(scene.footage("" if self.use is None else f"background:{self.use}"), scene, box)


class FilmLayer(_Pictured):
    """A film of one's own."""

    layer: Literal["film"]
    film: Annotated[str, Field(description="path or s3:// address; relative to the template")]

    def texts(self) -> Iterator[str]:
        """See Layer."""
        yield from (*super().texts(), self.film)

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer."""
        path = fill(self.film, scene.values)
        if not path:
            return
        footage = scene.footage(path)
        height, width = footage.frame(None).shape[:2]
        yield self.shown(footage, scene, self.placed(scene, aspect=width / height))


class PictureLayer(_Pictured):
    """A picture of one's own, which fills its box."""

    layer: Literal["picture"]
    picture: Annotated[str, Field(description="path or s3:// address; relative to the template")]

    def texts(self) -> Iterator[str]:
        """See Layer."""
        yield from (*super().texts(), self.picture)

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer."""
        path = fill(self.picture, scene.values)
        if not path:
            return
        rgba = scene.picture(path)
        box = self.placed(scene, aspect=rgba.shape[1] / rgba.shape[0])
        yield self.shown(_Picture(on_white(rgba)), scene, box)


class _Picture:
    """A picture as footage."""

    is_film = False

    def __init__(self, rgb: np.ndarray) -> None:
        self._rgb = rgb

    def frame(self, number: int | None) -> np.ndarray:
        """See Footage."""
        return self._rgb


def on_white(rgba: np.ndarray) -> np.ndarray:
    """(H, W, 3), what is transparent being white, as paper is. Logos stay transparent: see marks.py."""
    return cv2.add(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), cv2.merge([255 - rgba[..., 3]] * 3))


def _blurred(footage: Footage, radius: float, longest: int, number: int | None) -> np.ndarray:
    pixels = footage.frame(number)
    scale = max(pixels.shape[:2]) / longest
    return cv2.GaussianBlur(pixels, (0, 0), max(radius * scale, 0.1))
