"""What of a layer can move, and how it stands when nothing does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

Property = Literal[
    "opacity",
    "x",
    "y",
    "scale",
    "rotate",
    "letters",
    "reveal_left",
    "reveal_right",
    "reveal_top",
    "reveal_bottom",
    "zoom",
    "toward_x",
    "toward_y",
    "drift_x",
    "drift_y",
]

_ADDED = frozenset({"x", "y", "rotate", "toward_x", "toward_y", "drift_x", "drift_y"})
"""Of several movements these add up; the others multiply."""


@dataclass(frozen=True)
class State:
    """One layer at one moment."""

    opacity: float = 1.0
    x: float = 0.0
    """Hundredths of the canvas' shorter side, to the right of where the layer is placed."""
    y: float = 0.0
    """The same, downwards."""
    scale: float = 1.0
    """About the layer's middle."""
    rotate: float = 0.0
    """Degrees with the clock, about the layer's middle."""
    letters: float = 1.0
    """How many of a text's letters are there, of 1."""
    reveal_left: float = 1.0
    """How much of it is uncovered, from the left."""
    reveal_right: float = 1.0
    reveal_top: float = 1.0
    reveal_bottom: float = 1.0
    zoom: float = 1.0
    """Of a picture within its box."""
    toward_x: float = 0.0
    """Which part of a picture the zoom goes to: -0.5 its left edge, 0.5 its right."""
    toward_y: float = 0.0
    drift_x: float = 0.0
    """Like x; but a picture drifts within its box."""
    drift_y: float = 0.0


REST = State()
"""As the layer is placed."""

Track = Callable[[float], float]
"""Seconds → a property's value."""

Tracks = tuple[tuple[Property, Track], ...]
"""All movements of a layer; a property may have several."""


_OTHER_SIDE: dict[Property, Property] = {"reveal_left": "reveal_right", "reveal_right": "reveal_left"}
_TURNED = frozenset({"x", "rotate"})


def mirrored(tracks: Iterable[tuple[Property, Track]]) -> Tracks:
    """The same movements with left and right exchanged. What a picture does within its box stays: nobody mirrors it."""

    def negative(track: Track) -> Track:
        return lambda at: -track(at)

    return tuple((_OTHER_SIDE.get(name, name), negative(track) if name in _TURNED else track) for name, track in tracks)


def state_at(tracks: Iterable[tuple[Property, Track]], at: float, rest: State = REST) -> State:
    """A layer at so many seconds; `rest`: how it stands when nothing moves."""
    found: dict[str, float] = {}
    for name, track in tracks:
        so_far = found.get(name, getattr(rest, name))
        found[name] = so_far + track(at) if name in _ADDED else so_far * track(at)
    return replace(rest, **found) if found else rest
