"""A sheet of what the generator makes of the same latents each time, so that sheets can be leafed through."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from pipeline.device import generator as chance_of
from pipeline.models.stylegan.generator import Generator, to_pixels

COLUMNS, ROWS = 8, 4
_TILE_PX = 96
"""Smaller pictures are shown a whole number of times as large."""
_PAPER, _LABEL, _TITLE = (17, 18, 20), (150, 152, 156), (240, 240, 238)
_MARGIN, _FOOT = 8, 36


def latents(seeds: range, width: int) -> Tensor:
    """One z for each seed: (N, width) float32 on the CPU, whatever the others are."""
    return torch.stack([torch.randn(width, generator=chance_of(seed)) for seed in seeds])


@torch.no_grad()
def pictures(generator: Generator, seeds: range, *, batch: int = 32) -> list[Tensor]:
    """Batches of what the generator makes of seeds, `(n, 3, H, W)` float32."""
    device = next(generator.parameters()).device
    z = latents(seeds, generator.config.mapping.z_dim).to(device)
    return [generator.picture(generator.styles(part)) for part in z.split(batch)]


def draw(generator: Generator, *, title: str, note: str) -> np.ndarray:
    """The sheet as (H, W, 3) uint8 sRGB, of even sides; the generator is in evaluation mode."""
    tiles = torch.cat([to_pixels(part).cpu() for part in pictures(generator, range(COLUMNS * ROWS))]).numpy()
    side = tiles.shape[1]
    tiles = tiles.reshape(ROWS, COLUMNS, side, side, 3).swapaxes(1, 2).reshape(ROWS * side, COLUMNS * side, 3)
    times = -(-_TILE_PX // side)
    rows = Image.fromarray(tiles).resize((COLUMNS * side * times, ROWS * side * times), Image.Resampling.NEAREST)
    page = Image.new("RGB", (rows.width + 2 * _MARGIN, rows.height + _MARGIN + _FOOT), _PAPER)
    page.paste(rows, (_MARGIN, _MARGIN))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=16)
    pen.text((_MARGIN, page.height - _FOOT // 2), title, _TITLE, font, anchor="lm")
    pen.text((page.width - _MARGIN, page.height - _FOOT // 2), note, _LABEL, font, anchor="rm")
    return np.asarray(page)
