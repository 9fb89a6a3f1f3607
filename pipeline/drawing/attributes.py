"""What a portrait is: every attribute, with the range or the words it may take. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from pipeline.errors import InputError


class Between(NamedTuple):
    """The closed range of a number."""

    low: float
    high: float


Share = Annotated[float, Between(0, 1)]
"""From none to all of it."""
Lean = Annotated[float, Between(-1, 1)]
"""From one extreme to the other; 0 is the average."""
Hue = Annotated[float, Between(0, 360)]
"""Degrees around the colour circle of colour.py: 30 is red, 110 yellow, 145 green, 250 blue, 330 purple."""

Presentation = Literal["woman", "man", "person"]
FaceShape = Literal["oval", "round", "square", "heart-shaped", "long"]
EyeShape = Literal["almond", "round", "hooded", "upturned"]
EyeColour = Literal["dark brown", "brown", "hazel", "green", "blue", "grey"]
HairStyle = Literal[
    "bald", "buzz cut", "side parting", "quiff", "crop", "curls", "afro", "pixie cut", "bob", "bob with a fringe",
    "long straight hair", "long wavy hair", "long curls", "bun", "ponytail",
]  # fmt: skip
HairColour = Literal[
    "black", "dark brown", "brown", "chestnut", "auburn", "ginger", "dark blonde", "blonde", "grey", "white", "pink",
    "teal", "violet",
]  # fmt: skip
Beard = Literal["none", "stubble", "moustache", "goatee", "short beard", "full beard"]
Glasses = Literal["none", "round", "square", "cat-eye"]
Earrings = Literal["none", "studs", "hoops", "drops"]
Headwear = Literal["none", "beanie", "brimmed hat", "headscarf", "headwrap", "headband"]
Garment = Literal["t-shirt", "v-neck jumper", "roll-neck", "shirt", "blazer", "hoodie", "boat-neck top", "scarf"]
Pattern = Literal["plain", "striped"]
Background = Literal["plain", "glow", "disc", "arch", "hills", "leaves", "bokeh", "window light"]


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """One portrait. Left and right are the picture's.

    Raises: InputError for a number out of its range, or a word that is not one of its list.
    """

    presentation: Presentation
    age: Annotated[float, Between(18, 85)]
    """Years that the face seems to have lived."""

    face: FaceShape
    jaw: Lean
    """Narrow to wide."""
    cheeks: Lean
    """Hollow to full."""
    chin: Lean
    """Short to long."""
    skin: Share
    """Fair to deep."""
    undertone: Lean
    """Rosy to golden."""
    blush: Share
    freckles: Share

    eye_shape: EyeShape
    eye_colour: EyeColour
    eye_size: Lean
    eye_tilt: Lean
    """Outer corners low to high."""
    gaze_x: Lean
    gaze_y: Lean
    """Up to down."""
    makeup: Share
    """Of lashes, lids and lips."""
    brow_weight: Share
    brow_arch: Lean
    """Flat to arched."""
    brow_raise: Lean

    nose_width: Lean
    nose_length: Lean
    nose_bridge: Lean
    """Low to high."""
    mouth_width: Lean
    lips: Lean
    """Thin to full."""
    lip_hue: Lean
    """Of painted lips: coral to plum."""
    smile: Share
    mouth_open: Share

    hair: HairStyle
    hair_colour: HairColour
    hair_shade: Lean
    """A darker to a lighter one of its colour."""
    hair_length: Share
    """Within what the style allows."""
    hair_volume: Share
    hair_wave: Share
    parting: Lean
    """Where on the head, from left to right."""
    hairline: Share
    """Low to receded."""
    beard: Beard

    glasses: Glasses
    frame_tone: Share
    """Of the glasses: dark to light."""
    earrings: Earrings
    headwear: Headwear
    wear_hue: Hue
    """Of what is worn on the head."""
    wear_lightness: Share

    garment: Garment
    pattern: Pattern
    cloth_hue: Hue
    cloth_lightness: Share
    cloth_chroma: Share
    second_hue: Hue
    """Of stripes, and of the shirt below a blazer."""
    shoulders: Lean
    """Narrow to wide."""

    turn: Lean
    nod: Lean
    """Up to down."""
    lean: Lean

    light_x: Lean
    """Where the light comes from."""
    light_height: Share
    light_warmth: Lean
    """Cool to warm."""
    light_softness: Share
    rim: Share
    """How bright the edges are that face away from the light."""

    background: Background
    back_hue: Hue
    back_lightness: Share
    back_chroma: Share
    back_turn: Lean
    """How far the background's second hue is from its first."""

    detail: Annotated[int, Between(0, 2**32 - 1)]
    """Draws the lots for single strands, leaves and clouds."""

    def __post_init__(self) -> None:
        check(self, "portrait")


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


@lru_cache
def numbers(kind: type = Portrait) -> dict[str, Between]:
    """The range of each attribute that is a number."""
    return {name: get_args(hint)[1] for name, hint in _hints(kind).items() if get_origin(hint) is Annotated}


@lru_cache
def categories(kind: type = Portrait) -> dict[str, tuple[str, ...]]:
    """The words of each attribute that is one of a list."""
    return {name: get_args(hint) for name, hint in _hints(kind).items() if get_origin(hint) is Literal}


def check(drawn: object, said: str) -> None:
    """Raises: InputError, which says what is drawn, if one of its numbers or words is not among those of its kind."""
    kind: Any = type(drawn)
    for name, allowed in numbers(kind).items():
        value = getattr(drawn, name)
        if not allowed.low <= value <= allowed.high:
            raise InputError(f"{said}: {name} is {value}, but lies between {allowed.low} and {allowed.high}")
    for name, words in categories(kind).items():
        value = getattr(drawn, name)
        if value not in words:
            raise InputError(f"{said}: {name} is {value!r}, but is one of {', '.join(words)}")
