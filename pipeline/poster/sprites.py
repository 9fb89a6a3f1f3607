"""Pieces of a poster with transparency, moved and laid over each other.

A sprite's colours are premultiplied: each is as much of its colour as it hides of what lies below, so that laying it
over is one multiplication and one addition, and blurring or moving it brings no dark fringe.

Source: Porter and Duff, Compositing Digital Images, 1984 (the operator `over`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from pipeline.poster.canvas import Box
from pipeline.poster.states import REST, State

_STILL = 1e-3
"""Of a pixel, below which nothing is seen to have moved."""


@dataclass(frozen=True)
class Sprite:
    """A rectangle of pixels somewhere on a canvas."""

    rgba: np.ndarray
    """(H, W, 4) uint8, sRGB, premultiplied."""
    left: int = 0
    top: int = 0
    is_opaque: bool = False
    """Whether it hides all that lies below."""

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.rgba.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.rgba.shape[0])


@dataclass
class Layable:
    """A sprite made ready to be laid over frames again and again."""

    rgb: np.ndarray
    """(H, W, 3) uint8."""
    shows: np.ndarray | None
    """(H, W, 3) uint8: how much of what is below still shows, 255 being all; None of what hides it all."""
    left: int
    top: int


@dataclass
class Canvas:
    """Frames are put together here. Its pixels are used again for the next frame."""

    pixels: np.ndarray
    """(H, W, 3) uint8, sRGB."""
    _room: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self._room = np.empty_like(self.pixels)

    def lay(self, sprite: Layable) -> None:
        """Lay a sprite over what is there; what lies beyond the edges is cut off."""
        height, width = self.pixels.shape[:2]
        top, left = max(sprite.top, 0), max(sprite.left, 0)
        bottom = min(sprite.top + sprite.rgb.shape[0], height)
        right = min(sprite.left + sprite.rgb.shape[1], width)
        if bottom <= top or right <= left:
            return
        here = self.pixels[top:bottom, left:right]
        of = np.s_[top - sprite.top : bottom - sprite.top, left - sprite.left : right - sprite.left]
        if sprite.shows is None:
            np.copyto(here, sprite.rgb[of])
            return
        dimmed = cv2.multiply(here, sprite.shows[of], self._room[: bottom - top, : right - left], scale=1 / 255)
        cv2.add(dimmed, sprite.rgb[of], here)


def layable(sprite: Sprite) -> Layable:
    """A sprite as a canvas takes it."""
    rgb = cv2.cvtColor(sprite.rgba, cv2.COLOR_RGBA2RGB)
    if sprite.is_opaque:
        return Layable(rgb, None, sprite.left, sprite.top)
    shows = cv2.merge([cv2.bitwise_not(cv2.extractChannel(sprite.rgba, 3))] * 3)
    return Layable(rgb, shows, sprite.left, sprite.top)


def opaque(rgb: np.ndarray, left: int = 0, top: int = 0) -> Sprite:
    """A sprite of a picture (H, W, 3) uint8 that hides what lies below."""
    return Sprite(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), left, top, is_opaque=True)


def tinted(coverage: np.ndarray, rgb: tuple[int, int, int], alpha: float = 1.0, left: int = 0, top: int = 0) -> Sprite:
    """A sprite of one colour, which hides as much as `coverage` (H, W) uint8 says, times `alpha`."""
    hides = coverage if alpha >= 1 else cv2.convertScaleAbs(coverage, alpha=alpha)
    channels = [cv2.convertScaleAbs(hides, alpha=value / 255) for value in rgb]
    return Sprite(cv2.merge([*channels, hides]), left, top)


def over(lower: Sprite, upper: Sprite) -> Sprite:
    """Both as one sprite, as large as holds both."""
    left, top = min(lower.left, upper.left), min(lower.top, upper.top)
    right = max(lower.left + lower.width, upper.left + upper.width)
    bottom = max(lower.top + lower.height, upper.top + upper.height)
    made = np.zeros((bottom - top, right - left, 4), np.uint8)
    _part(made, lower, left, top)[:] = lower.rgba
    there = _part(made, upper, left, top)
    shows = cv2.merge([cv2.bitwise_not(cv2.extractChannel(upper.rgba, 3))] * 4)
    there[:] = cv2.add(cv2.multiply(np.ascontiguousarray(there), shows, scale=1 / 255), upper.rgba)
    is_opaque = lower.is_opaque and made.shape == lower.rgba.shape
    return Sprite(made, left, top, is_opaque=is_opaque)


def _part(pixels: np.ndarray, sprite: Sprite, left: int, top: int) -> np.ndarray:
    return pixels[sprite.top - top :, sprite.left - left :][: sprite.height, : sprite.width]


def cropped(sprite: Sprite, width: int, height: int) -> Sprite | None:
    """What of a sprite lies on a canvas of that size; None if nothing does."""
    left, top = max(sprite.left, 0), max(sprite.top, 0)
    right, bottom = min(sprite.left + sprite.width, width), min(sprite.top + sprite.height, height)
    if right <= left or bottom <= top:
        return None
    part = sprite.rgba[top - sprite.top : bottom - sprite.top, left - sprite.left : right - sprite.left]
    return Sprite(part, left, top, is_opaque=sprite.is_opaque)


def trimmed(sprite: Sprite) -> Sprite:
    """The sprite without the edges in which there is nothing."""
    left, top, width, height = cv2.boundingRect(cv2.extractChannel(sprite.rgba, 3))
    part = sprite.rgba[top : top + max(height, 1), left : left + max(width, 1)]
    return Sprite(np.ascontiguousarray(part), sprite.left + left, sprite.top + top, is_opaque=sprite.is_opaque)


def faded(sprite: Sprite, opacity: float) -> Sprite:
    """The sprite, hiding less: all of it by the same share."""
    if opacity >= 1:
        return sprite
    return Sprite(cv2.convertScaleAbs(sprite.rgba, alpha=max(opacity, 0.0)), sprite.left, sprite.top)


def moved(sprite: Sprite, state: State, unit: float, about: Box | None = None) -> Sprite | None:
    """The sprite as a state has it, None if nothing is seen. `unit`: pixels of a hundredth of the shorter side.

    `about`: the box about whose middle it turns, and over which it is uncovered; default: its own.
    """
    if state.opacity <= 0 or min(state.scale, *_revealed(state)) <= 0:
        return None
    if state == REST:
        return sprite
    about = about or Box(sprite.left, sprite.top, sprite.width, sprite.height)
    sprite = _uncovered(sprite, state, about)
    sprite = _turned(sprite, state, about) if state.scale != 1 or state.rotate != 0 else sprite
    return faded(_shifted(sprite, (state.x + state.drift_x) * unit, (state.y + state.drift_y) * unit), state.opacity)


def _revealed(state: State) -> tuple[float, float, float, float]:
    return state.reveal_left, state.reveal_right, state.reveal_top, state.reveal_bottom


def _uncovered(sprite: Sprite, state: State, about: Box) -> Sprite:
    """What is uncovered of it; the edge lies between pixels."""
    if min(_revealed(state)) >= 1:
        return sprite
    # A shadow reaches beyond the box; the edge begins and ends where nothing of it is cut off.
    left, right = about.left - sprite.left, sprite.left + sprite.width - about.right
    top, bottom = about.top - sprite.top, sprite.top + sprite.height - about.bottom
    across = (
        _edge(sprite.width, state.reveal_left, left, right) * _edge(sprite.width, state.reveal_right, right, left)[::-1]
    )
    down = (
        _edge(sprite.height, state.reveal_top, top, bottom)
        * _edge(sprite.height, state.reveal_bottom, bottom, top)[::-1]
    )
    mask = np.outer(down, across).astype(np.float32)
    # Rounded as OpenCV rounds, so that what is whole stays as it is.
    rgba = np.rint(sprite.rgba * mask[..., None]).astype(np.uint8)
    return Sprite(rgba, sprite.left, sprite.top)


def _edge(length: int, share: float, before: float, after: float) -> np.ndarray:
    """1 before so much of a length, 0 after it, and what lies between within the pixel where it ends.

    The share is of all from `before` its beginning, if that is less than 0, to `after` its end, likewise.
    """
    start, stop = min(before, 0.0), length - min(after, 0.0)
    return np.clip(start + share * (stop - start) - np.arange(length), 0, 1)


def _shifted(sprite: Sprite, across: float, down: float) -> Sprite:
    left, top = math.floor(across + _STILL), math.floor(down + _STILL)
    x, y = across - left, down - top
    if max(abs(x), abs(y)) <= _STILL:
        return Sprite(sprite.rgba, sprite.left + left, sprite.top + top, is_opaque=sprite.is_opaque)
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float64)
    rgba = cv2.warpAffine(sprite.rgba, matrix, (sprite.width + 1, sprite.height + 1), flags=cv2.INTER_LINEAR)
    return Sprite(rgba, sprite.left + left, sprite.top + top)


def _turned(sprite: Sprite, state: State, about: Box) -> Sprite:
    """Scaled and turned about a box's middle."""
    middle = about.left + about.width / 2 - sprite.left - 0.5, about.top + about.height / 2 - sprite.top - 0.5
    matrix = cv2.getRotationMatrix2D(middle, -state.rotate, state.scale)
    corners = np.array([[0, 0], [sprite.width, 0], [0, sprite.height], [sprite.width, sprite.height]], np.float64)
    there = (corners - 0.5) @ matrix[:, :2].T + matrix[:, 2]
    low = np.floor(there.min(axis=0)).astype(int) - 1
    high = np.ceil(there.max(axis=0)).astype(int) + 2
    matrix[:, 2] -= low
    shrinks = state.scale < 0.5
    source = sprite.rgba
    if shrinks:
        # Bilinear filtering would leave out every other pixel.
        source = cv2.GaussianBlur(source, (0, 0), 0.4 / state.scale)
    rgba = cv2.warpAffine(source, matrix, (high - low).tolist(), flags=cv2.INTER_LINEAR)
    return Sprite(rgba, sprite.left + int(low[0]), sprite.top + int(low[1]))
