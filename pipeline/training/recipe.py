"""What a style's training sees and how its losses are weighed. All defaults are written here, once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What the losses weigh and see."""

    batch: int = 2
    """Photographs an iteration."""
    crop_px: int = 176
    """Side of the square crops."""
    zoom_least: float = 0.6
    """How much smaller than in the file photographs are drawn, at most."""
    zoom_most: float = 2.5
    """And how much larger: film frames are as smooth as enlarged photographs."""
    painting_px: int = 1024
    """The painting's longest side as the losses see it: smaller makes finer strokes."""
    smooth_px: float = 1.0
    """Radius by which the painting is blurred, so that its strokes are learnt and its canvas is not: a small network
    weaves a regular grid instead of a canvas."""
    content: float = 1.0
    style: float = 20.0
    """More makes bolder strokes and a less faithful picture."""
    shading: float = 20.0
    """More keeps even areas free of the painting's darker shapes."""
    variation: float = 6.0
    temporal: float = 2.0
    content_layers: tuple[str, ...] = ("relu3_1",)
    style_layers: tuple[tuple[str, ...], ...] = (
        ("relu1_2", "relu2_2", "relu3_1"),
        ("relu1_2", "relu2_2", "relu3_1", "relu3_4"),
        ("relu1_2", "relu2_2", "relu3_1", "relu3_4"),
    )
    """Where textures are compared: for each size, each half of the one before, its layers.

    The deepest layer is half of all work at full size, and adds little there.
    """
    noise: float = 0.01
    """Deviation of the grain that is added to moved pictures, so that film grain does not flicker either."""
