"""What plays on a poster's stage: a still piece, a text that is typed, a picture or film in its box.

An actor gives its sprite at a moment. Two moments with the same `key` give the same sprite.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np

from pipeline.poster.canvas import Box
from pipeline.poster.sprites import Sprite, cropped, moved
from pipeline.poster.states import REST, State, Tracks, state_at


@dataclass(frozen=True)
class Moment:
    """When an actor is asked."""

    at_s: float | None
    """Seconds from the beginning; None: at rest, as on a still poster."""
    frame: int = 0
    """The animation's frame."""


class Actor(Protocol):
    """Anything that lies on a poster."""

    def key(self, moment: Moment) -> Hashable:
        """What its sprite at that moment depends on."""
        ...

    def sprite(self, moment: Moment) -> Sprite | None:
        """Its pixels at that moment, where they belong; None if there is nothing to see."""
        ...


@dataclass(frozen=True)
class Still:
    """A piece that is drawn once and then moved."""

    drawn: Sprite
    unit: float
    """Pixels of a hundredth of the canvas' shorter side."""
    tracks: Tracks = ()
    rest: State = REST
    about: Box | None = None
    """What it is a piece of: all pieces turn about that box's middle; default: it is whole."""

    def key(self, moment: Moment) -> Hashable:
        """Its state."""
        return _state(self.tracks, moment, self.rest)

    def sprite(self, moment: Moment) -> Sprite | None:
        """See Actor."""
        return moved(self.drawn, _state(self.tracks, moment, self.rest), self.unit, self.about)


class Typed:
    """A text whose letters come one after the other."""

    def __init__(
        self, draw: Callable[[int], Sprite], letters: int, unit: float, tracks: Tracks, rest: State, about: Box
    ) -> None:
        """`draw(n)`: its first n letters. `about`: see Still."""
        self._draw = lru_cache(maxsize=2)(draw)
        self._letters, self._unit, self._tracks, self._rest, self._about = letters, unit, tracks, rest, about

    def key(self, moment: Moment) -> Hashable:
        """How many letters there are, and its state."""
        state = _state(self._tracks, moment, self._rest)
        return self._there(state), state

    def sprite(self, moment: Moment) -> Sprite | None:
        """See Actor."""
        state = _state(self._tracks, moment, self._rest)
        there = self._there(state)
        return moved(self._draw(there), state, self._unit, self._about) if there else None

    def _there(self, state: State) -> int:
        return min(int(state.letters * self._letters + 1e-6), self._letters)


class Flowing:
    """A pattern that goes on and on, so many of its steps in all."""

    def __init__(
        self, draw: Callable[[float], Sprite], steps: float, duration_s: float, unit: float, tracks: Tracks, rest: State
    ) -> None:
        """`draw(share)`: how it looks when it has gone on by this share of a step, [0, 1)."""
        self._draw = lru_cache(maxsize=2)(draw)
        self._pace, self._unit, self._tracks, self._rest = steps / duration_s, unit, tracks, rest

    def key(self, moment: Moment) -> Hashable:
        """How far it has gone, and its state."""
        return self._gone(moment), _state(self._tracks, moment, self._rest)

    def sprite(self, moment: Moment) -> Sprite | None:
        """See Actor."""
        return moved(self._draw(self._gone(moment)), _state(self._tracks, moment, self._rest), self._unit)

    def _gone(self, moment: Moment) -> float:
        return 0.0 if moment.at_s is None else self._pace * moment.at_s % 1.0


@dataclass(frozen=True)
class Curtain:
    """What is seen in motion only: nothing of it is there at rest."""

    actor: Actor

    def key(self, moment: Moment) -> Hashable:
        """Its actor's, or none."""
        return None if moment.at_s is None else self.actor.key(moment)

    def sprite(self, moment: Moment) -> Sprite | None:
        """See Actor."""
        return None if moment.at_s is None else self.actor.sprite(moment)


@dataclass(frozen=True)
class Masked:
    """What is seen within a box only."""

    actor: Actor
    box: Box

    def key(self, moment: Moment) -> Hashable:
        """Its actor's."""
        return self.actor.key(moment)

    def sprite(self, moment: Moment) -> Sprite | None:
        """See Actor."""
        sprite = self.actor.sprite(moment)
        if sprite is None:
            return None
        left, top = round(self.box.left), round(self.box.top)
        moved = replace(sprite, left=sprite.left - left, top=sprite.top - top)
        part = cropped(moved, round(self.box.right) - left, round(self.box.bottom) - top)
        return None if part is None else replace(part, left=part.left + left, top=part.top + top)


@dataclass(frozen=True)
class View:
    """How a picture fills its box."""

    left: int
    top: int
    width: int
    height: int
    focus: tuple[float, float] = (0.5, 0.5)
    """Which part of it stays in view where it is larger than the box: 0 the left or upper one, 1 the other."""
    nearest: float = 1.0
    """The largest zoom."""
    drift: tuple[float, float] = (0.0, 0.0)
    """Pixels that it drifts at most, each way."""
    finish: Callable[[np.ndarray], np.ndarray] | None = None
    """What is done to its pixels, (H, W, 4) uint8 of the box: colours, round corners."""
    is_opaque: bool = True
    """Whether it then still hides all of the box."""

    def scale(self, picture: np.ndarray) -> float:
        """Pixels of the box a pixel of the picture, where it does not zoom."""
        height, width = picture.shape[:2]
        return max(self.width / width, self.height / height) * self._overscan

    def matrix(self, picture: np.ndarray, state: State, unit: float) -> np.ndarray:
        """(2, 3), from pixels of the box to pixels of the picture."""
        scale = self.scale(picture) * state.zoom
        sides = np.array([picture.shape[1], picture.shape[0]])
        box = np.array([self.width, self.height])
        # What would be seen of it if it neither zoomed nor drifted.
        window = box / self.scale(picture) * self._overscan
        middle = window / 2 + np.array(self.focus) * (sides - window)
        middle += np.array([state.toward_x, state.toward_y]) * window * (1 - 1 / state.zoom)
        middle -= np.array([state.drift_x, state.drift_y]) * unit / scale
        return np.column_stack([np.eye(2) / scale, middle - 0.5 + (0.5 - box / 2) / scale])

    @property
    def _overscan(self) -> float:
        return 1 + 2 * max(self.drift[0] / self.width, self.drift[1] / self.height)


class Pictured:
    """A picture, or a film's frames, in a box: it can come nearer and drift within."""

    def __init__(
        self,
        frame: Callable[[int | None], np.ndarray],
        view: View,
        unit: float,
        tracks: Tracks,
        rest: State,
        *,
        is_film: bool = False,
    ) -> None:
        """`frame(n)`: pixels of the animation's frame n, or of the poster at rest, as Footage has them."""
        self._frame, self._view, self._unit, self._is_film = frame, view, unit, is_film
        self._tracks, self._rest = tracks, rest
        self._source: tuple[int | None, np.ndarray] | None = None
        self._has_alpha = False
        self._shown: tuple[Hashable, Sprite] | None = None

    def key(self, moment: Moment) -> Hashable:
        """Its state, and of a film the frame."""
        return self._number(moment), _state(self._tracks, moment, self._rest)

    def sprite(self, moment: Moment) -> Sprite | None:
        """See Actor."""
        state, number = _state(self._tracks, moment, self._rest), self._number(moment)
        within = number, replace(REST, **{name: getattr(state, name) for name in _WITHIN})
        if self._shown is None or self._shown[0] != within:
            self._shown = within, self._seen(number, state)
        # What moved within the box does not move the box.
        return moved(self._shown[1], replace(state, **{name: getattr(REST, name) for name in _WITHIN}), self._unit)

    def _number(self, moment: Moment) -> int | None:
        return moment.frame if self._is_film and moment.at_s is not None else None

    def _seen(self, number: int | None, state: State) -> Sprite:
        view, source = self._view, self._prepared(number)
        flags = cv2.INTER_LINEAR if view.scale(source) < _MUCH else cv2.INTER_CUBIC
        rgba = cv2.warpAffine(
            source,
            view.matrix(source, state, self._unit),
            (view.width, view.height),
            flags=flags | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        finished = rgba if view.finish is None else view.finish(rgba)
        return Sprite(finished, view.left, view.top, is_opaque=view.is_opaque and not self._has_alpha)

    def _prepared(self, number: int | None) -> np.ndarray:
        """The picture (H, W, 4), as large as it is ever shown: fast interpolation neither enlarges nor reduces well."""
        if self._source is None or self._source[0] != number:
            pixels = self._frame(number)
            shown = self._view.scale(pixels) * self._view.nearest
            if shown < 1 or not self._is_film:
                size = [max(1, round(side * shown)) for side in (pixels.shape[1], pixels.shape[0])]
                pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shown < 1 else cv2.INTER_CUBIC)
            pixels = np.ascontiguousarray(pixels)
            self._has_alpha = pixels.shape[2] == 4
            # With four channels OpenCV warps almost three times as fast as with three.
            self._source = number, pixels if self._has_alpha else cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA)
        return self._source[1]


_WITHIN = ("zoom", "toward_x", "toward_y", "drift_x", "drift_y")
"""Properties that move a picture within its box."""

_MUCH = 1.5
"""Enlarged by more, a picture is interpolated by cubics: bilinear squares would be seen."""


def reach(tracks: Tracks, times: Iterable[float], name: str) -> float:
    """How far a property goes from rest over these times."""
    states = [getattr(state_at(tracks, time), name) for time in times]
    return max((abs(value - getattr(REST, name)) for value in states), default=0.0)


def _state(tracks: Tracks, moment: Moment, rest: State) -> State:
    return rest if moment.at_s is None else state_at(tracks, moment.at_s, rest)
