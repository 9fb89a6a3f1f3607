"""A text in a box is as large as it can be, and never leaves it."""

from __future__ import annotations

import pytest

from pipeline.typography.fonts import FontSet, MissingGlyph
from pipeline.typography.ink import coverage
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import CannotFit, typeset

FONTS = FontSet.shipped()

TEXTS = {
    "en": "The Night Garden: an exhibition in light",
    "ru": "Ночная выставка в летнем саду",
    "el": "Ανοιξιάτικη έκθεση στο μουσείο",
    "ar": "معرض الربيع في متحف Atelier 2026 — خصم 50%!",
    "hi": "वसंत प्रदर्शनी: क्षत्रिय कला संग्रहालय में",
    "ja": "春のアート展覧会、東京国立博物館で開催中。",
    "zh-Hans": "春季艺术展览在国家美术馆隆重开幕，欢迎光临！",
    "ko": "서울에서 만나는 봄의 전시회 2026",
    "he": "תערוכת האביב במוזיאון (Tel Aviv)",
    "th": "เทศกาลดนตรีฤดูร้อน ที่กรุงเทพ",
}


@pytest.mark.parametrize("locale", TEXTS)
def test_ink_stays_in_the_box(locale: str) -> None:
    style = TextStyle(size_px=200, smallest_px=8, locale=locale, weight=800, leading=0.8)
    text = typeset(TEXTS[locale], style, 400, 200, FONTS)
    whole = coverage(text, 440, 240, at=(20, 20))
    assert whole[20:220, 20:420].max() == 255
    whole[19:221, 19:421] = 0
    assert not whole.any()


def test_a_missing_letter_is_named() -> None:
    with pytest.raises(MissingGlyph, match=r"U\+13000 EGYPTIAN HIEROGLYPH A001.*tried Noto Sans"):
        typeset("\U00013000", TextStyle(size_px=40, smallest_px=8), 100, 100, FONTS)


def test_text_that_cannot_fit_is_told() -> None:
    with pytest.raises(CannotFit, match="does not fit into 100 x 20 px even at 30 px"):
        typeset("A long headline", TextStyle(size_px=40, smallest_px=30), 100, 20, FONTS)
