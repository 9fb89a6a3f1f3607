"""Whose colours an artwork has: what is done to its pictures before painting, and to the painted one after.

Source: Gatys et al., arXiv:1611.07865, sections 5.1 (luminance) and 5.2 (palette).
"""

from __future__ import annotations

from torch import Tensor

from pipeline.artwork.recipe import Colours
from pipeline.models.palette import keep_colours, match_palette
from pipeline.tensors import luminance

_TINY = 1e-4


def before_painting(colours: Colours, picture: Tensor, *, like: Tensor | None = None) -> Tensor:
    """A picture as the losses see it, `(1, 3, H, W)` float32 in [0, 1], sRGB.

    A painting is made like the content `like`; the content itself has none.
    """
    if colours == "luminance":
        return _grey(picture) if like is None else _matched(_grey(picture), _grey(like))
    if colours == "palette" and like is not None:
        return match_palette(picture, like)
    return picture


def after_painting(colours: Colours, painted: Tensor, content: Tensor) -> Tensor:
    """The picture to deliver, of the same size as the coloured `content`."""
    return keep_colours(painted, content) if colours == "luminance" else painted


def _grey(picture: Tensor) -> Tensor:
    return luminance(picture).expand(-1, 3, -1, -1).contiguous()


def _matched(painting: Tensor, content: Tensor) -> Tensor:
    """The painting with the content's mean and contrast: its strokes then fit the light they are laid on."""
    contrast = content.std(correction=0) / (painting.std(correction=0) + _TINY)
    return ((painting - painting.mean()) * contrast + content.mean()).clamp(0, 1)
