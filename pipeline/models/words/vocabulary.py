"""A sentence → the numbers of its words. Torch-free, so that a submitter can say which words a model does not know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

END = 1
"""Ends every sentence. 0 fills up what is shorter than the longest."""
_FIRST = 2

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*|\d+")

_SILENT = frozenset(
    "a an the of and with in on at to by it is its this that there very some my our his her their for "  # noqa: SIM905
    "picture image photo drawing illustration please".split()
)
"""Words that say nothing to be seen."""

_SAME = {
    "lady": "woman", "girl": "young woman", "female": "woman", "gentleman": "man", "guy": "man", "boy": "young man",
    "male": "man", "old": "elderly", "aged": "elderly", "senior": "elderly", "spectacles": "glasses",
    "eyeglasses": "glasses", "hat": "brimmed hat", "cap": "beanie", "tee": "t-shirt", "tshirt": "t-shirt",
    "sweater": "jumper", "pullover": "jumper", "turtleneck": "roll-neck", "jacket": "blazer", "happy": "smiling",
    "laughing": "smiling broadly", "grinning": "smiling broadly", "serious": "looking serious", "blond": "blonde",
    "gray": "grey", "redhead": "ginger hair", "couch": "sofa", "settee": "sofa", "carpet": "rug", "chair": "armchair",
    "plant": "plants", "artwork": "painting", "wall": "walls", "livingroom": "living room", "interior": "living room",
    "lounge": "living room", "daytime": "bright day", "night-time": "night", "dusk": "evening",
    "navy": "dark blue", "maroon": "dark red", "burgundy": "dark red", "crimson": "red", "scarlet": "red",
    "cream": "beige", "tan": "beige", "violet": "purple", "lavender": "lilac", "gold": "yellow", "golden": "yellow",
    "mint": "light green", "olive": "dark green", "cyan": "turquoise", "pale": "light", "deep": "dark",
    "stars": "star", "hearts": "heart", "circles": "circle", "disks": "circle", "hill": "hills",
    "mountain": "mountains", "ocean": "sea", "town": "city", "skyline": "city", "ship": "boat", "sailboat": "boat",
    "trees": "tree", "home": "house", "flower": "flowers", "mug": "cup", "coffee": "cup", "tea": "cup",
    "stripe": "stripes", "background": "ground", "backdrop": "ground", "single": "one", "couple": "two",
    "1": "one", "2": "two", "3": "three", "4": "four",
}  # fmt: skip
"""What people also say, as captions do; a word that a model knows itself is left as it is."""


@dataclass(frozen=True)
class Reading:
    """A sentence as a model reads it."""

    numbers: tuple[int, ...]
    """Of its words, and END."""
    unknown: tuple[str, ...]
    """Words that it does not know, and passes over."""
    left_out: int
    """Words at its end that are too many."""

    @property
    def says_nothing(self) -> bool:
        """Whether there is no word that the model knows."""
        return len(self.numbers) == 1


def spoken(sentence: str) -> list[str]:
    """The words of a sentence that say something, in lower case."""
    return [word for word in _WORD.findall(sentence.lower()) if word not in _SILENT]


def vocabulary_of(sentences: Iterable[str]) -> tuple[str, ...]:
    """Every word that is spoken in them, sorted."""
    return tuple(sorted({word for sentence in sentences for word in spoken(sentence)}))


class Vocabulary:
    """The words that a model knows."""

    def __init__(self, words: tuple[str, ...], tokens: int) -> None:
        """`tokens`: the most numbers of a reading, END among them."""
        self._numbers = {word: number for number, word in enumerate(words, _FIRST)}
        self._tokens = tokens

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self._numbers) + _FIRST

    def read(self, sentence: str) -> Reading:
        """Read a sentence; an empty one says nothing."""
        numbers: list[int] = []
        unknown: list[str] = []
        for word in spoken(sentence):
            found = [self._numbers[part] for part in self._known(word)]
            numbers += found
            if not found and word not in unknown:
                unknown.append(word)
        room = self._tokens - 1
        return Reading((*numbers[:room], END), tuple(unknown), max(0, len(numbers) - room))

    def _known(self, word: str) -> list[str]:
        """The word itself, its synonym, or the parts that it is put together of; none if it is not known."""
        for parts in ([word], _SAME.get(word, "").split(), word.split("-")):
            if parts and all(part in self._numbers for part in parts):
                return parts
        return []
