"""Which script each letter is of. The data are HarfBuzz's own; its shaper picks its rules by the same."""

from __future__ import annotations

from functools import lru_cache

import uharfbuzz as hb

HAN = frozenset({"Hani", "Hira", "Kana", "Bopo", "Hang"})
"""Chinese, Japanese and Korean."""

JOINED = frozenset(
    {"Adlm", "Arab", "Beng", "Deva", "Gujr", "Guru", "Mand", "Mong", "Nkoo", "Phag", "Rohg", "Sogd", "Syrc"}
)
"""Scripts whose letters hang together: tracking would tear them apart."""

CASED = frozenset({"Armn", "Copt", "Cyrl", "Glag", "Grek", "Latn"})
"""Scripts with capitals."""


@lru_cache(maxsize=16384)
def script(letter: str) -> str:
    """The four-letter code of a character's script, or nothing for what many scripts share: spaces, digits, marks."""
    buffer = hb.Buffer()
    buffer.add_str(letter)
    buffer.guess_segment_properties()
    return str(buffer.script or "")


def scripts(text: str) -> list[str]:
    """The script of each character; what is shared goes with the text before it, or after it at the beginning."""
    found = [script(letter) for letter in text]
    first = next(filter(None, found), "")
    for at, code in enumerate(found):
        found[at] = code or (found[at - 1] if at else first)
    return found
