"""Lines end where readers of the language expect it, and are about as long as each other."""

from __future__ import annotations

import pytest

from pipeline.typography.fonts import FontSet
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import Typeset, typeset

FONTS = FontSet.shipped()
HEADLINE = "The Night Garden: an exhibition of light and of water"


def _set(text: str, width: float, locale: str = "", **style: object) -> Typeset:
    wanted = {"size_px": 40, "smallest_px": 4, "locale": locale, **style}
    return typeset(text, TextStyle(**wanted), width, 4000, FONTS)  # type: ignore[arg-type]


def _lines(text: str, width: float, locale: str = "", **style: object) -> list[str]:
    return [line.text for line in _set(text, width, locale, **style).lines]


@pytest.mark.parametrize("width", range(80, 500, 40))
@pytest.mark.parametrize("balance", [True, False])
def test_no_japanese_line_begins_with_what_must_not(width: int, balance: bool) -> None:
    lines = _lines("「キャッチーなショー」、東京。ヴァイオリン！", width, "ja", balance=balance)
    assert all(line[0] not in "」、。！ャッョーァィ" and line[-1] not in "「" for line in lines)


def test_japanese_phrases_stay_whole() -> None:
    for line in _lines("春のアート展覧会、東京国立博物館で開催中。", 400, "ja"):
        assert not line.endswith(("展", "覧", "博", "物"))


def test_korean_words_and_chinese_words_stay_whole() -> None:
    assert _lines("서울에서 만나는 봄의 전시회", 300, "ko") == ["서울에서 만나는", "봄의 전시회"]
    assert all(not line.endswith("美") for line in _lines("春季艺术展览在国家美术馆隆重开幕", 220, "zh"))


def test_thai_breaks_between_words() -> None:
    assert _lines("เทศกาลดนตรี", 130, "th") == ["เทศกาล", "ดนตรี"]


@pytest.mark.parametrize("sign", ["·", "•", "|", "–", "—"])
def test_what_stands_between_ends_a_line_and_begins_none(sign: str) -> None:
    assert _lines(f"Nova Kids {sign} Sister Static", 250, balance=False) == [f"Nova Kids {sign}", "Sister Static"]
    assert _lines(f"Nova Kids {sign} Sister Static", 190, balance=False)[1].startswith("Kids " + sign)


def test_a_no_break_space_holds() -> None:
    assert _lines("from 10\u00a0% off", 160) == ["from", "10\u00a0% off"]


def test_a_soft_hyphen_is_seen_only_where_a_line_ends() -> None:
    word = "Donau\u00addampf\u00adschiff"
    assert _lines(word, 4000) == ["Donaudampfschiff"]
    text = _set(word, 150, smallest_px=40)
    assert len(text.lines) == 3
    hyphens = [line.runs[-1].glyphs[-1] for line in text.lines]
    assert hyphens[0] == hyphens[1] != hyphens[2]
    assert all(line.width <= 150 for line in text.lines)


def test_balanced_lines_are_more_alike() -> None:
    def spread(balance: bool) -> float:
        widths = [line.width for line in _set(HEADLINE, 450, balance=balance).lines]
        return max(widths) - min(widths)

    assert len(_lines(HEADLINE, 450)) == len(_lines(HEADLINE, 450, balance=False)) == 3
    assert spread(True) < 0.5 * spread(False)


def test_a_line_does_not_end_with_a_small_word_if_it_need_not() -> None:
    assert _lines("A walk in the woods of the north", 400) == ["A walk in the woods", "of the north"]


def test_a_line_that_is_given_stays() -> None:
    assert _lines("one\ntwo three\n\nfour", 4000) == ["one", "two three", "", "four"]
    assert _lines("one\r\ntwo\u2028three\n", 4000) == ["one", "two", "three"]


def test_a_word_is_broken_only_if_it_may_be() -> None:
    assert len(_lines("Extraordinary", 100)) == 1
    broken = _set("Extraordinary", 100, break_words=True, smallest_px=40)
    assert len(broken.lines) > 1
    assert "".join(line.text for line in broken.lines) == "Extraordinary"
