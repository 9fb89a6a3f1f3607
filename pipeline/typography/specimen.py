"""A page that shows what text can be set in: every family, and a headline in many languages.

python -m pipeline.typography.specimen specimen.png --fonts ./fonts
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.typography.files import found
from pipeline.typography.fonts import FontSet
from pipeline.typography.ink import coverage
from pipeline.typography.shipped import BY_SCRIPT, DEFAULT, SYMBOLS
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import typeset

_PAPER, _INK, _FAINT = (np.array(colour, np.float32) for colour in ((249, 247, 242), (27, 27, 38), (141, 133, 122)))
_COLUMNS = 3
_CELL = 460, 150
_MARGIN, _GAP, _CAPTION = 50, 30, 22
_COLOURS = 16

_HEADLINES = {
    "en": "The Night Garden: an exhibition in light",
    "fr": "Œuvres d’été, naïves & rêvées",
    "tr": "İstanbul’da ışık ve gölge",
    "vi": "Triển lãm nghệ thuật mùa xuân",
    "ru": "Ночная выставка в летнем саду",
    "el": "Ανοιξιάτικη έκθεση στο μουσείο",
    "ar": "معرض الربيع في متحف Atelier 2026",
    "fa": "نمایشگاه نور، با خوش‌آمدگویی",
    "he": "תערוכת האביב במוזיאון (Tel Aviv)",
    "hi": "वसंत प्रदर्शनी: क्षत्रिय कला संग्रहालय",
    "bn": "বসন্তের শিল্প প্রদর্শনী",
    "ta": "வசந்தகால கலைக் கண்காட்சி",
    "th": "นิทรรศการศิลปะฤดูใบไม้ผลิ",
    "ja": "春のアート展覧会、東京国立博物館で「光と影」",
    "zh-Hans": "春季艺术展览：“光与影”，欢迎光临！",
    "zh-Hant": "春季藝術展覽：「光與影」，歡迎光臨！",
    "ko": "서울에서 만나는 봄의 전시회",
    "und": "♫ ☀ → 50 % 🎉 🎨 ₹ € №",
}
"""The same kind of words in many languages, and what is of none."""


@dataclass(frozen=True)
class _Sample:
    caption: str
    text: str
    style: TextStyle


def specimen(fonts: FontSet) -> Image.Image:
    """The page."""
    samples = list(_samples(fonts))
    rows = -(-len(samples) // _COLUMNS)
    width = 2 * _MARGIN + _COLUMNS * _CELL[0] + (_COLUMNS - 1) * _GAP
    height = 2 * _MARGIN + rows * (_CELL[1] + _CAPTION) + (rows - 1) * _GAP
    page = np.broadcast_to(_PAPER, (height, width, 3)).copy()
    for number, sample in enumerate(samples):
        row, column = divmod(number, _COLUMNS)
        x, y = _MARGIN + column * (_CELL[0] + _GAP), _MARGIN + row * (_CELL[1] + _CAPTION + _GAP)
        caption = TextStyle(size_px=14, smallest_px=8, tracking=0.04)
        _set(page[y : y + _CAPTION, x : x + _CELL[0]], sample.caption, caption, fonts, _FAINT)
        _set(page[y + _CAPTION : y + _CAPTION + _CELL[1], x : x + _CELL[0]], sample.text, sample.style, fonts, _INK)
    return Image.fromarray(page.astype(np.uint8)).quantize(_COLOURS, dither=Image.Dither.NONE)


def _samples(fonts: FontSet) -> Iterator[_Sample]:
    hidden = {*BY_SCRIPT.values(), *SYMBOLS} - {DEFAULT}
    for family in fonts.families():
        if family not in hidden:
            yield _Sample(family, "Frühling & Lichter 2026", _style(families=(family,)))
    for tag, text in _HEADLINES.items():
        yield _Sample(tag, text, _style(locale="" if tag == "und" else tag))


def _style(*, families: tuple[str, ...] = (), locale: str = "") -> TextStyle:
    return TextStyle(families=families, locale=locale, weight=700, size_px=64, smallest_px=20)


def _set(box: np.ndarray, text: str, style: TextStyle, fonts: FontSet, colour: np.ndarray) -> None:
    height, width = box.shape[:2]
    ink = coverage(typeset(text, style, width, height, fonts), width, height)[..., None] / np.float32(255)
    box += (colour - box) * ink


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = ArgumentParser(prog="python -m pipeline.typography.specimen", description="Shows fonts and scripts.")
    parser.add_argument("output", type=Path, help="a PNG file")
    parser.add_argument("--fonts", type=Path, help="a folder of fonts of your own")
    wanted = parser.parse_args(arguments)
    specimen(FontSet.shipped().with_files(found(wanted.fonts))).save(wanted.output, optimize=True)


if __name__ == "__main__":
    main()
