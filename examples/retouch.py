"""Draws examples/retouch/, what examples/retouch.yaml works on: a short film, a look as a table, captions, a logo; and
docs/images/retouch.jpg, what its edits make of a frame.

python examples/retouch.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from draw_film import RATE, draw_film

from jobs.config import Settings
from jobs.spec import read
from jobs.submit import plan_job
from pipeline.film.decode import read_frames
from pipeline.images import encode_jpeg
from pipeline.poster.outlines import ellipse, polygon, rounded
from pipeline.retouch.brief import RetouchBrief
from pipeline.retouch.chain import Chain, to_floats, to_pixels
from pipeline.retouch.resize import resized
from pipeline.typography.fonts import FontSet
from pipeline.typography.ink import coverage
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import typeset

FOLDER = Path(__file__).parent / "retouch"

PAGE = Path(__file__).parent.parent / "docs" / "images" / "retouch.jpg"

_SHOWN = 26
"""Of the job's frames: its title is there, and a caption."""

_COLUMNS, _PANEL, _TITLE = 3, (320, 178), 26
"""Panels in a row, and pixels."""

_SECONDS, _CRF = 4, 25
_POINTS = 9

_CAPTIONS = """1
00:00:01,000 --> 00:00:02,300
A boat crosses the bay,
and nobody is on it.

2
00:00:02,300 --> 00:00:03,300
Where does it go?
"""


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    draw_film(FOLDER / "bay.mp4", most=_SECONDS * RATE, crf=_CRF)
    (FOLDER / "dusk.cube").write_text(dusk(_POINTS), encoding="ascii")
    (FOLDER / "bay.srt").write_text(_CAPTIONS, encoding="utf-8")
    cv2.imwrite(str(FOLDER / "logo.png"), logo(360, 150))
    draw_page(PAGE)


def draw_page(path: Path) -> None:
    """One frame as it was, and after each of the example's edits."""
    spec, located = read(FOLDER.with_suffix(".yaml"))
    plan = plan_job(spec, located, Settings())
    brief = RetouchBrief.model_validate(plan.inputs)
    files = [Path(file.key).read_bytes() for file in plan.files]
    shown = brief.shown(_SHOWN)
    picture = to_floats(next(read_frames(brief.source, shown, shown + 1)))
    panels = [_panel("source", picture)]
    for step in brief.steps:
        picture = Chain.of([step], files.__getitem__).run(picture, brief.moment(_SHOWN))
        panels.append(_panel(step.edit, picture))
    rows = [np.hstack(panels[at : at + _COLUMNS]) for at in range(0, len(panels), _COLUMNS)]
    path.write_bytes(encode_jpeg(np.vstack(rows), quality=88))


def _panel(title: str, picture: np.ndarray) -> np.ndarray:
    """A picture with its title above, (H, W, 3) uint8."""
    panel = np.full((_PANEL[1] + _TITLE, _PANEL[0], 3), 18, np.uint8)
    made = to_pixels(
        resized(picture, _PANEL[0] - 6, round((_PANEL[0] - 6) * len(picture) / picture.shape[1])), deep=False
    )
    panel[_TITLE : _TITLE + len(made), 3 : 3 + made.shape[1]] = made[: _PANEL[1]]
    text = typeset(
        title, TextStyle(size_px=15, smallest_px=15, valign="middle"), _PANEL[0] - 6, _TITLE, FontSet.shipped()
    )
    panel[:_TITLE, 3:-3] = np.maximum(panel[:_TITLE, 3:-3], coverage(text, _PANEL[0] - 6, _TITLE)[..., None])
    return panel


def dusk(points: int) -> str:
    """A look as a .cube file: shadows towards teal, lights towards amber."""
    steps = np.linspace(0, 1, points)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    shade = (1 - light) ** 2
    made = np.stack(
        [
            red * (0.86 + 0.2 * light),
            green * (0.97 + 0.02 * light) + 0.02 * shade,
            blue * (1.04 - 0.3 * light) + 0.045 * shade,
        ],
        axis=-1,
    ).clip(0, 1)
    rows = "\n".join(f"{r:.5f} {g:.5f} {b:.5f}" for r, g, b in made.reshape(-1, 3))
    return f'TITLE "dusk"\nLUT_3D_SIZE {points}\n{rows}\n'


def logo(width: int, height: int) -> np.ndarray:
    """A sail and a moon in a frame: (H, W, 4) uint8, blue first, as OpenCV writes it."""
    outer = rounded(width, height, height / 3)
    frame = outer.copy()
    inner = rounded(width - 20, height - 20, height / 3 - 10)
    frame[10 : height - 10, 10 : width - 10] = cv2.subtract(outer[10 : height - 10, 10 : width - 10], inner)
    moon = np.zeros_like(outer)
    disc = ellipse(52, 52)
    moon[28 : 28 + disc.shape[0], width - 120 : width - 120 + disc.shape[1]] = disc
    sail = polygon([(110, 118), (110, 26), (200, 118)], width, height)
    cover = cv2.max(frame, cv2.max(moon, sail))
    return np.dstack([np.full_like(cover, 255)] * 3 + [cover])


if __name__ == "__main__":
    main()
