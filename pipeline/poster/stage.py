"""Frames of a poster: actors from the back to the front, laid over each other.

What stands still for two frames is put together once and laid as one. So a poster whose words have come in costs a
frame what its background costs, and one layer over it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from pipeline.poster.actors import Actor, Moment
from pipeline.poster.sprites import Canvas, Layable, Sprite, cropped, layable, over

_Keys = tuple[Hashable, ...]
_Name = tuple[int, int, _Keys]


class Stage:
    """One poster."""

    def __init__(self, actors: Sequence[Actor], width: int, height: int) -> None:
        """`actors`: from the back to the front. Pixels that none of them covers are black."""
        self._actors = tuple(actors)
        self._canvas = Canvas(np.zeros((height, width, 3), np.uint8))
        self._put: dict[_Name, Layable | None] = {}
        """Groups put together in this frame; what the frame before had of them is taken from there."""
        self._had: dict[_Name, Layable | None] = {}
        self._before: _Keys = ()

    def frames(self, count: int, rate: Fraction) -> Iterator[np.ndarray]:
        """The animation's frames: (H, W, 3) uint8, sRGB, each valid until the next is asked for."""
        for number in range(count):
            yield self._frame(Moment(float(number / rate), number))

    def _frame(self, moment: Moment) -> np.ndarray:
        self._had, self._put = self._put, {}
        keys = tuple(actor.key(moment) for actor in self._actors)
        groups = list(self._groups(keys))
        if not groups or not self._hides_all(groups[0], keys, moment):
            self._canvas.pixels[:] = 0
        for start, stop in groups:
            piece = self._piece(start, stop, keys, moment)
            if piece is not None:
                self._canvas.lay(piece)
        self._before = keys
        return self._canvas.pixels

    def _groups(self, keys: _Keys) -> Iterator[tuple[int, int]]:
        """Neighbours that stand as they stood a frame before, and all others alone."""
        stood = [len(self._before) == len(keys) and self._before[place] == keys[place] for place in range(len(keys))]
        start = 0
        for place in range(1, len(keys) + 1):
            if place == len(keys) or not (stood[place] and stood[start]):
                yield start, place
                start = place

    def _piece(self, start: int, stop: int, keys: _Keys, moment: Moment) -> Layable | None:
        name = start, stop, keys[start:stop]
        if name not in self._put:
            # What nobody asks for in a frame is dropped; by their count, what every frame asks for would be.
            self._put[name] = self._had[name] if name in self._had else self._together(start, stop, moment)
        return self._put[name]

    def _together(self, start: int, stop: int, moment: Moment) -> Layable | None:
        made: Sprite | None = None
        for actor in self._actors[start:stop]:
            if (sprite := self._sprite(actor, moment)) is not None:
                made = sprite if made is None else over(made, sprite)
        return None if made is None else layable(made)

    def _sprite(self, actor: Actor, moment: Moment) -> Sprite | None:
        height, width = self._canvas.pixels.shape[:2]
        sprite = actor.sprite(moment)
        return None if sprite is None else cropped(sprite, width, height)

    def _hides_all(self, group: tuple[int, int], keys: _Keys, moment: Moment) -> bool:
        piece = self._piece(*group, keys, moment)
        height, width = self._canvas.pixels.shape[:2]
        if piece is None or piece.shows is not None or piece.left > 0 or piece.top > 0:
            return False
        return piece.left + piece.rgb.shape[1] >= width and piece.top + piece.rgb.shape[0] >= height
