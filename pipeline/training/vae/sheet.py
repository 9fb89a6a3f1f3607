"""A sheet of what an autoencoder makes now: held-out pictures and their reconstructions, samples, traversals.

The same pictures and latents each time, so that sheets can be leafed through.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from pipeline.device import generator as chance_of
from pipeline.models.vae.network import Vae

COLUMNS = 8
MOST_AXES = 8
"""Rows of a sheet of axes."""
_SAMPLED_ROWS, _TRAVERSED = 2, 4
_REACH = 2.5
"""Standard deviations to which traversals go on either side."""
_TILE_PX = 128
_PAPER, _LABEL, _TITLE = (17, 18, 20), (150, 152, 156), (240, 240, 238)
_MARGIN, _HEAD, _FOOT = 8, 24, 36


def latents(vae: Vae, seeds: range) -> Tensor:
    """One z for each seed, spread as those of pictures are: (N, latent) float32 on the CPU."""
    normal = torch.stack([torch.randn(vae.config.latent, generator=chance_of(seed)) for seed in seeds])
    return vae.place(normal.to(vae.centre.device))


@torch.no_grad()
def draw(vae: Vae, held_out: Tensor, *, title: str, note: str) -> np.ndarray:
    """The sheet as (H, W, 3) uint8 sRGB, of even sides. `held_out`: up to 8 pictures `(n, 3, S, S)` in [0, 1]."""
    rows: list[tuple[str, Tensor]] = []
    if len(held_out):
        shown = held_out[:COLUMNS].to(vae.centre.device)
        rows += [("held out", shown), ("reconstructed", vae.decode(vae.encode(shown).mean))]
    made = vae.decode(latents(vae, range(COLUMNS * _SAMPLED_ROWS)))
    rows += [("samples", made[:COLUMNS]), ("", made[COLUMNS:])]
    rows += [(name, vae.decode(z)) for name, z in traversals(vae)]
    return _page(rows, title=title, note=note)


@torch.no_grad()
def draw_axes(vae: Vae, axes: Sequence[tuple[str, Tensor]], *, title: str, note: str) -> np.ndarray:
    """The mean design along each of some axes, (name, `(latent,)`), as `draw`; of more than 8 the first."""
    rows = [(name, vae.decode(z)) for name, z in _along(vae, axes[:MOST_AXES])]
    return _page(rows, title=title, note=note)


def traversals(vae: Vae) -> list[tuple[str, Tensor]]:
    """(name, latents `(8, latent)`): from less to more of the first attributes, or of the widest principal axes."""
    if names := vae.config.attributes:
        axes: Sequence[tuple[str, Tensor]] = list(zip(names, vae.directions, strict=True))
    else:
        values, vectors = torch.linalg.eigh(vae.spread @ vae.spread.T)
        widest = values.argsort(descending=True).tolist()
        axes = [(f"axis {n + 1}", vectors[:, at] * values[at].clamp(min=0).sqrt()) for n, at in enumerate(widest)]
    return _along(vae, axes[:_TRAVERSED])


def _along(vae: Vae, axes: Sequence[tuple[str, Tensor]]) -> list[tuple[str, Tensor]]:
    steps = torch.linspace(-_REACH, _REACH, COLUMNS, device=vae.centre.device)[:, None]
    return [(name, vae.centre + steps * axis) for name, axis in axes]


def _page(rows: Sequence[tuple[str, Tensor]], *, title: str, note: str) -> np.ndarray:
    width = COLUMNS * _TILE_PX + 2 * _MARGIN
    page = Image.new("RGB", (width, len(rows) * (_TILE_PX + _HEAD) + _MARGIN + _FOOT), _PAPER)
    pen, small, font = ImageDraw.Draw(page), ImageFont.load_default(size=13), ImageFont.load_default(size=16)
    y = _MARGIN
    for name, pictures in rows:
        pen.text((_MARGIN, y + _HEAD // 2), name, _LABEL, small, anchor="lm")
        for column, tile in enumerate(_pixels(pictures)):
            shown = Image.fromarray(tile).resize((_TILE_PX, _TILE_PX), Image.Resampling.BICUBIC)
            page.paste(shown, (_MARGIN + column * _TILE_PX, y + _HEAD))
        y += _TILE_PX + _HEAD
    pen.text((_MARGIN, page.height - _FOOT // 2), title, _TITLE, font, anchor="lm")
    pen.text((page.width - _MARGIN, page.height - _FOOT // 2), note, _LABEL, font, anchor="rm")
    return np.asarray(page)


def _pixels(pictures: Tensor) -> np.ndarray:
    return (pictures.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
