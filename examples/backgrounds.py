"""Makes docs/images/backgrounds.jpg: what can lie behind a poster, at the size of one.

python examples/backgrounds.py
"""

from __future__ import annotations

import hashlib
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch
from draw_film import RATE, frames
from PIL import Image

from jobs.config import Settings
from jobs.kinds import resolve
from jobs.kinds.background_keys import Background
from jobs.kinds.backgrounds import plan_background
from jobs.kinds.parts import Parts
from pipeline.backgrounds.shown import Backgrounds
from pipeline.catalog import ASSETS
from pipeline.images import encode_png
from pipeline.painter import Easel, Work
from pipeline.scratch import scratch_folder
from pipeline.stream import Stopwatch

_PAGE = Path(__file__).parent.parent / "docs" / "images" / "backgrounds.jpg"

_WIDTH, _HEIGHT, _SHOWN_PX, _GAP = 1080, 1350, 360, 8

_FACES = {"kind": "portraits", "model": "portraits", "seeds": 2, "truncation": 0.7}

_SAID: tuple[dict[str, object], ...] = (
    {**_FACES, "upscale": False},
    _FACES,
    {"kind": "interiors", "model": "rooms", "seeds": 1},
    {"kind": "film", "source": "bay.png", "style": "starry-night"},
)


def main() -> None:
    """Write the picture."""
    with scratch_folder("backgrounds") as folder:
        (folder / "bay.png").write_bytes(encode_png(next(islice(frames(), 2 * RATE, None))))
        row = [np.full((_SHOWN_PX * _HEIGHT // _WIDTH, _GAP, 3), 255, np.uint8)]
        for said in _SAID:
            row += [_poster(Background.model_validate(said, context={"folder": folder})), row[0]]
    Image.fromarray(np.hstack(row[1:-1])).save(_PAGE, quality=88, optimize=True)


def _poster(background: Background) -> np.ndarray:
    """The background as a poster of 1080x1350 px shows it, made smaller."""
    settings, parts = Settings(), Parts()
    plan = plan_background(background, settings, parts)
    easel = Easel(
        device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=settings.store_options()
    )
    files = [Path(file.key).read_bytes() for file in parts.files]
    work = Work(
        start=0,
        stop=1,
        watch=Stopwatch(),
        model=lambda index, precision=None: resolve(parts.models[index].entry)(ASSETS / parts.models[index].weights),
        file=files.__getitem__,
        model_digests=tuple(f"{model.entry} {model.sha256}" for model in parts.models),
        file_digests=tuple(hashlib.sha256(data).hexdigest() for data in files),
    )
    picture = Backgrounds(plan.brief, easel).picture(0, work, canvas_px=_WIDTH)
    scale = max(_WIDTH / picture.shape[1], _HEIGHT / picture.shape[0])
    whole = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    top, left = (whole.shape[0] - _HEIGHT) // 2, (whole.shape[1] - _WIDTH) // 2
    shown = Image.fromarray(whole[top : top + _HEIGHT, left : left + _WIDTH])
    return np.asarray(shown.resize((_SHOWN_PX, _SHOWN_PX * _HEIGHT // _WIDTH), Image.Resampling.LANCZOS))


if __name__ == "__main__":
    main()
