"""Captions are sentences that name what is in the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.drawing.caption import colour_name
from pipeline.drawing.portraits import Portrait, caption, sample

NAMED = {
    "presentation": ("woman", "man", "person"),
    "eye_colour": ("hazel", "blue", "green"),
    "beard": ("goatee", "full beard", "stubble"),
    "glasses": ("round", "square", "cat-eye"),
    "headwear": ("beanie", "headscarf", "brimmed hat"),
    "garment": ("hoodie", "blazer", "t-shirt"),
    "hair": ("afro", "pixie cut", "long wavy"),
}


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, words in NAMED.items() for word in words])
def test_a_caption_names_the_attribute(name: str, word: str) -> None:
    sitter = replace(sample(4), headwear="none", hair="bob")
    value = "long wavy hair" if word == "long wavy" else word
    assert word in caption(replace(sitter, **{name: value}))


def test_what_is_not_there_is_not_named() -> None:
    bare = replace(sample(4), glasses="none", beard="none", earrings="none", headwear="headscarf", freckles=0.0)
    sentence = caption(bare)
    assert not any(word in sentence for word in ("glasses", "beard", "earring", "freckles", "hair", "none"))


def test_captions_are_sentences_and_differ(sitters: list[Portrait]) -> None:
    sentences = [caption(sitter) for sitter in sitters]
    assert len(set(sentences)) > 0.99 * len(sentences)
    for sentence in sentences:
        assert sentence.startswith("Portrait of a")
        assert sentence.endswith(".")
        assert sentence.count(".") == 1
        assert "  " not in sentence


@pytest.mark.parametrize(
    ("code", "name"),
    [("FFFFFF", "white"), ("101010", "black"), ("1F3A6E", "navy blue"), ("2E8B57", "green"), ("F4B6A0", "salmon pink")],
)
def test_colours_have_peoples_names(code: str, name: str) -> None:
    assert colour_name(np.array([int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)], np.float32)) == name
