"""A board's pages as a PDF with text that can be searched, drawn with ReportLab: the same bytes for the same board."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache

from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline import provenance
from pipeline.board.letters import MM_PER_PT, Face, data
from pipeline.board.page import PAGE_HEIGHT, PAGE_WIDTH, Box
from pipeline.board.sheets import Line, Patch, Rgb, Sheet

_FONTS: Mapping[Face, str] = {"plain": "AtelierPlain", "wide": "AtelierWide"}
_EDGE_PT = 0.4


def render(sheets: Sequence[Sheet], prints: Mapping[int, bytes], *, title: str, subject: str) -> bytes:
    """All pages. `prints`: encoded pictures by frame, each of which the file holds once."""
    _prepare()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(_pt(PAGE_WIDTH), _pt(PAGE_HEIGHT)), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setSubject(subject)
    canvas.setCreator(provenance.SOFTWARE)
    canvas.setAuthor(provenance.SOFTWARE)
    readers = {frame: ImageReader(io.BytesIO(made)) for frame, made in prints.items()}
    for sheet in sheets:
        _draw(canvas, sheet, readers)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@cache
def _prepare() -> None:
    # Pictures as bytes, and not as text that is a quarter longer.
    rl_config.useA85 = 0
    for face, name in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(data(face))))


def _draw(canvas: Canvas, sheet: Sheet, readers: Mapping[int, ImageReader]) -> None:
    for patch in sheet.patches:
        _fill(canvas, patch)
    for box, frame in sheet.pictures:
        width, height = readers[frame].getSize()
        canvas.drawImage(readers[frame], *_placed(box.fitted(width / height)))
    for line in sheet.lines:
        _write(canvas, line)


def _fill(canvas: Canvas, patch: Patch) -> None:
    canvas.setFillColorRGB(*_colour(patch.colour))
    canvas.rect(*_placed(patch.box), stroke=0, fill=1)
    if patch.edge is not None:
        canvas.setStrokeColorRGB(*_colour(patch.edge))
        canvas.setLineWidth(_EDGE_PT)
        inner = _EDGE_PT / 2 * MM_PER_PT
        box = patch.box
        edge = Box(box.left + inner, box.top + inner, box.width - 2 * inner, box.height - 2 * inner)
        canvas.rect(*_placed(edge), stroke=1, fill=0)


def _write(canvas: Canvas, line: Line) -> None:
    canvas.setFillColorRGB(*_colour(line.ink))
    canvas.setFont(_FONTS[line.face], line.size_pt)
    at = _pt(line.x), _pt(PAGE_HEIGHT - line.baseline)
    draw = {"left": canvas.drawString, "middle": canvas.drawCentredString, "right": canvas.drawRightString}
    draw[line.anchor](*at, line.words)


def _placed(box: Box) -> tuple[float, float, float, float]:
    """Left, lower edge from the page's lower edge, width and height, in points."""
    return _pt(box.left), _pt(PAGE_HEIGHT - box.bottom), _pt(box.width), _pt(box.height)


def _pt(mm: float) -> float:
    return mm / MM_PER_PT


def _colour(rgb: Rgb) -> tuple[float, float, float]:
    red, green, blue = (value / 255 for value in rgb)
    return red, green, blue
