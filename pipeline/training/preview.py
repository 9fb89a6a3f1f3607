"""A preview of a style under training: the painting, photographs, and below each what has been made of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont, ImageOps
from torch import Tensor, nn

from pipeline.training.material import open_picture
from pipeline.training.photos import to_tensor

_PAPER = (17, 18, 20)
_LABEL = (150, 152, 156)
_TITLE = (240, 240, 238)
_TILE = (384, 256)
_MARGIN, _GAP, _FOOT = 24, 12, 44
_SHOWN = 3


class Preview:
    """The same photographs and layout at every checkpoint, so that previews can be leafed through."""

    def __init__(self, painting: Image.Image, photos: Sequence[Path]):
        """Takes three of the photographs, evenly spread."""
        self._photos = [
            _tile(open_picture(photos[(2 * place + 1) * len(photos) // (2 * _SHOWN)])) for place in range(3)
        ]
        height = 2 * _TILE[1] + _GAP
        # Whole, whatever its shape, but not wider than it is high: the photographs are what is looked at.
        self._painting = ImageOps.contain(painting, (height, height), Image.Resampling.LANCZOS)

    def draw(self, network: nn.Module, *, title: str, note: str) -> np.ndarray:
        """The preview as (H, W, 3) uint8 sRGB, of even sides; the network is in evaluation mode."""
        across = self._painting.width + self._painting.width % 2
        first = _MARGIN + across + _GAP
        width = first + _SHOWN * _TILE[0] + (_SHOWN - 1) * _GAP + _MARGIN
        height = _MARGIN + 2 * _TILE[1] + _GAP + _FOOT
        page = Image.new("RGB", (width, height), _PAPER)
        page.paste(self._painting, (_MARGIN, _MARGIN + (2 * _TILE[1] + _GAP - self._painting.height) // 2))
        for column, (photo, painted) in enumerate(zip(self._photos, self._painted(network), strict=True)):
            left = first + column * (_TILE[0] + _GAP)
            page.paste(photo, (left, _MARGIN))
            page.paste(painted, (left, _MARGIN + _TILE[1] + _GAP))
        pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=18)
        line = height - _FOOT // 2
        pen.text((_MARGIN, line), title, _TITLE, font, anchor="lm")
        pen.text((width - _MARGIN, line), note, _LABEL, font, anchor="rm")
        return np.asarray(page)

    @torch.no_grad()
    def _painted(self, network: nn.Module) -> list[Image.Image]:
        device = next(network.parameters()).device
        return [_to_picture(network(to_tensor(photo).unsqueeze(0).to(device))) for photo in self._photos]


def _tile(photo: Image.Image) -> Image.Image:
    return ImageOps.fit(photo, _TILE, Image.Resampling.LANCZOS)


def _to_picture(painted: Tensor) -> Image.Image:
    pixels = (painted[0].float().clamp(0, 1) * 255).round().byte()
    return Image.fromarray(pixels.permute(1, 2, 0).cpu().numpy())
