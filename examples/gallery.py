"""Makes docs/images/posters-gallery.jpg: every template of posters that ships, over pictures that Atelier draws.

python examples/gallery.py
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import draw_film
import numpy as np

from jobs.posters.templates import find
from pipeline.drawing import portraits, rooms
from pipeline.poster.canvas import Canvas, parse_size
from pipeline.poster.compose import compose
from pipeline.poster.layers import Scene
from pipeline.typography.fonts import FontSet
from pipeline.typography.locales import locale as language

_PAGE = Path(__file__).parent.parent / "docs" / "images" / "posters-gallery.jpg"

_WIDTH, _GAP, _GROUND = 1640, 16, (24, 24, 26)

_PICTURE_PX = 512

_BAY = 1600, 900
_PARTS = {"moon": (880, 1600), "boat": (0, 480)}
"""Columns of the demo's film, drawn larger."""

_SHRUNK = 2
"""Posters are put together so much larger than the page shows them."""


@dataclass(frozen=True)
class _Shown:
    """A poster of the page. `picture` is what is drawn: `room 3`, `portrait 5`, a part of the `bay`, or nothing."""

    template: str
    size: str
    locale: str
    palette: str
    picture: str = ""


_ROWS = (
    (
        _Shown("film", "portrait", "en", "noir", "bay moon"),
        _Shown("concert", "portrait", "de", "acid"),
        _Shown("exhibition", "portrait", "fr", "ink", "portrait 23"),
        _Shown("sale", "portrait", "en", "caution"),
        _Shown("product", "portrait", "es", "studio", "room 20"),
    ),
    (
        _Shown("travel", "portrait", "en", "cabin", "bay boat"),
        _Shown("festival", "portrait", "en", "summer", "portrait 6"),
        _Shown("quote", "portrait", "en", "dusk"),
        _Shown("recruiting", "portrait", "de", "forest", "room 7"),
        _Shown("opening", "portrait", "ru", "bottle", "room 10"),
    ),
    (
        _Shown("exhibition", "story", "hi", "mint", "portrait 20"),
        _Shown("sale", "wide", "ar", "night"),
        _Shown("festival", "square", "ja", "night"),
        _Shown("concert", "wide", "zh", "violet", "bay moon"),
    ),
)


class _Drawn:
    """A picture that is drawn, as a background."""

    is_film = False

    def __init__(self, name: str) -> None:
        self._name = name

    def frame(self, number: int | None) -> np.ndarray:
        """See Footage."""
        return _drawn(self._name)


@cache
def _drawn(name: str) -> np.ndarray:
    what, _, which = name.partition(" ")
    if what == "bay":
        left, right = _PARTS[which]
        return _bay()[:, left:right]
    if what == "room":
        return rooms.draw(rooms.sample(int(which)), _PICTURE_PX)
    return portraits.draw(portraits.sample(int(which)), _PICTURE_PX)


@cache
def _bay() -> np.ndarray:
    draw_film.WIDTH, draw_film.HEIGHT = _BAY
    return next(draw_film.frames()).copy()


def _poster(shown: _Shown, height: int) -> np.ndarray:
    template = find(shown.template).template
    said = {name: variable.said(shown.locale) or "" for name, variable in template.variables.items()}
    size = parse_size(shown.size)
    scale = height * _SHRUNK / size.height
    scene = Scene(
        canvas=Canvas(round(size.width * scale), round(size.height * scale)),
        values={**said, "background": shown.picture},
        palette=template.palettes[shown.palette],
        families=template.fonts,
        fonts=FontSet.shipped,
        locale=shown.locale,
        picture=lambda path: np.zeros((1, 1, 4), np.uint8),
        footage=lambda name: _Drawn(shown.picture),
        mirrored=language(shown.locale).direction == 1,
        timeline=None,
    )
    still = compose(template, scene).still
    return cv2.resize(still, (still.shape[1] // _SHRUNK, height), interpolation=cv2.INTER_AREA)


def _row(posters: tuple[_Shown, ...]) -> np.ndarray:
    """Side by side, as high as makes them as wide as the page."""
    aspects = [canvas.width / canvas.height for canvas in (parse_size(shown.size) for shown in posters)]
    height = int((_WIDTH - _GAP * (len(posters) + 1)) / sum(aspects))
    row = np.full((height + _GAP, _WIDTH, 3), _GROUND, np.uint8)
    left = _GAP
    for shown in posters:
        pixels = _poster(shown, height)
        row[:height, left : left + pixels.shape[1]] = pixels
        left += pixels.shape[1] + _GAP
    return row


def main() -> None:
    """Write the page."""
    page = np.vstack([np.full((_GAP, _WIDTH, 3), _GROUND, np.uint8), *map(_row, _ROWS)])
    cv2.imwrite(str(_PAGE), page[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])


if __name__ == "__main__":
    main()
