"""A text in a box is as large as it can be, stands where it should, and never leaves the box."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from pipeline.errors import InputError
from pipeline.typography.fonts import FontSet
from pipeline.typography.ink import coverage
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import CannotFit, Typeset, typeset

FONTS = FontSet.shipped()

TEXTS = {
    "en": "The Night Garden: an exhibition in light",
    "ru": "Ночная выставка в летнем саду",
    "el": "Ανοιξιάτικη έκθεση στο μουσείο",
    "ar": "معرض الربيع في متحف Atelier 2026 — خصم 50%!",
    "ur": "موسمِ بہار کی نمائش",
    "hi": "वसंत प्रदर्शनी: क्षत्रिय कला संग्रहालय में",
    "ja": "春のアート展覧会、東京国立博物館で開催中。",
    "zh-Hans": "春季艺术展览在国家美术馆隆重开幕，欢迎光临！",
    "ko": "서울에서 만나는 봄의 전시회 2026",
    "he": "תערוכת האביב במוזיאון (Tel Aviv)",
    "th": "เทศกาลดนตรีฤดูร้อน ที่กรุงเทพ",
    "vi": "Triển lãm nghệ thuật mùa xuân Ễ",
}


def _set(text: str, width: float = 400, height: float = 200, **style: object) -> Typeset:
    wanted = {"size_px": 200, "smallest_px": 8, **style}
    return typeset(text, TextStyle(**wanted), width, height, FONTS)  # type: ignore[arg-type]


@pytest.mark.parametrize("valign", ["top", "middle", "bottom"])
@pytest.mark.parametrize("locale", TEXTS)
def test_ink_stays_in_the_box_and_no_glyph_is_missing(locale: str, valign: str) -> None:
    text = _set(TEXTS[locale], locale=locale, weight=800, leading=0.8, valign=valign)
    whole = coverage(text, 440, 240, at=(20, 20))
    assert whole[20:220, 20:420].max() == 255
    whole[19:221, 19:421] = 0
    assert not whole.any()
    assert all(0 not in run.glyphs for line in text.lines for run in line.runs)


@pytest.mark.parametrize("box", [(400, 200), (150, 300), (900, 120), (300, 300)])
def test_no_other_lines_allow_a_larger_size(box: tuple[int, int]) -> None:
    words = TEXTS["en"].split()
    every = [
        "".join(map("".join, zip(words, (*ends, ""), strict=True))) for ends in product(" \n", repeat=len(words) - 1)
    ]
    best = max(_set(text, *box, most_lines=text.count("\n") + 1).size_px for text in every)
    assert best * 0.99 <= _set(" ".join(words), *box).size_px <= best


def test_a_size_that_fits_is_kept_in_as_few_lines_as_it_needs() -> None:
    text = _set(TEXTS["en"], 500, 2000, size_px=40)
    assert text.size_px == 40
    assert len(text.lines) == 2


def test_lines_begin_on_the_side_where_the_language_begins() -> None:
    for locale, align, side in (("ar", "start", 1), ("ar", "end", 0), ("en", "start", 0), ("en", "end", 1)):
        text = _set(TEXTS[locale], 1000, locale=locale, align=align, size_px=30)
        left = text.lines[0].x
        right = 1000 - left - text.lines[0].width
        assert (right if side else left) == pytest.approx(0, abs=2)
        assert (left if side else right) > 100
    middle = _set("A", 1000, align="center").lines[0]
    assert middle.x == pytest.approx(500 - middle.width / 2)


def test_a_latin_line_of_an_arabic_poster_is_read_from_left_to_right_and_stands_right() -> None:
    (line,) = _set("SALE!", 1000, locale="ar", size_px=30).lines
    assert [cluster for run in line.runs for cluster in run.clusters] == [0, 1, 2, 3, 4]
    assert line.x + line.width == pytest.approx(1000, abs=1)


def test_the_locale_says_where_a_mixed_line_begins() -> None:
    arabic, unsaid = (_set("Nike متجر", 1000, locale=tag).lines[0].runs for tag in ("ar", ""))
    assert arabic[-1].clusters[-4:] == unsaid[0].clusters[:4] == (0, 1, 2, 3)


def test_capitals_stand_in_the_middle_whatever_hangs_below() -> None:
    plain, hanging = (_set(word, size_px=50, valign="middle").lines[0].baseline for word in ("HAM", "HAMg"))
    assert plain == hanging
    ink = _set("H", size_px=50, valign="middle").ink
    assert ink is not None
    assert (ink.y0 + ink.y1) / 2 == pytest.approx(100, abs=0.5)


def test_ink_touches_the_edge_that_it_is_aligned_to() -> None:
    top, bottom = (_set("Hx", size_px=50, valign=valign).ink for valign in ("top", "bottom"))
    assert top is not None
    assert bottom is not None
    assert top.y0 == pytest.approx(0, abs=0.5)
    assert bottom.y1 == pytest.approx(200, abs=1)


def test_lines_keep_their_letters_apart() -> None:
    for text in ("gypjq\nÅÉÎÕÜ", "شكراً جزيلاً\nأُمَّة إِلَى", "कूर्मः\nर्कैंि"):
        lines = _set(text, 900, 900, leading=0.5, size_px=80).lines
        for upper, lower in pairwise(lines):
            assert upper.ink is not None
            assert lower.ink is not None
            assert lower.baseline - upper.baseline > 40


def test_leading_is_the_styles_where_letters_leave_room() -> None:
    first, second = _set("one\ntwo", 900, 900, leading=1.5, size_px=40).lines
    assert second.baseline - first.baseline == pytest.approx(60)


def test_text_that_cannot_fit_says_so() -> None:
    with pytest.raises(CannotFit, match=r"'A long headline': does not fit into 100 x 20 px even at 30 px; shorten it"):
        _set("A long headline", 100, 20, size_px=40, smallest_px=30)
    with pytest.raises(CannotFit, match="has 3 lines of its own; at most 2 may be set"):
        _set("a\nb\nc", most_lines=2)
    with pytest.raises(CannotFit, match="…': does not fit"):
        _set("word " * 1000, 100, 100)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "text is empty"),
        (" \n ", "text is empty"),
        ("a\x07b", r"character 2 is U\+0007, a control character"),
        ("a\ud83d", r"character 2 is U\+D83D, half of a surrogate pair"),
        ("x" * 20001, "has 20001 characters; at most 20000"),
    ],
)
def test_what_is_no_text_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        _set(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 160


def test_a_long_text_is_set() -> None:
    assert len(_set("春の展覧会 and more. " * 250, 900, 1200, smallest_px=4).lines) > 30


@pytest.mark.parametrize("tag", ["german!", "d", "de_", "zh-Hans-CN-", "日本"])
def test_a_locale_that_is_none_is_told(tag: str) -> None:
    with pytest.raises(InputError, match="is no language tag; write one as 'de'"):
        TextStyle(size_px=10, smallest_px=5, locale=tag)


def test_a_style_that_cannot_be_is_told() -> None:
    with pytest.raises(InputError, match="weight 1200 is out of bounds; take one from 1 to 1000"):
        TextStyle(size_px=10, smallest_px=5, weight=1200)
    with pytest.raises(InputError, match="smallest_px 20 is more than size_px 10"):
        TextStyle(size_px=10, smallest_px=20)
    with pytest.raises(InputError, match="a box of 0 x 10 px holds nothing"):
        _set("a", 0, 10)
