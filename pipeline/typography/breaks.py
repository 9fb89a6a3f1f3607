"""Where a text may be parted: into what readers take for one letter, and into lines.

Lines break by Unicode's rules and each language's: no Japanese line begins with a small kana or ends with an opening
bracket, and Thai, Khmer, Lao and Burmese words are found in a dictionary. What reads better still, between phrases and
not inside them, is told apart: it is `preferred`.

Source: Unicode Standard Annexes #14 and #29, as ICU carries them out; Japanese phrases by BudouX.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from pipeline.typography.locales import Locale
from pipeline.typography.scripts import HAN, script

if TYPE_CHECKING:
    from budoux.parser import Parser

WITH_PHRASES = frozenset({"ja", "ko", "zh"})
"""Languages in which lines may end where it reads badly: what is `allowed` is more than what is `preferred`."""

SOFT_HYPHEN = "\N{SOFT HYPHEN}"

_BETWEEN = frozenset("·•|–—")
"""What stands between the parts of a list, or of a sentence."""


def graphemes(text: str) -> list[int]:
    """Where each grapheme cluster begins, and where the last one ends."""
    from icu4py.breakers import CharacterBreaker

    return [0, *_ends(CharacterBreaker(text, "en"))]


def allowed(text: str, language: str) -> list[int]:
    """Where a line may end, the text's own end included. `language` is that of the text: `ja`, `ko`, `zh` or any."""
    from icu4py.breakers import LineBreaker

    ends = _ends(LineBreaker(text, f"{language or 'en'}-u-lb-strict"))
    return [at for at in ends if not _clings(text, at)]


def preferred(text: str, language: str) -> list[int]:
    """Those of `allowed` that part no phrase of Japanese and no word of Chinese and Korean. All of them elsewhere."""
    everywhere = allowed(text, language)
    if language == "ja":
        wanted = set(accumulate(map(len, _japanese().parse(text))))
    elif language == "ko":
        from icu4py.breakers import LineBreaker

        wanted = set(_ends(LineBreaker(text, "ko-u-lw-phrase")))
    elif language == "zh":
        from icu4py.breakers import WordBreaker

        wanted = set(_ends(WordBreaker(text, "zh")))
    else:
        return everywhere
    return [at for at in everywhere if at in wanted or at == len(text)]


def language_of(text: str, locale: Locale) -> str:
    """The language whose rules hold for a text: the locale's, or what Chinese characters and their company tell."""
    found = {script(letter) for letter in text}
    if locale.language in ("ja", "ko", "zh") or not found & HAN:
        return locale.language
    if found & {"Hira", "Kana"}:
        return "ja"
    if "Hang" in found:
        return "ko"
    return "zh"


def _clings(text: str, at: int) -> bool:
    """Whether what comes next is a dot or a dash between spaces: it ends a line, and begins none."""
    return text[at : at + 1] in _BETWEEN and text[at - 1].isspace() and text[at + 1 : at + 2].isspace()


def _ends(parts: Iterable[str]) -> Iterator[int]:
    # ICU counts in UTF-16; the lengths of its parts are right in any case.
    return accumulate(map(len, parts))


@cache
def _japanese() -> Parser:
    import budoux

    return budoux.load_default_japanese_parser()
