"""What a sentence is to the model: its words' numbers, what it does not know, and what is too much."""

from __future__ import annotations

from pipeline.models.words.vocabulary import END, Vocabulary, spoken, vocabulary_of

WORDS = ("blue", "dark", "man", "middle-aged", "red", "smiling", "sofa", "star", "young")


def read(sentence: str, tokens: int = 12):
    return Vocabulary(WORDS, tokens).read(sentence)


def test_words_that_show_nothing_are_passed_over() -> None:
    assert spoken("A photo of the RED sofa, please!") == ["red", "sofa"]
    assert read("the red sofa") == read("Red, sofa.")
    assert read("the red sofa").unknown == ()


def test_every_sentence_ends() -> None:
    assert read("").numbers == (END,)
    assert read("a picture of the").says_nothing
    assert read("red").numbers[-1] == END
    assert not read("red").says_nothing


def test_what_people_also_say_is_understood() -> None:
    assert read("navy couch").numbers == read("dark blue sofa").numbers
    assert read("a gentleman").numbers == read("man").numbers
    assert read("stars").numbers == read("star").numbers
    assert read("a middle-aged man").numbers == (*read("middle-aged").numbers[:-1], *read("man").numbers)
    assert read("red-sofa").numbers == read("red sofa").numbers


def test_a_word_that_a_model_knows_is_not_replaced() -> None:
    both = Vocabulary(("sofa", "couch"), 8)
    assert both.read("couch").numbers != both.read("sofa").numbers


def test_unknown_words_are_told_once() -> None:
    reading = read("a dragon on a red sofa, another dragon, a girl")
    # `girl` would be a young woman, and there is no woman.
    assert reading.unknown == ("dragon", "another", "girl")
    assert reading.numbers == read("red sofa").numbers


def test_what_is_too_long_is_cut_and_told() -> None:
    reading = read("red blue red blue red", tokens=4)
    assert (len(reading.numbers), reading.numbers[-1], reading.left_out) == (4, END, 2)


def test_a_vocabulary_is_sorted_and_has_each_word_once() -> None:
    assert vocabulary_of(["a red sofa", "the blue sofa"]) == ("blue", "red", "sofa")
