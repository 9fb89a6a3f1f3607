"""What all layers of a template have, and what they are put together from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from pipeline.poster.actors import Actor, Curtain, Flowing, Masked, Moment, Still
from pipeline.poster.boxes import Place, check_size
from pipeline.poster.canvas import Box, Canvas, Format
from pipeline.poster.colours import Colour, parse_colour
from pipeline.poster.lengths import pixels
from pipeline.poster.motion import Keyframe, Timeline, keyed
from pipeline.poster.presets import Preset
from pipeline.poster.sprites import Sprite
from pipeline.poster.states import State, Tracks, mirrored
from pipeline.poster.variables import fill

if TYPE_CHECKING:
    from pipeline.typography.fonts import FontSet


class Footage(Protocol):
    """A background, a picture or a film, as a worker can show it."""

    is_film: bool

    def frame(self, number: int | None) -> np.ndarray:
        """(H, W, 3) uint8, sRGB: of the animation's frame, or of the poster at rest. Or (H, W, 4), premultiplied."""
        ...


@dataclass
class Scene:
    """One poster that is being put together."""

    canvas: Canvas
    values: Mapping[str, str]
    """What the template's variables are."""
    palette: Mapping[str, str]
    families: Mapping[str, tuple[str, ...]]
    """What the template's fonts are, by role."""
    fonts: Callable[[], FontSet]
    locale: str
    picture: Callable[[str], np.ndarray]
    """A picture by its path: (H, W, 4) uint8, sRGB, premultiplied."""
    footage: Callable[[str], Footage]
    """A background by its name, or a film by its path."""
    mirrored: bool
    """Whether left and right are exchanged, for a language that is written from the right."""
    timeline: Timeline | None
    """None of a still poster."""
    times: Sequence[float] = ()
    """Of the frames, in seconds."""
    boxes: dict[str, Box] = field(default_factory=dict)
    """Where the named layers so far lie."""
    grounds: list[tuple[Moment, np.ndarray]] = field(default_factory=list)
    """The poster as far as it is put together, (H, W, 3) uint8, at rest and at some other moments."""
    notes: list[str] = field(default_factory=list)
    """What people should know of it: a colour that was changed to be read."""

    def colour(self, text: str) -> Colour:
        """A colour of the template. Raises: InputError."""
        return parse_colour(fill(text, self.values), self.palette)

    def px(self, length: float | str) -> float:
        """A length in pixels; shares are of the canvas' shorter side. Raises: InputError if it is huge."""
        found = pixels(length, along=self.canvas.unit * 100, unit=self.canvas.unit)
        check_size(abs(found), self.canvas)
        return found


class Layer(BaseModel):
    """What all layers have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str | None, Field(description="by which other layers lie below or above this one")] = None
    box: Annotated[Place, Field(description="where it lies")] = Place()
    opacity: Annotated[float, Field(ge=0, le=1, description="0 is not seen, 1 hides what is below")] = 1.0
    rotate: Annotated[float, Field(ge=-360, le=360, description="degrees, with the clock")] = 0.0
    when: Annotated[str | None, Field(description="variables: the layer is left out where they are empty")] = None
    still: Annotated[
        bool, Field(description="whether it is there at rest; false for what is seen in motion only, as a curtain")
    ] = True
    masked: Annotated[bool, Field(description="whether it is seen within its box only, however it moves")] = False
    motion: Annotated[tuple[Preset, ...], Field(description="movements that have names")] = ()
    keyframes: Annotated[tuple[Keyframe, ...], Field(description="movements of your own")] = ()
    formats: Annotated[dict[Format, dict[str, object]], Field(description="keys that are other ones in a format")] = {}

    def texts(self) -> Iterator[str]:
        """Everything in which variables are filled in."""
        yield from filter(None, [self.when])

    def inks(self) -> Iterator[str]:
        """Every colour that is named."""
        yield from ()

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """What of it plays on the stage; notes its box in the scene.

        Raises: InputError for what cannot be put together.
        """
        raise NotImplementedError

    def is_there(self, values: Mapping[str, str]) -> bool:
        """Whether it is on a poster whose variables are these."""
        return self.when is None or bool(fill(self.when, values).strip())

    def placed(self, scene: Scene, *, aspect: float | None = None) -> Box:
        """Its box, noted under its name. `aspect`: width to height of what goes into it."""
        return self.noted(scene, self.resolved(scene, aspect=aspect))

    def resolved(self, scene: Scene, *, aspect: float | None = None) -> Box:
        """Its box; where a language is written from the right, the other way round."""
        box = self.box.resolve(scene.canvas, scene.boxes, aspect=aspect)
        if not scene.mirrored:
            return box
        return Box(scene.canvas.width - box.right, box.top, box.width, box.height)

    def framed(self, actor: Actor, scene: Scene) -> Actor:
        """An actor of it as all of it is seen: within its box, in motion only."""
        if self.masked:
            actor = Masked(actor, self.resolved(scene))
        return actor if self.still else Curtain(actor)

    def noted(self, scene: Scene, box: Box) -> Box:
        """Let others lie below or above this box."""
        if self.name is not None:
            scene.boxes[self.name] = box
        return box

    def tracks(self, scene: Scene, part: int = 0) -> Tracks:
        """Its movements; where a language is written from the right, the other way round.

        Raises: InputError if the animation is too short for one.
        """
        if scene.timeline is None:
            return ()
        found = self.moves(scene.timeline, part)
        return mirrored(found) if scene.mirrored else found

    def moves(self, timeline: Timeline, part: int = 0) -> Tracks:
        """Its movements, or those of a part of it. Raises: InputError if the animation is too short for one."""
        found = [track for preset in self.motion for track in preset.tracks(timeline, part)]
        return (*found, *keyed(self.keyframes, timeline))

    def flowing(self, draw: Callable[[float], Sprite], steps: int, scene: Scene) -> Actor:
        """What goes on by so many steps in all. `draw(share)`: how it looks after that share of a step, [0, 1)."""
        unit, tracks, rest = scene.canvas.unit, self.tracks(scene), self.rest(scene)
        if scene.timeline is None or steps == 0:
            return Still(draw(0.0), unit, tracks, rest)
        return Flowing(draw, steps, scene.timeline.duration_s, unit, tracks, rest)

    @property
    def said(self) -> str:
        """What messages call it."""
        return self.name or str(self.model_dump(include={"layer"})["layer"])

    def rest(self, scene: Scene) -> State:
        """How it stands when nothing moves."""
        return State(opacity=self.opacity, rotate=-self.rotate if scene.mirrored else self.rotate)

    @property
    def by_line(self) -> bool:
        """Whether a text's lines move one after the other."""
        return any(getattr(preset, "each", None) == "line" for preset in self.motion)
