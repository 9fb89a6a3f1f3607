"""The white of Chinese and Japanese punctuation: half of a square that the reader does not need twice, or at an edge.

A bracket or a stop is drawn in half of its square. Where two meet one half is enough, and at the beginning and the end
of a line none is, or the text would not stand flush.

Source: Requirements for Japanese Text Layout, 3.1; CSS Text 4, text-spacing-trim.
"""

from __future__ import annotations

_BRACKETS = "「」『』（）［］｛｝〈〉《》【】〔〕〖〗〘〙〚〛“”‘’｟｠"
_OPENING = frozenset(_BRACKETS[::2])
_CLOSING = frozenset(_BRACKETS[1::2])
_STOPS = frozenset("、。，．")
_MIDDLE = frozenset("・\N{IDEOGRAPHIC SPACE}")


def opens(letter: str) -> bool:
    """Whether its white is before it."""
    return letter in _OPENING


def closes(letter: str, *, traditional: bool) -> bool:
    """Whether its white is behind it. In Traditional Chinese stops stand in the middle of their square."""
    return letter in _CLOSING or (letter in _STOPS and not traditional)


def halved(text: str, line: range, *, traditional: bool) -> list[int]:
    """The places of a line's characters that give up the half they do not use."""
    return [at for at in line if _gives_up(text, at, line, traditional=traditional)]


def _gives_up(text: str, at: int, line: range, *, traditional: bool) -> bool:
    if opens(text[at]):
        before = text[at - 1] if at > line.start else ""
        return not before or opens(before) or before in _MIDDLE or closes(before, traditional=traditional)
    if closes(text[at], traditional=traditional):
        after = text[at + 1] if at + 1 < line.stop else ""
        return not after or after in _MIDDLE or closes(after, traditional=traditional)
    return False
