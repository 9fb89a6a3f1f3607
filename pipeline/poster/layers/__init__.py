"""What a template is made of. A new layer is a class in a file here, and its place in `AnyLayer`."""

from typing import Annotated

from pydantic import Field

from pipeline.poster.layers.base import Footage, Layer, Scene
from pipeline.poster.layers.fills import GradientLayer, ShapeLayer
from pipeline.poster.layers.marks import CodeLayer, LogoLayer
from pipeline.poster.layers.patterns import PatternLayer
from pipeline.poster.layers.pictures import BackgroundLayer, FilmLayer, PictureLayer
from pipeline.poster.layers.tickers import TickerLayer
from pipeline.poster.layers.words import TextLayer

AnyLayer = Annotated[
    BackgroundLayer
    | PictureLayer
    | FilmLayer
    | GradientLayer
    | ShapeLayer
    | PatternLayer
    | TextLayer
    | TickerLayer
    | LogoLayer
    | CodeLayer,
    Field(discriminator="layer"),
]

__all__ = ["AnyLayer", "Footage", "Layer", "Scene"]
