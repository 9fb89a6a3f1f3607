"""Templates that ship: each is put together in every format, is read on its own ground, and has no seam."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from jobs.posters.templates import find, shipped
from pipeline.poster.actors import Moment
from pipeline.poster.canvas import FORMATS, Canvas, Format
from pipeline.poster.compose import compose
from pipeline.poster.layers import Scene
from pipeline.poster.layers.words import Lettered
from pipeline.poster.motion import Timeline
from pipeline.poster.template import Template
from pipeline.poster.variables import names
from pipeline.typography.fonts import FontSet
from tests.poster.making import Shown

LOCALES = ("en", "de", "fr", "es", "zh", "ja", "ar", "hi", "ru")

SMALL: dict[Format, Canvas] = {
    "square": Canvas(270, 270),
    "portrait": Canvas(270, 338),
    "tall": Canvas(270, 480),
    "wide": Canvas(480, 270),
}

OTHERS: dict[Format, str] = {"square": "ja", "portrait": "ru", "tall": "hi", "wide": "ar"}
"""Another script in each format, one written from the right among them."""

FPS = 30


@cache
def template(name: str) -> Template:
    return find(name).template


@cache
def grey(level: int) -> Shown:
    return Shown(np.full((40, 50, 3), level, np.uint8))


def scene(
    name: str,
    format_: Format,
    locale: str,
    *,
    palette: str | None = None,
    background: Shown | None = None,
    moves: bool = False,
    **values: str,
) -> Scene:
    made = template(name)
    said = {variable: told.said(locale) or "" for variable, told in made.variables.items()}
    frames = round(made.duration * FPS) if moves else 0
    return Scene(
        canvas=SMALL[format_],
        values={**said, "locale": locale, "background": "1" if background else "", **values},
        palette=made.palettes[palette or made.palette],
        families=made.fonts,
        fonts=FontSet.shipped,
        locale=locale,
        picture=lambda path: np.full((20, 50, 4), 255, np.uint8),
        footage=lambda _: background or grey(120),
        mirrored=locale == "ar",
        timeline=Timeline(made.duration, made.loop) if moves else None,
        times=[number / FPS for number in range(frames)],
    )


def test_there_are_at_least_the_eight_that_were_promised() -> None:
    promised = {"film", "concert", "exhibition", "sale", "product", "travel", "festival", "quote"}
    assert promised <= set(shipped())


@pytest.mark.parametrize("name", shipped())
def test_words_come_along_in_nine_languages_and_are_short_enough(name: str) -> None:
    for variable, told in template(name).variables.items():
        for locale in LOCALES:
            said = told.said(locale)
            assert said is not None, f"{variable} has no {locale}"
            assert told.most is not None
            assert len(said) <= told.most, f"{variable} in {locale} has {len(said)} letters of {told.most}"


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", shipped())
def test_a_template_is_read_in_every_format_on_pictures_light_and_dark(name: str, format_: Format) -> None:
    for locale, level in (("en", 20), (OTHERS[format_], 235)):
        told = scene(name, format_, locale, background=grey(level))
        made = compose(template(name), told)
        assert made.still.shape[:2] == (SMALL[format_].height, SMALL[format_].width)
        assert told.notes == []


@pytest.mark.parametrize("name", shipped())
def test_every_palette_is_read_on_its_own_ground(name: str) -> None:
    """Without a picture, where a template needs none."""
    for number, palette in enumerate(template(name).palettes):
        told = scene(name, FORMATS[number % len(FORMATS)], "en", palette=palette)
        compose(template(name), told)
        assert told.notes == [], palette


@pytest.mark.parametrize("name", shipped())
def test_a_template_loops_without_a_seam(name: str) -> None:
    made = compose(template(name), scene(name, "portrait", "en", moves=True))
    last = round(template(name).duration * FPS) - 1

    def frame(number: int) -> np.ndarray:
        return np.asarray(made.stage._frame(Moment(number / FPS, number)), np.int16).copy()

    seam, start, end = (np.abs(frame(a) - frame(b)).mean() for a, b in ((last, 0), (0, 1), (last - 1, last)))
    assert seam <= 1.6 * max(start, end) + 0.2
    # Something moves: at half of the time it is another picture than at the beginning.
    assert np.abs(frame(last // 2) - frame(0)).mean() > 1


@pytest.mark.parametrize("name", shipped())
def test_every_variable_is_used(name: str) -> None:
    made = template(name)
    used = {found for layer in made.layers for text in layer.texts() for found in names(text)}
    assert used - {"background"} == set(made.variables)
    assert all(layer.name for layer in made.layers if isinstance(layer, Lettered) and layer.layer == "text")
