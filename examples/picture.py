"""Makes docs/images/painted.jpg: a frame of the demo's film, and the same frame in every shipped style."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import torch
from draw_film import HEIGHT, RATE, WIDTH, frames
from PIL import Image, ImageDraw, ImageFont

from pipeline.catalog import MODELS
from pipeline.models import open_model
from pipeline.tensors import to_pixels, to_tensor

_GAP, _LABEL = 12, 34


def main() -> None:
    """Write the picture."""
    content = next(islice(frames(), 2 * RATE, None))
    pictures = [("the film", content)] + [(model.title, _painted(content, name)) for name, model in MODELS.items()]
    columns = 2 if len(pictures) in (2, 4) else 3
    rows = -(-len(pictures) // columns)
    size = (columns * (WIDTH + _GAP) + _GAP, rows * (HEIGHT + _LABEL + _GAP) + _GAP)
    page = Image.new("RGB", size, (17, 18, 20))
    draw = ImageDraw.Draw(page)
    for number, (label, pixels) in enumerate(pictures):
        row, column = divmod(number, columns)
        left, top = _GAP + column * (WIDTH + _GAP), _GAP + row * (HEIGHT + _LABEL + _GAP)
        page.paste(Image.fromarray(pixels), (left, top))
        draw.text((left + 2, top + HEIGHT + 6), label, (190, 190, 186), ImageFont.load_default(18))
    page.save(Path(__file__).parent.parent / "docs" / "images" / "painted.jpg", quality=88)


def _painted(content: np.ndarray, style: str) -> np.ndarray:
    with torch.inference_mode():
        return to_pixels(open_model(MODELS[style])(to_tensor(content[None])))[0]


if __name__ == "__main__":
    main()
