"""A room's numbers as colours. Light is not in them yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.drawing.colour import Colour, mix, oklch, shifted
from pipeline.drawing.rooms.attributes import Room


@dataclass(frozen=True)
class Palette:
    """What every part is painted with."""

    wall: Colour
    panel: Colour
    ceiling: Colour
    trim: Colour
    floor: Colour
    wood: Colour
    metal: Colour
    sofa: Colour
    accent: Colour
    second: Colour
    rug: Colour
    rug_border: Colour
    curtain: Colour
    leaf: Colour
    pot: Colour
    paper: Colour
    ink: Colour
    sky: Colour
    horizon: Colour
    land: Colour

    @classmethod
    def of(cls, room: Room) -> Palette:
        """A room's colours."""
        wall = oklch(0.48 + 0.46 * room.wall_lightness, 0.10 * room.wall_chroma, room.wall_hue)
        accent = oklch(0.42 + 0.42 * room.accent_lightness, 0.03 + 0.095 * room.accent_chroma, room.accent_hue)
        floor = oklch(0.40 + 0.44 * room.floor_lightness, 0.015 + 0.075 * room.floor_chroma, room.floor_hue)
        rug = oklch(0.45 + 0.45 * room.rug_lightness, 0.10 * room.rug_chroma, room.rug_hue)
        wood = oklch(0.38 + 0.40 * room.wood_lightness, 0.05 + 0.03 * room.floor_chroma, 62)
        dusk = 1 - room.daylight
        sky = oklch(0.86 - 0.46 * dusk**1.6, 0.055 + 0.01 * dusk, 238 + 22 * dusk)
        gold = oklch(0.92 - 0.30 * dusk**1.6, 0.07 + 0.02 * dusk, 68 - 14 * dusk)
        pale = oklch(0.96 - 0.40 * dusk**1.6, 0.02, 220)
        return cls(
            wall=wall,
            panel=shifted(wall, lightness=0.13 * room.panel_lightness - 0.02, chroma=1.25),
            ceiling=mix(wall, np.array([0.98, 0.97, 0.95], np.float32), 0.72),
            trim=mix(wall, np.array([0.98, 0.97, 0.95], np.float32), 0.80),
            floor=floor,
            wood=wood,
            metal=oklch(0.36, 0.012, 60),
            sofa=oklch(0.36 + 0.52 * room.sofa_lightness, 0.11 * room.sofa_chroma, room.sofa_hue),
            accent=accent,
            second=oklch(0.62, 0.03 + 0.065 * room.accent_chroma, room.second_hue),
            rug=rug,
            rug_border=mix(shifted(rug, lightness=-0.10), accent, 0.45),
            curtain=mix(
                oklch(0.62 + 0.33 * room.curtain_lightness, 0.025, 75), accent, 0.5 * (1 - room.curtain_lightness)
            ),
            leaf=oklch(0.54, 0.075, 140),
            pot=mix(oklch(0.72, 0.06, 50), accent, 0.3),
            paper=oklch(0.95, 0.012, 85),
            ink=oklch(0.34, 0.02, 60),
            sky=mix(sky, mix(sky, gold, 0.35), room.hour),
            horizon=mix(pale, gold, room.hour),
            land=mix(oklch(0.70 - 0.38 * dusk**1.6, 0.05, 150), gold, 0.15 + 0.2 * room.hour),
        )
