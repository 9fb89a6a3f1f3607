"""Makes docs/images/painted.jpg and docs/images/styles/: a frame of the demo's film in everything that ships.

python examples/picture.py
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from unicodedata import normalize

import numpy as np
import torch
from controls import draw_swirls
from draw_film import HEIGHT, RATE, WIDTH, frames
from PIL import Image, ImageDraw, ImageFont

from pipeline.catalog import MODELS, Model
from pipeline.models import open_model
from pipeline.tensors import to_pixels, to_tensor

_IMAGES = Path(__file__).parent.parent / "docs" / "images"
_PAINTING = ("style", "painting")
"""The roles of networks that paint pictures."""

_GAP, _LABEL, _COLUMNS = 12, 34, 4
_THUMBNAIL = 320, 180


def main() -> None:
    """Write the pictures."""
    content = next(islice(frames(), 2 * RATE, None))
    pictures = {name: _painted(content, model) for name, model in MODELS.items() if model.kind in _PAINTING}
    (_IMAGES / "styles").mkdir(exist_ok=True)
    for name, pixels in pictures.items():
        small = Image.fromarray(pixels).resize(_THUMBNAIL, Image.Resampling.LANCZOS)
        small.save(_IMAGES / "styles" / f"{name}.jpg", quality=86, optimize=True)
    _page({"the film": content} | {MODELS[name].title: pixels for name, pixels in pictures.items()})


def _painted(content: np.ndarray, model: Model) -> np.ndarray:
    """The frame in a style; where any painting is taken, after one of our own."""
    with torch.inference_mode():
        network = open_model(model)
        if model.kind == "painting":
            network = network.bind([to_tensor(draw_swirls()[None])], [1.0])  # type: ignore[operator]
        return to_pixels(network(to_tensor(content[None])))[0]


def _page(pictures: dict[str, np.ndarray]) -> None:
    rows = -(-len(pictures) // _COLUMNS)
    width, height = WIDTH // 2, HEIGHT // 2
    size = _COLUMNS * (width + _GAP) + _GAP, rows * (height + _LABEL + _GAP) + _GAP
    page = Image.new("RGB", size, (17, 18, 20))
    draw = ImageDraw.Draw(page)
    for number, (label, pixels) in enumerate(pictures.items()):
        row, column = divmod(number, _COLUMNS)
        left, top = _GAP + column * (width + _GAP), _GAP + row * (height + _LABEL + _GAP)
        page.paste(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS), (left, top))
        # Pillow's own font has no accents.
        plain = normalize("NFKD", label).encode("ascii", "ignore").decode()
        draw.text((left + 2, top + height + 6), plain, (190, 190, 186), ImageFont.load_default(18))
    page.save(_IMAGES / "painted.jpg", quality=88)


if __name__ == "__main__":
    main()
