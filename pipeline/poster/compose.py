"""Putting one poster together: layer after layer, each on what lies below it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.errors import InputError
from pipeline.poster.actors import Actor, Moment, Pictured
from pipeline.poster.layers import Scene
from pipeline.poster.sprites import Canvas, cropped, layable
from pipeline.poster.stage import Stage
from pipeline.poster.template import Template

_LOOKED_AT = (0.25, 0.5, 0.75)
"""Of an animation: when words are looked at whether they are read on what moves below them."""


@dataclass(frozen=True)
class Poster:
    """One poster, put together."""

    still: np.ndarray
    """(H, W, 3) uint8, sRGB: at rest."""
    stage: Stage
    """Where it moves."""


def compose(template: Template, scene: Scene) -> Poster:
    """One poster.

    Raises: InputError that names the layer, for what cannot be put together: text that does not fit, a glyph that no
    font has, a colour that is none.
    """
    width, height = scene.canvas.width, scene.canvas.height
    scene.grounds[:] = [(moment, np.zeros((height, width, 3), np.uint8)) for moment in _moments(scene)]
    actors: list[Actor] = []
    for layer in template.of(scene.canvas.format):
        try:
            if layer.is_there(scene.values):
                for actor in layer.actors(scene):
                    actors.append(layer.framed(actor, scene))
                    _lay(actors[-1], scene)
        except InputError as error:
            raise InputError(f"layer {layer.said}: {error}") from error
    # All of it at rest is the last thing that words could have been laid on.
    still = scene.grounds[0][1]
    scene.grounds.clear()
    return Poster(still, Stage(actors, width, height))


def _moments(scene: Scene) -> list[Moment]:
    if scene.timeline is None:
        return [Moment(None)]
    numbers = [int(share * len(scene.times)) for share in _LOOKED_AT]
    return [Moment(None), *(Moment(scene.times[number], number) for number in numbers)]


def _lay(actor: Actor, scene: Scene) -> None:
    """Lay an actor on the grounds of those after it: what moves as it moves, and all others at rest."""
    for moment, picture in scene.grounds:
        sprite = actor.sprite(moment if isinstance(actor, Pictured) else Moment(None))
        seen = None if sprite is None else cropped(sprite, picture.shape[1], picture.shape[0])
        if seen is not None:
            Canvas(picture).lay(layable(seen))
