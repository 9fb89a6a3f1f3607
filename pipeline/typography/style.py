"""How a text is to look: everything but the text, its box and the fonts there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.errors import InputError
from pipeline.typography.locales import locale

Align = Literal["start", "center", "end"]
Valign = Literal["top", "middle", "bottom"]
Case = Literal["none", "upper"]


@dataclass(frozen=True, kw_only=True)
class TextStyle:
    """How a text is to look. Raises: InputError if it cannot."""

    families: tuple[str, ...] = ()
    """Font families, the first one wanted most. What they lack comes from others."""
    weight: int = 400
    """From 1 to 1000, where the font has weights: 400 is regular, 700 bold, 900 black."""
    stretch: float = 100
    """Width of the letters in per cent, where the font has widths: 75 is condensed."""
    italic: bool = False
    size_px: float
    """Of the letters, an em. They are set at this size if they fit, and smaller if they do not, …"""
    smallest_px: float
    """… but never smaller than this."""
    tracking: float = 0.0
    """Added after each letter, in em. Letters that hang together, as Arabic ones do, are left alone."""
    leading: float = 1.15
    """From baseline to baseline, in em; more where letters would touch."""
    align: Align = "start"
    """`start` is the side where the language begins to read."""
    valign: Valign = "top"
    balance: bool = True
    """Lines of about equal length. Else each line takes as much as it can."""
    most_lines: int | None = None
    case: Case = "none"
    locale: str = ""
    """A language tag as `de`, `zh-Hant` or `ar`: its direction, its capitals, its shapes of Chinese characters."""
    break_words: bool = False
    """Whether a word may be broken anywhere if it would not fit otherwise."""

    def __post_init__(self) -> None:
        locale(self.locale)
        for name, low, high in _LIMITS:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InputError(f"{name} {value:g} is out of bounds; take one from {low:g} to {high:g}")
        if self.smallest_px > self.size_px:
            raise InputError(f"smallest_px {self.smallest_px:g} is more than size_px {self.size_px:g}; take less")


_LIMITS = (
    ("weight", 1, 1000),
    ("stretch", 25, 300),
    ("size_px", 1, 10000),
    ("smallest_px", 1, 10000),
    ("tracking", -0.5, 5),
    ("leading", 0.5, 5),
    ("most_lines", 1, 1000),
)
