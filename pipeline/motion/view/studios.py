"""The rooms that figures move in: their colours, and the light in each."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.motion.view.palettes import Colour


@dataclass(frozen=True)
class Studio:
    """A room whose floor becomes its wall without an edge. Colours are what a white sheet would show."""

    edge: Colour
    """Of the picture's corners."""
    wall: Colour
    """Behind the figures."""
    floor: Colour
    """Around their feet."""
    lines: Colour
    """Of the grid where it is brightest; darker than the floor where the floor is light."""
    lines_share: float
    """How much of that colour they have."""
    shadow: float
    """How much of the floor's light is gone where a foot stands."""
    key: Colour
    """From one side, in front and above."""
    fill: Colour
    """From the other side."""
    rim: Colour
    """From behind, on outlines."""
    sky: Colour
    """From everywhere above."""
    bounce: Colour
    """From the floor."""
    key_power: float
    fill_power: float
    rim_power: float
    around_power: float


STUDIOS: dict[str, Studio] = {
    "dark": Studio(
        edge=(13, 15, 19), wall=(38, 43, 52), floor=(52, 58, 68), lines=(150, 170, 200),
        lines_share=0.24, shadow=0.82,
        key=(255, 246, 232), fill=(150, 178, 222), rim=(196, 218, 255), sky=(150, 168, 200), bounce=(92, 96, 108),
        key_power=0.66, fill_power=0.10, rim_power=0.95, around_power=0.13,
    ),
    "light": Studio(
        edge=(205, 207, 210), wall=(236, 237, 238), floor=(250, 250, 249), lines=(120, 128, 140),
        lines_share=0.28, shadow=0.55,
        key=(255, 250, 242), fill=(214, 226, 246), rim=(255, 255, 255), sky=(226, 234, 246), bounce=(236, 232, 226),
        key_power=0.68, fill_power=0.14, rim_power=0.25, around_power=0.36,
    ),
    "dusk": Studio(
        edge=(24, 16, 38), wall=(92, 52, 92), floor=(150, 92, 104), lines=(255, 190, 160),
        lines_share=0.30, shadow=0.75,
        key=(255, 206, 160), fill=(126, 120, 220), rim=(255, 150, 130), sky=(150, 120, 190), bounce=(170, 100, 100),
        key_power=0.74, fill_power=0.30, rim_power=0.70, around_power=0.24,
    ),
    "sand": Studio(
        edge=(196, 172, 142), wall=(226, 206, 178), floor=(240, 224, 200), lines=(150, 116, 84),
        lines_share=0.34, shadow=0.6,
        key=(255, 240, 214), fill=(206, 214, 230), rim=(255, 244, 226), sky=(228, 224, 226), bounce=(226, 200, 168),
        key_power=0.72, fill_power=0.14, rim_power=0.3, around_power=0.32,
    ),
}  # fmt: skip
"""Name → room."""
