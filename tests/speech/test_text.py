"""Texts into pieces that a voice can say, and numbers into words."""

from __future__ import annotations

import pytest

from pipeline.errors import InputError
from pipeline.speech.text import clean, pieces, spelled, whole_words


def said(text: str, language: str = "en", longest: int = 400) -> list[str]:
    return [piece.text for piece in pieces(clean(text), language, longest)]


def test_sentences_are_pieces_and_abbreviations_end_none() -> None:
    assert said("Dr. Marsh and J. S. Bach left.  Why? “Nobody knows,” she said. It's late.") == [
        "Dr. Marsh and J. S. Bach left.",
        "Why?",
        "“Nobody knows,” she said.",
        "It's late.",
    ]


def test_chinese_sentences_are_found_and_quotes_open_with_what_they_quote() -> None:
    assert said("他走进房间。“你好。”她说。", "zh") == ["他走进房间。", "“你好。”", "她说。"]


def test_a_line_break_ends_a_verse() -> None:
    made = pieces(clean("Über grünen Hügeln\r\nist Nacht"), "de", 400)
    assert [(piece.text, piece.ends) for piece in made] == [("Über grünen Hügeln", "verse"), ("ist Nacht", "verse")]


def test_what_is_too_long_is_parted_at_clauses_and_then_between_words() -> None:
    text = "The harbour of this town, which nobody had seen for years, was closed; ships waited outside in the dark."
    made = pieces(text, "en", 60)
    assert " ".join(piece.text for piece in made) == text
    assert all(len(piece.text) <= 60 for piece in made)
    assert [piece.ends for piece in made][-1] == "verse"
    assert made[0].text.endswith(",")
    words = pieces("a " * 100, "en", 21)
    assert all(len(piece.text) <= 21 and piece.ends in ("words", "verse") for piece in words)
    assert "".join(piece.text for piece in pieces("b" * 50, "en", 20)) == "b" * 50


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "1,984.5 or 1984", "one thousand nine hundred eighty-four point five or "
         "one thousand nine hundred eighty-four"),
        ("de", "1.984,5 Euro", "eintausendneunhundertvierundachtzig Komma fünf Euro"),
        ("fr", "1 984 francs", "mille neuf cent quatre-vingt-quatre francs"),
        ("hi", "1,23,456", "एक लाख तेईस हज़ार चार सौ छप्पन"),
        ("en", "007", "zero zero seven"),
        ("en", "at 12:30, v3.5.2, the 2nd, 5-3", "at 12:30, v3.5.2, the 2nd, 5-3"),
        ("de", "am 3.10.", "am 3.10."),
    ],
)  # fmt: skip
def test_numbers_are_said_as_the_language_says_them(language: str, text: str, words: str) -> None:
    assert spelled(text, language) == words


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "text is empty; write what is to be said"),
        ("… — !", "holds nothing that can be said"),
        ("a\x07b", "character 2 is U+0007, which is no letter"),
        ("a\ud800", "character 2 is U+D800"),
        ("a" * 20_001, "has 20,001 letters; at most 20,000 are said in one line"),
    ],
)
def test_what_cannot_be_said_is_told(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence.replace("+", r"\+")):
        clean(text)


def test_parts_of_a_number_are_one_word() -> None:
    heard = [(0, 0.0), (4, 0.3), (5, 0.5), (6, 0.9), (10, 1.4)]
    assert whole_words("the 1,984 ships", "en", heard) == ((0, 0.0), (4, 0.3), (10, 1.4))
