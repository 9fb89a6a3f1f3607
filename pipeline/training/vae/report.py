"""A training's report: its curves, and below them how many nats each latent number tells of held-out pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from pipeline.training import curves
from pipeline.training.record import Row

PANELS: curves.Panels = (
    ("reconstruction", (("reconstruction", "mean squared error, learning", "#1f6fb4"),)),
    ("KL, nats a picture", (("kl", "learning", "#1f6fb4"), ("held_out_kl", "held out", "#c23b22"))),
    ("PSNR of held-out pictures", (("psnr", "dB", "#3a8f4d"),)),
    ("SSIM of held-out pictures", (("ssim", "1 is the same", "#3a8f4d"),)),
    ("distance of samples", (("distance", "as a part of the pictures' variance", "#8a5fb0"),)),
    ("looks", (("features", "unlikeness", "#1f6fb4"), ("texture", "texture", "#d98e04"))),
    ("critic", (("critic", "critic", "#555555"), ("deceit", "decoder", "#d98e04"))),
)
"""Of the curves; those of which a training has no number are left out."""

_HEIGHT, _LEFT, _TOP, _BOTTOM = 220, 64, 44, 180
_INK, _BAR = "#222222", "#1f6fb4"


def encode(rows: Sequence[Row], nats: Sequence[float], title: str) -> bytes:
    """The report as a PNG file."""
    told = {name for row in rows for name in row}
    panels = tuple(panel for panel in PANELS if any(name in told for name, _, _ in panel[1]))
    plot = curves.draw(rows, title, panels)
    page = Image.new("RGB", (plot.width, plot.height + _HEIGHT), "white")
    page.paste(plot, (0, 0))
    page.paste(_bars(sorted(nats, reverse=True), plot.width), (0, plot.height))
    file = io.BytesIO()
    page.save(file, "PNG", optimize=True)
    return file.getvalue()


def _bars(nats: Sequence[float], width: int) -> Image.Image:
    panel = Image.new("RGB", (width, _HEIGHT), "white")
    pen, font = ImageDraw.Draw(panel), ImageFont.load_default(12)
    highest = max(nats, default=0.0) or 1.0
    pen.text((_LEFT, 12), "KL of each latent number, nats, from most to least", _INK, ImageFont.load_default(14))
    step = (width - 2 * _LEFT) / max(1, len(nats))
    for place, value in enumerate(nats):
        x = _LEFT + place * step
        top = _BOTTOM - (_BOTTOM - _TOP) * value / highest
        pen.rectangle([x, min(top, _BOTTOM - 1), max(x, x + step - 1), _BOTTOM], fill=_BAR)
    pen.text((_LEFT - 6, _TOP), f"{highest:.3g}", _INK, font, anchor="rm")
    pen.text((_LEFT - 6, _BOTTOM), "0", _INK, font, anchor="rm")
    pen.text((width - _LEFT, _BOTTOM + 8), f"{len(nats)} numbers", _INK, font, anchor="ra")
    return panel
