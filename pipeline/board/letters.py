"""The faces that boards are set in, what they can show, and how wide it is. Both renderers read them from here.

Most is set in the face that comes with Pillow, which has English letters only. A text with others is set whole in the
one that comes with ReportLab, which has those of western Europe's languages. What neither has is no text for a board.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont

from pipeline.errors import InputError

Face = Literal["plain", "wide"]
"""`plain`: Aileron, of Pillow. `wide`: Bitstream Vera, of ReportLab."""

MM_PER_PT = 25.4 / 72

_EM = 1000
"""Pixels, at which widths are measured."""


def check_text(text: str, what: str = "title") -> None:
    """That a board can show a text; `what` is what an error calls it.

    Raises: InputError that names the first letter it cannot show.
    """
    for letter in unicodedata.normalize("NFC", text):
        if not _is_shown(letter):
            name = unicodedata.name(letter, f"U+{ord(letter):04X}")
            said = f"{letter!r} ({name})"
            raise InputError(f"{what}: a board has no letter {said}; it has those of western Europe's languages")


def shown(text: str) -> str:
    """The text with a question mark for each letter that no face has, as a name of a file may hold."""
    return "".join(letter if _is_shown(letter) else "?" for letter in unicodedata.normalize("NFC", text))


def face_of(*texts: str) -> Face:
    """The face that has every letter of these texts, so that they look alike."""
    return "plain" if all(set(text) <= letters("plain") for text in texts) else "wide"


def width(text: str, size_pt: float, face: Face) -> float:
    """Of a line of text, in mm."""
    return sum(_advance(letter, face) for letter in text) / _EM * size_pt * MM_PER_PT


def shortened(text: str, size_pt: float, room: float, face: Face) -> str:
    """The text, or as much of it as fits into `room` mm, with an ellipsis."""
    if width(text, size_pt, face) <= room:
        return text
    while text and width(f"{text}…", size_pt, face) > room:
        text = text[:-1].rstrip()
    return f"{text}…"


def wrapped(text: str, size_pt: float, room: float, face: Face, *, most: int) -> Sequence[str]:
    """The text in at most `most` lines that fit into `room` mm, the last one shortened."""
    lines: list[str] = []
    line = ""
    words = text.split()
    while words:
        longer = f"{line} {words[0]}".strip()
        if line and width(longer, size_pt, face) > room:
            if len(lines) + 1 == most:
                return [*lines, shortened(" ".join([line, *words]), size_pt, room, face)]
            lines.append(line)
            line = ""
        else:
            line = longer
            words.pop(0)
    return [*lines, shortened(line, size_pt, room, face)]


@cache
def letters(face: Face) -> frozenset[str]:
    """What a face can show."""
    from reportlab.pdfbase.ttfonts import TTFontFile

    codes = TTFontFile(io.BytesIO(data(face))).charToGlyph
    return frozenset(letter for letter in map(chr, codes) if letter.isprintable())


@cache
def data(face: Face) -> bytes:
    """The face's TrueType file."""
    if face == "wide":
        import reportlab

        return (Path(reportlab.__file__).parent / "fonts" / "Vera.ttf").read_bytes()
    font = ImageFont.load_default(_EM)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType; install its wheel")
    return bytes(font.font_bytes)


def _is_shown(letter: str) -> bool:
    return letter in letters("plain") or letter in letters("wide")


@cache
def _measure(face: Face) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(data(face)), _EM, layout_engine=ImageFont.Layout.BASIC)


@cache
def _advance(letter: str, face: Face) -> float:
    return _measure(face).getlength(letter)
