"""What a room is: every attribute, with the range or the words it may take. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pipeline.drawing.attributes import Between, Hue, Lean, Share, check

Side = Literal["left", "right"]
Wall = Literal["left", "back", "right"]
LampKind = Literal["none", "floor", "pendant"]
ArtStyle = Literal["sun", "arches", "blocks", "hills"]
PlantKind = Literal["fan", "bush", "blades"]
Form = Literal["round", "square"]


@dataclass(frozen=True, kw_only=True)
class Room:
    """One room. Left and right are the picture's. What has a size of 0 is not there.

    Raises: InputError for a number out of its range, or a word that is not one of its list.
    """

    view: Lean
    """Where the eye stands, from left to right."""
    eye: Share
    """How high it stands."""
    distance: Share
    """Near to far from the back wall."""
    breadth: Lean
    """Narrow to wide."""
    ceiling: Share
    """Low to high: 2.2 to 2.95 m."""

    wall_hue: Hue
    wall_lightness: Share
    wall_chroma: Share
    panel: Share
    """How far up the walls a second tone reaches."""
    panel_lightness: Lean
    """Darker to lighter than the wall."""
    floor_hue: Hue
    floor_lightness: Share
    floor_chroma: Share
    planks: Share
    """How much its boards differ."""
    wood_lightness: Share
    """Of furniture: dark to light."""

    window_wall: Wall
    window: Share
    """Small to large."""
    window_place: Lean
    """Along its wall."""
    curtains: Share
    """How much of the wall beside the window they cover."""
    curtain_lightness: Share
    daylight: Share
    """Night to a bright day."""
    hour: Share
    """Blue noon to golden evening."""
    sun: Share
    """How far into the room it falls."""

    sofa: Share
    """Small to large."""
    sofa_place: Lean
    sofa_round: Share
    sofa_back: Lean
    """Low to high."""
    sofa_hue: Hue
    sofa_lightness: Share
    sofa_chroma: Share

    accent_hue: Hue
    """Of cushions, the armchair and art."""
    accent_lightness: Share
    accent_chroma: Share
    second_hue: Hue
    """Of smaller things."""

    rug: Share
    rug_form: Form
    rug_hue: Hue
    rug_lightness: Share
    rug_chroma: Share
    rug_border: Share

    table: Share
    table_form: Form
    armchair: Share
    armchair_side: Side
    sideboard: Share

    lamp_kind: LampKind
    lamp: Share
    """How much light it gives."""
    lamp_side: Side
    lamp_height: Share

    art: Share
    art_count: Annotated[int, Between(1, 3)]
    art_style: ArtStyle
    plants: Share
    """From none, by one that grows, to three."""
    plant_kind: PlantKind
    clutter: Share
    """From no small things to eight: cushions, books, vases, a basket, a pouf."""

    exposure: Lean
    temperature: Lean
    """Cool to warm."""
    contrast: Lean
    saturation: Lean

    def __post_init__(self) -> None:
        check(self, "room")
