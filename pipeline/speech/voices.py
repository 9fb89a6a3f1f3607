"""What a voice is: something that says a piece of text. A new one is a module and a row in ENGINES. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

Engine = Literal["espeak-ng", "vits", "speecht5", "bark"]
"""What speaks."""


@dataclass(frozen=True)
class About:
    """What is known of an engine without it."""

    title: str
    """For people."""
    longest: int
    """Letters of a piece that it says well."""
    is_trained: bool = True
    """Whether it learnt to speak from recordings; else it speaks by rules."""
    spells: bool = False
    """Whether it says numbers by itself, as its language does."""


ABOUT: Mapping[str, About] = {
    "espeak-ng": About("eSpeak NG", longest=1_000, is_trained=False, spells=True),
    "vits": About("VITS", longest=400),
    # Its tokens are letters, of which it reads 600; it gets lost in what is much longer than it learnt.
    "speecht5": About("SpeechT5", longest=300),
    # Of about 14 seconds, which are all that it says at once.
    "bark": About("Bark", longest=180, spells=True),
}
"""Engine → what is known of it."""

LOADERS: Mapping[str, str] = {
    "vits": "pipeline.speech.vits:load",
    "speecht5": "pipeline.speech.speecht5:load",
    "bark": "pipeline.speech.bark:load",
}
"""Engine, as a folder's configuration names it by its `model_type` → what loads it: `load(folder, device)`."""


@dataclass(frozen=True)
class Asked:
    """How something is to be said."""

    language: str
    """A tag as `de` or `pt-BR`; empty: the voice's own."""
    speed: float = 1.0
    """2 is twice as fast."""
    seed: int = 0
    """Of chance that is the voice's own. That of networks is PyTorch's, which its caller has seeded."""


@dataclass(frozen=True)
class Spoken:
    """What a voice said."""

    samples: np.ndarray
    """(n,) float32 in [-1, 1], mono."""
    rate: int
    """Samples a second."""
    words: tuple[tuple[int, float], ...] = ()
    """Where in the text a word begins, in characters, and when it is heard, in seconds; empty if none are told."""


class Voice(Protocol):
    """Says pieces of text."""

    def say(self, text: str, asked: Asked) -> Spoken:
        """The piece, said; the same each time of the same chance.

        Raises: InputError if the voice cannot say it: a language that it lacks, letters that it does not know.
        """
        ...
