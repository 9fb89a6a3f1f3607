"""Letters take the forms that their neighbours and their language ask for."""

from __future__ import annotations

import pytest

from pipeline.typography.breaks import graphemes
from pipeline.typography.fonts import FontSet
from pipeline.typography.style import TextStyle
from pipeline.typography.typeset import Line, Typeset, typeset

FONTS = FontSet.shipped()


def _set(text: str, locale: str = "", **style: object) -> Typeset:
    wanted = {"size_px": 40, "smallest_px": 40, "locale": locale, **style}
    return typeset(text, TextStyle(**wanted), 4000, 400, FONTS)  # type: ignore[arg-type]


def _glyphs(text: str, locale: str = "", **style: object) -> list[int]:
    return [glyph for line in _set(text, locale, **style).lines for run in line.runs for glyph in run.glyphs]


def _bodies(text: str) -> list[int]:
    """The glyphs that take room: not the dots above and below."""
    (run,) = _set(text).lines[0].runs
    return [glyph for glyph in run.glyphs if run.setting.font.get_glyph_h_advance(glyph)]


def _families(line: Line) -> list[str]:
    return [run.setting.face.family for run in line.runs]


def test_arabic_letters_join() -> None:
    alone = {glyph for letter in "بيت" for glyph in _bodies(letter)}
    joined = _bodies("بيت")
    assert len(set(joined)) == 3
    assert not alone & set(joined)


def test_arabic_letters_join_from_right_to_left() -> None:
    (run,) = _set("بيت").lines[0].runs
    assert list(run.clusters) == sorted(run.clusters, reverse=True)


def test_a_zero_width_non_joiner_parts_persian_letters() -> None:
    assert _glyphs("می\u200cخواهم", "fa") != _glyphs("میخواهم", "fa")


def test_a_devanagari_conjunct_is_one_cluster_and_one_glyph() -> None:
    assert graphemes("क्ष") == [0, 3]
    assert len(_glyphs("क्ष", "hi")) == 1


def test_vowels_stand_before_the_letter_they_follow() -> None:
    (run,) = _set("कि", "hi").lines[0].runs
    assert len(run.glyphs) == 2
    assert run.glyphs[1] == _glyphs("क", "hi")[0]


@pytest.mark.parametrize("letter", "直骨")
def test_chinese_characters_have_the_shapes_of_the_language(letter: str) -> None:
    assert _glyphs(letter, "ja") != _glyphs(letter, "zh-Hans")
    assert _glyphs(letter, "zh-TW") == _glyphs(letter, "zh-Hant")


def test_kana_beside_them_tell_that_characters_are_japanese() -> None:
    assert _glyphs("骨の")[0] == _glyphs("骨", "ja")[0]
    assert _glyphs("骨")[0] == _glyphs("骨", "zh")[0]


def test_letters_that_hang_together_are_not_torn_apart() -> None:
    for text in ("مرحبا", "नमस्ते"):
        assert _set(text, tracking=0.3).lines[0].width == _set(text).lines[0].width


def test_tracking_comes_between_letters_and_takes_ligatures_apart() -> None:
    plain, wide = _set("AVIT").lines[0], _set("AVIT", tracking=0.25).lines[0]
    assert wide.width == pytest.approx(plain.width + 3 * 0.25 * 40)
    garamond = {"families": ("EB Garamond",)}
    assert len(_glyphs("fi", **garamond)) == 1
    assert len(_glyphs("fi", tracking=0.1, **garamond)) == 2


def test_a_style_is_set_in_its_own_family_and_the_rest_in_another() -> None:
    (line,) = _set("Anton или", families=("Anton",)).lines
    assert _families(line) == ["Anton", "Noto Sans"]


def test_punctuation_is_of_the_letters_it_belongs_to() -> None:
    (line,) = _set("“骨” (Tokyo)", "zh").lines
    assert [(run.setting.face.family, len(run.glyphs)) for run in line.runs] == [
        ("Noto Sans CJK JP", 4),
        ("Noto Sans", 7),
    ]


def test_a_space_beside_an_emoji_is_a_letters() -> None:
    (line,) = _set("Hi 🎉 yo").lines
    assert [len(run.glyphs) for run in line.runs] == [3, 1, 3]


def test_an_emoji_of_several_characters_is_one_glyph() -> None:
    assert len(_glyphs("👩\u200d💻")) == 1


def test_two_brackets_share_the_white_between_them() -> None:
    assert _set("骨。「骨", "ja").lines[0].width == pytest.approx(3.5 * 40)
    assert _set("「骨」", "ja").lines[0].width == pytest.approx(2 * 40)
    # Traditional Chinese stops stand in the middle of their square.
    assert _set("骨。", "zh-Hant").lines[0].width == pytest.approx(2 * 40)


def test_capitals_are_the_languages() -> None:
    assert _set("istanbul", "tr", case="upper").text == "İSTANBUL"
    assert _set("straße", "de", case="upper").text == "STRASSE"
    assert _set("μάιος Ελλάς", "el", case="upper").text == "ΜΑΪΟΣ ΕΛΛΑΣ"


def test_weight_and_width_are_the_styles() -> None:
    widths = [_set("Weight", families=("Archivo",), **style).lines[0].width for style in ({}, {"weight": 900})]
    assert widths[0] < widths[1]
    assert _set("Weight", families=("Archivo",), stretch=62).lines[0].width < 0.8 * widths[0]


def test_clusters_are_counted_in_reading_order() -> None:
    text = _set("क्ष ab\nشكرا")
    assert text.clusters == 2 + 2 + 1 + 4
    found = {cluster for line in text.lines for run in line.runs for cluster in run.clusters}
    assert sorted(found) == [0, 1, 2, 3, 5, 6, 7, 8]
