"""A board's pages as lists of three things: pictures, flat colours and lines of text. Both renderers draw these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.board import layout
from pipeline.board.brief import BoardBrief, BoardStrip
from pipeline.board.layout import Box
from pipeline.board.letters import Face, face_of, shortened, shown, wrapped
from pipeline.board.palette import Swatch

Rgb = tuple[int, int, int]
Anchor = Literal["left", "middle", "right"]

PAPER: Rgb = (255, 255, 255)
_INK: Rgb = (34, 34, 32)
_QUIET: Rgb = (122, 120, 115)
_HAIR: Rgb = (214, 211, 205)
_NOTHING: Rgb = (243, 241, 237)

_PALE = 215
"""Of a colour whose channels all lie above, the edge would not be seen on paper."""

_HAIR_MM = 0.18


@dataclass(frozen=True)
class Line:
    """One line of text."""

    x: float
    """Of its anchor, in mm."""
    baseline: float
    words: str
    size_pt: float
    ink: Rgb
    face: Face
    anchor: Anchor = "left"


@dataclass(frozen=True)
class Patch:
    """A rectangle of one colour, with a hairline round it if it is pale."""

    box: Box
    colour: Rgb
    edge: Rgb | None = None


@dataclass
class Sheet:
    """One page, in the order in which it is drawn: patches, pictures, lines."""

    patches: list[Patch] = field(default_factory=list)
    pictures: list[tuple[Box, int]] = field(default_factory=list)
    """Where, and which frame."""
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Contents:
    """What is on a board besides its pictures."""

    brief: BoardBrief
    ids: Mapping[int, str]
    """By frame."""
    palettes: Mapping[int, Sequence[Swatch]]
    """By frame; a frame without one could not be painted."""
    made_by: str
    """The footer."""


def compose(contents: Contents, pages: Sequence[layout.Page]) -> list[Sheet]:
    """What is drawn on each page."""
    sheets = []
    for number, page in enumerate(pages, 1):
        sheet = Sheet()
        _heading(sheet, page, contents.brief)
        for cell in page.cells:
            _design(sheet, cell, contents)
        if page.strips_heading is not None:
            _strips_heading(sheet, page.strips_heading)
        for strip in page.strips:
            _strip(sheet, strip, contents)
        _write(sheet, page.footer, contents.made_by, 7.0, _QUIET)
        if len(pages) > 1:
            _write(sheet, page.number, f"{number} / {len(pages)}", 7.0, _QUIET, "right")
        sheets.append(sheet)
    return sheets


def _heading(sheet: Sheet, page: layout.Page, brief: BoardBrief) -> None:
    if page.subtitle is None:
        _write(sheet, page.title, brief.title, 9.0, _QUIET)
    else:
        _write(sheet, page.title, brief.title, 28.0, _INK)
        _write(sheet, page.subtitle, brief.subtitle, 10.0, _QUIET)


def _design(sheet: Sheet, cell: layout.Cell, contents: Contents) -> None:
    frame = contents.brief.proposals[cell.place]
    palette = contents.palettes.get(frame)
    _write(sheet, cell.caption, contents.ids[frame], 8.0, _INK)
    if palette is None:
        _missing(sheet, cell.picture)
        return
    sheet.pictures.append((cell.picture, frame))
    for box, swatch in zip(cell.chips, palette, strict=False):
        sheet.patches.append(Patch(box, swatch.rgb, _HAIR if min(swatch.rgb) > _PALE else None))
    for box, swatch in zip(cell.codes, palette, strict=False):
        if cell.beside:
            _write(sheet, Box(box.left, box.top, box.width, 4.6), swatch.code, 8.0, _INK)
            _write(sheet, Box(box.left, box.top + 4.6, box.width, 4.2), _percent(swatch.share), 7.0, _QUIET)
        else:
            _write(sheet, box, swatch.code, 5.0 if box.width < 14 else 6.5, _QUIET)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "< 1 %"


def _strips_heading(sheet: Sheet, box: Box) -> None:
    sheet.patches.append(Patch(Box(box.left, box.top, box.width, _HAIR_MM), _HAIR))
    _write(sheet, Box(box.left, box.bottom - 4.6, box.width, 4.6), "Attributes, in standard deviations", 7.0, _QUIET)


def _strip(sheet: Sheet, strip: layout.Strip, contents: Contents) -> None:
    said = contents.brief.strips[strip.place]
    label = strip.label
    lines = wrapped(_capital(said.attribute), 9.0, label.width, face_of(said.attribute), most=2)
    for number, words in enumerate(lines):
        _write(sheet, Box(label.left, label.top + 4.4 * number, label.width, 4.6), words, 9.0, _INK)
    below = Box(label.left, label.top + 4.4 * len(lines) + 0.2, label.width, 4.2)
    _write(sheet, below, said.of, 7.0, _QUIET)
    for box, frame in zip(strip.pictures, said.frames, strict=True):
        if frame in contents.palettes:
            sheet.pictures.append((box, frame))
        else:
            _missing(sheet, box)
    _amounts(sheet, strip, said)


def _amounts(sheet: Sheet, strip: layout.Strip, said: BoardStrip) -> None:
    words = [_amount(value) for value in said.amounts]
    # In one face, though only some of them have a minus.
    face = face_of(*words)
    for box, amount in zip(strip.amounts, words, strict=True):
        _write(sheet, box, amount, 6.5, _QUIET, "middle", face=face)


def _amount(value: float) -> str:
    return f"{value:+g}".replace("-", "\N{MINUS SIGN}") if value else "0"


def _missing(sheet: Sheet, box: Box) -> None:
    sheet.patches.append(Patch(box, _NOTHING))
    line = Box(box.left + 1.0, box.top + box.height / 2 - 2.0, box.width - 2.0, 4.0)
    _write(sheet, line, "could not be painted", 6.5, _QUIET, "middle")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _write(
    sheet: Sheet, box: Box, text: str, size_pt: float, ink: Rgb, anchor: Anchor = "left", *, face: Face | None = None
) -> None:
    """A line of text as far as it fits into its box, on the box's lower third."""
    words = shown(text)
    face = face or face_of(words)
    x = {"left": box.left, "middle": box.left + box.width / 2, "right": box.right}[anchor]
    sheet.lines.append(
        Line(x, box.top + 0.76 * box.height, shortened(words, size_pt, box.width, face), size_pt, ink, face, anchor)
    )
