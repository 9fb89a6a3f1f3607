"""Makes docs/images/controls/: what each control of a film job does, shown on the demo's film and on drawn paintings.

python examples/controls.py
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from draw_film import RATE, draw_film
from PIL import Image, ImageDraw, ImageFont

from pipeline.catalog import MODELS
from pipeline.film.brief import FilmBrief, Look, Span
from pipeline.film.decode import read_frames
from pipeline.film.probe import probe
from pipeline.film.steady import LEAD_IN
from pipeline.film.stylize import FilmPainter
from pipeline.images import encode_png
from pipeline.models import any_painting, open_model
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch

FOLDER = Path(__file__).parent.parent / "docs" / "images" / "controls"
FRAME = 2 * RATE
STYLES = ("starry-night", "great-wave", "the-scream")
_WIDTH, _HEIGHT, _GAP, _LABEL = 320, 180, 8, 24
_MOST_BYTES = 60_000

Panel = tuple[str, np.ndarray]
"""A caption, and a picture (H, W, 3) uint8 sRGB."""


class Studio:
    """Paints frames of a source with any of the styles, in this process."""

    def __init__(self, source: Path, paintings: Sequence[np.ndarray] = ()) -> None:
        self.source = probe(str(source), rate=Fraction(RATE) if "%" in source.name else None)
        self._networks = [*(open_model(MODELS[name]) for name in STYLES), any_painting.load()]
        self._files = [encode_png(painting) for painting in paintings]

    def style(self, number: int) -> Look:
        """The look of one of STYLES."""
        return Look(name=STYLES[number], models=(number,))

    def painting(self, *weights: tuple[int, float], alpha: float = 1.0) -> Look:
        """The look of paintings."""
        return Look(name="painting", models=(len(STYLES),), paintings=weights, alpha=alpha)

    def frames(self, start: int, stop: int) -> list[np.ndarray]:
        """The source's own."""
        return list(read_frames(self.source, start, stop))

    def paint(self, *looks: Look, start: int = FRAME, stop: int | None = None, **controls: Any) -> list[np.ndarray]:
        """Frames [start, stop), or one, painted in the first look unless `spans` says otherwise."""
        controls = {"spans": (Span(start=0, stop=self.source.frames, look=0),), **controls}
        brief = FilmBrief(source=self.source, offset=0, looks=looks, **controls)
        easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())
        work = Work(
            start=start,
            stop=stop or start + 1,
            watch=Stopwatch(),
            lead_in=LEAD_IN,
            model=lambda index, precision=None: self._networks[index],
            file=lambda index: self._files[index],
        )
        return list(FilmPainter(brief.model_dump(mode="json"), easel, deep=False).paint(work))


def main() -> None:
    """Write the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    paintings = [draw_swirls(), draw_tiles()]
    with tempfile.TemporaryDirectory() as scratch:
        studio = Studio(draw_film(Path(scratch) / "film.mp4"), paintings)
        pages = {
            "strength": _strength(studio),
            "paintings": _paintings(studio, paintings),
            "preserve_color": _colours(studio),
            "paint_size": _sizes(studio),
            "shots": _shots(studio),
            "crossfade": _crossfade(studio),
            "consistency": _consistency(Path(scratch), studio),
        }
    for name, panels in pages.items():
        _save(FOLDER / f"{name}.jpg", panels)


def _strength(studio: Studio) -> list[Panel]:
    look = studio.style(0)
    return [(f"strength: {value:g}", studio.paint(look, strength=value)[0]) for value in (0.0, 0.35, 0.7, 1.0)]


def _paintings(studio: Studio, paintings: Sequence[np.ndarray]) -> list[Panel]:
    looks = {
        "swirls.png": studio.painting((0, 1.0)),
        "tiles.png": studio.painting((1, 1.0)),
        "both, 0.6 and 0.4": studio.painting((0, 0.6), (1, 0.4)),
        "swirls.png, alpha: 0.5": studio.painting((0, 1.0), alpha=0.5),
    }
    own = [(name, painting) for name, painting in zip(("swirls.png", "tiles.png"), paintings, strict=True)]
    return [*own, *((name, studio.paint(look)[0]) for name, look in looks.items())]


def _colours(studio: Studio) -> list[Panel]:
    learnt, painting = studio.style(2), studio.painting((0, 1.0))
    return [
        ("the-scream", studio.paint(learnt)[0]),
        ("preserve_color: luminance", studio.paint(learnt, preserve_color="luminance")[0]),
        ("swirls.png", studio.paint(painting)[0]),
        ("preserve_color: palette", studio.paint(painting, preserve_color="palette")[0]),
    ]


def _sizes(studio: Studio) -> list[Panel]:
    found = [(size, studio.paint(studio.style(1), paint_size=size)[0]) for size in (640, 320, 160)]
    # Half of the frame, pixel by pixel: strokes are what this is about.
    return [(f"paint_size: {size}", picture[120 : 120 + _HEIGHT, 60 : 60 + _WIDTH]) for size, picture in found]


def _shots(studio: Studio) -> list[Panel]:
    cut = 60
    spans = Span(start=0, stop=cut, look=0), Span(start=cut, stop=studio.source.frames, look=1)
    looks, shots = (studio.style(0), studio.style(2)), (0, cut)
    return [
        (f"shot {number}: {looks[number - 1].name}", studio.paint(*looks, spans=spans, shots=shots, start=frame)[0])
        for number, frame in ((1, 30), (2, 100))
    ]


def _crossfade(studio: Studio) -> list[Panel]:
    first, last = FRAME, FRAME + 24
    spans = (
        Span(start=0, stop=first, look=0),
        Span(start=first, stop=last, look=0, fades_to=1),
        Span(start=last, stop=studio.source.frames, look=1),
    )
    frames = (first - 1, first + 7, first + 16, last)
    looks = studio.style(0), studio.style(1)
    return [(f"frame {frame + 1}", studio.paint(*looks, spans=spans, start=frame)[0]) for frame in frames]


def _consistency(scratch: Path, studio: Studio) -> list[Panel]:
    """A still scene with a film's grain: what changes from one frame to the next, eight times as strong."""
    still, chance = studio.frames(FRAME, FRAME + 1)[0], np.random.default_rng(0)
    for number in range(LEAD_IN + 3):
        grain = chance.normal(0, 4, still.shape)
        frame = np.rint(still + grain).clip(0, 255).astype(np.uint8)
        (scratch / f"still.{number}.png").write_bytes(encode_png(frame))
    grainy = Studio(scratch / "still.%d.png")
    panels = [("a still scene, painted", grainy.paint(grainy.style(0), start=LEAD_IN + 1)[0])]
    for label, steady in (("what changes, without", False), ("consistency: flow", True)):
        one, other = grainy.paint(grainy.style(0), start=LEAD_IN + 1, stop=LEAD_IN + 3, steady=steady)
        panels.append((label, cv2.convertScaleAbs(cv2.absdiff(one, other), alpha=8)))
    return panels


def draw_swirls() -> np.ndarray:
    """A painting of ours: short strokes that follow two whirls. (H, W, 3) uint8 sRGB."""
    width, height = 640, 400
    chance = np.random.default_rng(3)
    canvas = np.full((height, width, 3), (214, 168, 70), np.uint8)
    colours = np.array([(232, 180, 60), (196, 92, 44), (120, 40, 36), (245, 222, 150), (70, 96, 92)])
    centres = np.array([(190, 170), (470, 250)])
    for _ in range(5200):
        at = chance.uniform((0, 0), (width, height))
        nearest = centres[np.argmin(np.hypot(*(centres - at).T))]
        across = np.array([-(at - nearest)[1], (at - nearest)[0]])
        step = across / max(1.0, float(np.hypot(*across))) * chance.uniform(9, 20)
        ring = int(np.hypot(*(at - nearest)) / 26)
        colour = colours[(ring + int(chance.uniform() > 0.8)) % len(colours)] + chance.normal(0, 12, 3)
        ends = [tuple(int(value) for value in point) for point in (at - step, at + step)]
        cv2.line(canvas, *ends, colour.clip(0, 255).tolist(), int(chance.integers(2, 6)), cv2.LINE_AA)
    return canvas


def draw_tiles() -> np.ndarray:
    """Another: slanted tiles in blues and white with dark joints."""
    width, height, tile = 640, 400, 44
    chance = np.random.default_rng(4)
    canvas = np.full((height, width, 3), (20, 26, 44), np.uint8)
    colours = np.array([(24, 74, 140), (70, 140, 190), (230, 236, 232), (150, 200, 214), (214, 92, 72)])
    for top in range(-tile, height, tile):
        for left in range(-tile, width, tile):
            corners = np.array([(4, 4), (tile - 2, 2), (tile + 14, tile - 4), (16, tile - 2)]) + np.array((left, top))
            share = (0.3, 0.28, 0.2, 0.16, 0.06)
            colour = colours[chance.choice(len(colours), p=share)] + chance.normal(0, 10, 3)
            points = (corners + chance.normal(0, 2, corners.shape)).astype(np.int32)
            cv2.fillPoly(canvas, [points], colour.clip(0, 255).tolist(), cv2.LINE_AA)
    return canvas


def _save(path: Path, panels: Sequence[Panel]) -> None:
    """Write the panels side by side, at most three in a row unless there are four."""
    columns = len(panels) if len(panels) <= 3 else 2 if len(panels) == 4 else 3
    rows = -(-len(panels) // columns)
    size = columns * (_WIDTH + _GAP) + _GAP, rows * (_HEIGHT + _LABEL + _GAP) + _GAP
    page = Image.new("RGB", size, (17, 18, 20))
    draw = ImageDraw.Draw(page)
    for number, (label, pixels) in enumerate(panels):
        row, column = divmod(number, columns)
        left, top = _GAP + column * (_WIDTH + _GAP), _GAP + row * (_HEIGHT + _LABEL + _GAP)
        small = cv2.resize(pixels, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
        page.paste(Image.fromarray(small), (left, top))
        draw.text((left + 2, top + _HEIGHT + 4), label, (190, 190, 186), ImageFont.load_default(14))
    for quality in range(88, 30, -4):
        page.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= _MOST_BYTES:
            return


if __name__ == "__main__":
    main()
