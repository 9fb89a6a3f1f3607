"""A board of a brief's frames, as PDF and PNG. Each picture is read once, and kept as small as the board shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline import provenance
from pipeline.board import palette, pdf, png
from pipeline.board.brief import BoardBrief
from pipeline.board.layout import arrange
from pipeline.board.page import Box, Page
from pipeline.board.prints import encoded
from pipeline.board.sheets import Contents, compose

Picture = Callable[[int], np.ndarray | None]
"""Gives a frame as (H, W, 3) uint8 sRGB, or None if it could not be painted."""

_DIGITS = 12
"""Of a network's digest, that the footer shows."""


@dataclass(frozen=True)
class Board:
    """Two files of one content."""

    pdf: bytes
    png: bytes


def make(
    brief: BoardBrief,
    picture: Picture,
    name_of: Callable[[int], str],
    *,
    model: str = "",
    sha256: str = "",
    marks: provenance.Marks | None = None,
    content: str = "",
) -> Board:
    """The board; `name_of` gives a frame's id, `model` and `sha256` say what made the pictures.

    `marks` and `content`: what its files say of themselves besides, and its number.
    """
    frames = _frames(brief)
    pages = arrange(len(brief.proposals), _aspect(frames, picture), [len(strip.frames) for strip in brief.strips])
    palettes, prints = {}, {}
    for frame, box in _largest_boxes(brief, pages).items():
        pixels = picture(frame)
        if pixels is not None:
            palettes[frame] = palette.sample(pixels) if frame in brief.proposals else ()
            prints[frame] = encoded(pixels, box)
    ids = {frame: name_of(frame) for frame in brief.proposals}
    sheets = compose(Contents(brief, ids, palettes, _made_by(model, sha256)), pages)
    facts = {"model": model, "modelSha256": sha256, provenance.PAGE: brief.subtitle, "designs": " ".join(ids.values())}
    drawn = Board(
        pdf=pdf.render(sheets, prints, title=brief.title, subject=brief.subtitle), png=png.render(sheets, prints)
    )
    return Board(
        pdf=provenance.embed(drawn.pdf, facts, marks, content=content),
        png=provenance.embed(drawn.png, facts, marks, content=content),
    )


def _frames(brief: BoardBrief) -> list[int]:
    return list(dict.fromkeys([*brief.proposals, *(frame for strip in brief.strips for frame in strip.frames)]))


def _aspect(frames: list[int], picture: Picture) -> float:
    """Of the first picture that there is; a job's are all of one size."""
    for frame in frames:
        pixels = picture(frame)
        if pixels is not None:
            return float(pixels.shape[1] / pixels.shape[0])
    return 1.0


def _largest_boxes(brief: BoardBrief, pages: tuple[Page, ...]) -> dict[int, Box]:
    """The largest box that each frame is shown in."""
    boxes: dict[int, Box] = {}

    def note(frame: int, box: Box) -> None:
        if frame not in boxes or box.width > boxes[frame].width:
            boxes[frame] = box

    for page in pages:
        for cell in page.cells:
            note(brief.proposals[cell.place], cell.picture)
        for strip in page.strips:
            for frame, box in zip(brief.strips[strip.place].frames, strip.pictures, strict=True):
                note(frame, box)
    return boxes


def _made_by(model: str, sha256: str) -> str:
    named = f", {model} ({sha256[:_DIGITS]})" if model else ""
    return f"Made by a model{named}, with Atelier"
