"""The layer that is text: fitted into its box, readable on what lies below it, with a plate, outline and shadow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from pipeline.poster.actors import Actor, Still, Typed
from pipeline.poster.canvas import Box
from pipeline.poster.colours import Colour, hexadecimal, wanted_contrast
from pipeline.poster.layers.base import Layer, Scene
from pipeline.poster.lengths import Length
from pipeline.poster.outlines import rounded
from pipeline.poster.presets import TypeOn
from pipeline.poster.readable import ground, shade, shade_for
from pipeline.poster.sprites import Sprite, over, tinted, trimmed
from pipeline.poster.variables import fill

if TYPE_CHECKING:
    from pipeline.typography.style import TextStyle
    from pipeline.typography.typeset import Typeset

ROLES = ("text", "display")
"""Fonts that a template need not have: they are the usual one then."""

_SOFT = 3.0
"""Hundredths of the shorter side over which a shade under words runs out."""

_UNSEEN = 0.35
"""Shade so light that nobody sees it is not worth telling."""


_CAPITALS, _HANGING = 0.72, 0.22
"""How high capitals are, and how far letters hang down and marks stand up, in em."""


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Plate(_Keys):
    """A ground of the text's own, such as a button has."""

    colour: str = "accent"
    pad: Annotated[tuple[Length, Length], Field(description="beside and above the words")] = (3, 1.6)
    radius: Length = 1.2
    outline: Annotated[str | None, Field(description="colour of its edge")] = None
    width: Annotated[Length, Field(description="of the edge")] = 0.3


class Outline(_Keys):
    """An edge around each letter."""

    colour: str = "paper"
    width: Length = 0.4
    hollow: Annotated[bool, Field(description="whether the edge is all that there is of the letters")] = False


class Shadow(_Keys):
    """What the letters throw on what is below."""

    colour: str = "black/60%"
    x: Length = 0.0
    y: Length = 0.4
    blur: Length = 0.8


class Lettered(Layer):
    """What all words have."""

    text: Annotated[str, Field(description="words and variables, as in {headline}")]
    font: Annotated[str, Field(description="role of one of the template's fonts, or a family")] = "text"
    weight: Annotated[int, Field(ge=1, le=1000, description="400 is regular, 700 bold")] = 400
    stretch: Annotated[float, Field(ge=50, le=200, description="width of the letters, in per cent")] = 100
    italic: bool = False
    size: Annotated[float, Field(gt=0, le=100, description="of the em, in hundredths of the shorter side, at most")] = 6
    smallest: Annotated[float | None, Field(gt=0, le=100, description="at least; default: half of the size")] = None
    tracking: Annotated[float, Field(ge=-0.5, le=2, description="between letters, in em")] = 0.0
    case: Literal["none", "upper"] = "none"
    colour: str = "ink"

    def texts(self) -> Iterator[str]:
        """See Layer."""
        yield from (*super().texts(), self.text)

    def style(self, unit: float, fonts: Mapping[str, tuple[str, ...]], locale: str) -> TextStyle:
        """How they are set; `unit`: pixels of a hundredth of the shorter side, `fonts`: families by role."""
        from pipeline.typography.style import TextStyle

        return TextStyle(
            families=families_of(self.font, fonts),
            weight=self.weight,
            stretch=self.stretch,
            italic=self.italic,
            size_px=self.size * unit,
            smallest_px=(self.smallest or self.size / 2) * unit,
            tracking=self.tracking,
            case=self.case,
            locale=locale,
        )


class TextLayer(Lettered):
    """Words in a box."""

    layer: Literal["text"]
    leading: Annotated[float, Field(ge=0.5, le=4, description="from line to line, in em")] = 1.15
    align: Literal["start", "center", "end"] = "start"
    valign: Literal["top", "middle", "bottom"] = "top"
    lines: Annotated[int | None, Field(ge=1, le=100, description="at most")] = None
    balance: Annotated[bool, Field(description="whether lines are made of about the same length")] = True
    contrast: Annotated[
        Literal["assured", "as-is"], Field(description="`as-is` keeps the colour, whether it can be read or not")
    ] = "assured"
    plate: Plate | None = None
    outline: Outline | None = None
    shadow: Shadow | None = None

    def inks(self) -> Iterator[str]:
        """See Layer."""
        yield self.colour
        yield from (part.colour for part in (self.plate, self.outline, self.shadow) if part is not None)
        yield from filter(None, [self.plate and self.plate.outline])

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer. Raises: CannotFit, MissingGlyph as well."""
        from pipeline.typography.typeset import typeset

        text = fill(self.text, scene.values).strip()
        if not text:
            return
        pad = (0.0, 0.0) if self.plate is None else (scene.px(self.plate.pad[0]), scene.px(self.plate.pad[1]))
        edge = 0.0 if self.outline is None else scene.px(self.outline.width)
        inner = _within(self.resolved(scene), pad[0] + edge, pad[1] + edge)
        style = self.style(scene.canvas.unit, scene.families, scene.locale)
        made = typeset(text, style, inner.width, inner.height, scene.fonts())
        if made.ink is None:
            return
        ink = _moved(made.ink, inner)
        plate = _around(made, ink, inner, pad) if self.plate else ink
        # Words that stand aslant do so about their box's middle, wherever in it they are; else they move about theirs.
        about = inner if self.rotate else plate
        self.noted(scene, _turned(plate, about, self.rotate))
        if self.plate is not None:
            yield self._piece(_plate(self.plate, plate, scene), scene, about)
        words, below = self._readable(_turned(ink, about, self.rotate), made.size_px / scene.canvas.unit, scene)
        if below is not None:
            yield self._piece(shade(ink, *below, _SOFT * scene.canvas.unit), scene, about)
        yield from self._letters(made, inner, words, scene, about)

    def _piece(self, drawn: Sprite, scene: Scene, about: Box, line: int = 0) -> Still:
        return Still(drawn, scene.canvas.unit, self.tracks(scene, line), self.rest(scene), about)

    def style(self, unit: float, fonts: Mapping[str, tuple[str, ...]], locale: str) -> TextStyle:
        """See Lettered."""
        return replace(
            super().style(unit, fonts, locale),
            leading=self.leading,
            align=self.align,
            valign=self.valign,
            balance=self.balance,
            most_lines=self.lines,
        )

    def _readable(
        self, ink: Box, size: float, scene: Scene
    ) -> tuple[Colour, tuple[tuple[int, int, int], float] | None]:
        """The colour of what is read, and where they need a shade below them, its colour and how much it hides.

        `size`: that they came to, in hundredths of the shorter side.
        """
        hollow = self.outline is not None and self.outline.hollow
        wanted = scene.colour(self.outline.colour if self.outline and hollow else self.colour)
        if self.contrast == "as-is":
            return wanted, None
        least = wanted_contrast(size, self.weight)
        grounds = ground([picture for _, picture in scene.grounds], ink)
        words, below, hides = shade_for(wanted.rgb, grounds, least)
        if words != wanted.rgb:
            scene.notes.append(
                f"{self.said}: {hexadecimal(wanted.rgb)} is not read on what lies below; it became {hexadecimal(words)}"
            )
        if below is None:
            return Colour(words, wanted.alpha), None
        if hides > _UNSEEN:
            scene.notes.append(f"{self.said}: a shade of {hides:.0%} was laid under it, to be read")
        return Colour(words, wanted.alpha), (below, hides)

    def _letters(self, made: Typeset, inner: Box, words: Colour, scene: Scene, about: Box) -> Iterator[Actor]:
        """The letters: at once, line after line, or one after the other."""
        from pipeline.typography.ink import coverage

        size = int(inner.width), int(inner.height)
        unit, types = scene.canvas.unit, any(isinstance(preset, TypeOn) for preset in self.motion)
        if types and scene.timeline is not None:

            def draw(letters: int) -> Sprite:
                return self._inked(coverage(made, *size, clusters=range(letters)), made, inner, words, scene)

            yield Typed(draw, made.clusters, unit, self.tracks(scene), self.rest(scene), about)
            return
        parts = list(range(len(made.lines))) if self.by_line and scene.timeline is not None else [None]
        for part in parts:
            drawn = self._inked(coverage(made, *size, line=part), made, inner, words, scene, part)
            yield self._piece(trimmed(drawn), scene, about, part or 0)

    def _inked(
        self, cover: np.ndarray, made: Typeset, inner: Box, words: Colour, scene: Scene, line: int | None = None
    ) -> Sprite:
        """Letters in their colour, with the outline and the shadow that belong to them."""
        from pipeline.typography.ink import coverage

        left, top = int(inner.left), int(inner.top)
        drawn = tinted(cover, words.rgb, words.alpha, left, top)
        hides = cover
        if self.outline is not None:
            edge, stroke = scene.colour(self.outline.colour), scene.px(self.outline.width)
            # An outline is of whole letters: of those that are not there yet there is none.
            wide = coverage(made, *cover.shape[::-1], line=line, stroke_px=stroke)
            hides = cv2.min(wide, cv2.dilate(cover, np.ones((2 * int(np.ceil(stroke)) + 1,) * 2, np.uint8)))
            if self.outline.hollow:
                drawn = tinted(cv2.subtract(hides, cover), words.rgb, words.alpha, left, top)
            else:
                drawn = over(tinted(hides, edge.rgb, edge.alpha, left, top), drawn)
        return drawn if self.shadow is None else over(_shadow(self.shadow, hides, left, top, scene), drawn)


def families_of(font: str, fonts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The families that a text asks for: those of a role, or the one that it names itself; none is the usual one."""
    return fonts.get(font, () if font in ROLES else (font,))


def _within(box: Box, across: float, down: float) -> Box:
    """A box within another, of whole pixels."""
    left, top = math.ceil(box.left + across), math.ceil(box.top + down)
    right, bottom = math.floor(box.right - across), math.floor(box.bottom - down)
    return Box(left, top, max(right - left, 1), max(bottom - top, 1))


def _turned(ink: Box, about: Box, degrees: float) -> Box:
    """What a box covers when it is turned about another's middle."""
    if degrees % 360 == 0:
        return ink
    middle = np.array([about.left + about.width / 2, about.top + about.height / 2])
    across, down = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = np.array([[x, y] for x in (ink.left, ink.right) for y in (ink.top, ink.bottom)]) - middle
    there = corners @ np.array([[across, down], [-down, across]]) + middle
    (left, top), (right, bottom) = there.min(axis=0), there.max(axis=0)
    return Box(left, top, right - left, bottom - top)


def _moved(ink: tuple[float, float, float, float], by: Box) -> Box:
    left, top, right, bottom = ink
    return Box(by.left + left, by.top + top, right - left, bottom - top)


def _around(made: Typeset, ink: Box, inner: Box, pad: tuple[float, float]) -> Box:
    """A plate's box: as high for every word, whether a letter of it hangs down or not."""
    top = min(ink.top + _HANGING * made.size_px, inner.top + made.lines[0].baseline - _CAPITALS * made.size_px)
    bottom = max(ink.bottom - _HANGING * made.size_px, inner.top + made.lines[-1].baseline)
    return Box(ink.left - pad[0], top - pad[1], ink.width + 2 * pad[0], bottom - top + 2 * pad[1])


def _shadow(shadow: Shadow, cover: np.ndarray, left: int, top: int, scene: Scene) -> Sprite:
    blur = scene.px(shadow.blur)
    margin = int(np.ceil(3 * blur))
    wide = cv2.copyMakeBorder(cover, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    if blur > 0:
        wide = cv2.GaussianBlur(wide, (0, 0), blur)
    colour = scene.colour(shadow.colour)
    across, down = round(scene.px(shadow.x)), round(scene.px(shadow.y))
    return tinted(wide, colour.rgb, colour.alpha, left - margin + across, top - margin + down)


def _plate(plate: Plate, box: Box, scene: Scene) -> Sprite:
    left, top = int(box.left // 1), int(box.top // 1)
    radius = scene.px(plate.radius)
    cover = rounded(box.width, box.height, radius, left=box.left - left, top=box.top - top)
    colour = scene.colour(plate.colour)
    made = tinted(cover, colour.rgb, colour.alpha, left, top)
    if plate.outline is None:
        return made
    line = scene.px(plate.width)
    inner = np.zeros_like(cover)
    part = rounded(
        box.width - 2 * line,
        box.height - 2 * line,
        max(radius - line, 0),
        left=box.left - left + line,
        top=box.top - top + line,
    )
    inner[: part.shape[0], : part.shape[1]] = part
    edge = scene.colour(plate.outline)
    return over(made, tinted(cv2.subtract(cover, inner), edge.rgb, edge.alpha, left, top))
