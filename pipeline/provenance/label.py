"""The label that people see: a text in a plate on the picture, which says that a model made it.

The plate hides what is under it, so its letters can be read on any picture, and a picture that has its label is not
changed by getting it again. Drawing needs pipeline/typography; what a label is does not.

Source: GB 45438-2025, section 5, for height and duration; W3C WCAG 2.2, 1.4.3, for contrast: white on this plate has
18:1.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from pipeline.errors import InputError, MediaError

ALWAYS = "always"

LEAST_HEIGHT, LEAST_S = 0.05, 2.0
"""What the standard asks for: of the shorter side, and from a film's beginning."""

TEXTS = {
    "ar": "مُنشأ بالذكاء الاصطناعي",
    "bg": "Създадено с ИИ",  # noqa: RUF001 - Cyrillic
    "cs": "Vytvořeno AI",
    "da": "AI-genereret",
    "de": "KI-generiert",
    "el": "Δημιουργήθηκε με ΤΝ",  # noqa: RUF001 - Greek
    "en": "AI-generated",
    "es": "Generado por IA",
    "fi": "Tekoälyn luoma",
    "fr": "Généré par IA",
    "hi": "एआई द्वारा निर्मित",
    "hu": "MI által generált",
    "it": "Generato dall'IA",
    "ja": "AI生成",
    "ko": "AI 생성",
    "nl": "AI-gegenereerd",
    "pl": "Wygenerowane przez AI",
    "pt": "Gerado por IA",
    "ro": "Generat de IA",
    "ru": "Создано ИИ",
    "sv": "AI-genererad",
    "tr": "Yapay zekâ üretimi",
    "uk": "Створено ШІ",
    "zh": "AI生成",
}
"""What a label says where nobody says otherwise, by language."""

Position = Literal["top-left", "top", "top-right", "bottom-left", "bottom", "bottom-right"]

_PLATE, _INK = 17, 255
"""Grey of the plate and of the letters, of 255."""
_PADDING, _MARGIN = 0.45, 0.5
"""Around the letters within the plate, and around the plate, as parts of a letter's height."""
_SMALLEST_PX = 7
"""Letters that are lower can be read by nobody."""
_TRIAL_PX = 20.0
_WIDEST_PX = 4000
_WEIGHT = 600
_STEPS = 64
"""Of sizes, in a pixel."""
_TALLEST = 0.5
"""Of a picture, that a label of several lines may take."""


class Label(BaseModel):
    """What is shown, where, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    locale: str = "en"
    """A language tag, for letters that look otherwise in other languages."""
    position: Position = "bottom-right"
    height: float = LEAST_HEIGHT
    """Of a letter, as a part of the picture's shorter side."""
    seconds: float | Literal["always"] = LEAST_S
    """For how long a film shows it, from its beginning. Pictures show it anyway."""

    def is_shown(self, second: Fraction) -> bool:
        """Whether a film's frame at that time shows it."""
        return self.seconds == ALWAYS or second < Fraction(self.seconds)


def text_for(locale: str) -> str | None:
    """What a label says in a language, by its tag; None if we do not know."""
    return TEXTS.get(locale.replace("_", "-").partition("-")[0].lower())


def check(label: Label) -> None:
    """Raises: InputError if there are no letters for its text."""
    if _drawn(label, _TRIAL_PX, (_WIDEST_PX, round(3 * _TRIAL_PX))) is None:
        raise InputError(f"{label.text!r} cannot be drawn; write something that has letters")


def stamp(pixels: np.ndarray, label: Label) -> np.ndarray:
    """The picture, (H, W, 3) uint8 or uint16 sRGB, with its label; a copy. Stamping it again changes nothing.

    Of (H, W, 4), the fourth straight alpha, nothing shines through the plate.

    Raises: MediaError if the text does not fit into such a picture; InputError if there are no letters for it.
    """
    height, width = pixels.shape[:2]
    plate, top, left = _plate(label, width, height)
    stamped = pixels.copy()
    there = stamped[top : top + plate.shape[0], left : left + plate.shape[1]]
    deep = pixels.dtype == np.uint16
    there[..., :3] = (plate.astype(np.uint16) * 257 if deep else plate)[..., None]
    there[..., 3:] = np.iinfo(pixels.dtype).max
    return stamped


def room(label: Label) -> float:
    """How far a label reaches into the picture from its edge, as a part of the shorter side."""
    return label.height * (1 + 2 * _PADDING + 2 * _MARGIN)


@lru_cache(maxsize=64)
def _plate(label: Label, width: int, height: int) -> tuple[np.ndarray, int, int]:
    """The plate with its letters, (h, w) uint8 grey, and where its upper left corner is."""
    letter = max(math.ceil(label.height * min(width, height)), _SMALLEST_PX)
    margin, padding = round(_MARGIN * letter), round(_PADDING * letter)
    room = width - 2 * (margin + padding), math.floor(height * _TALLEST) - 2 * padding
    alpha = _drawn(label, letter, room) if min(room) > 0 else None
    if alpha is None:
        raise MediaError(
            f"label: {label.text!r} does not fit into {width}x{height} px with letters of {letter} px; "
            "choose a shorter text, or a smaller height"
        )
    # Even edges, so that films that halve their colours keep the plate's sharp.
    tall, wide = (side + 2 * padding + (side % 2) for side in alpha.shape)
    plate = np.full((tall, wide), _PLATE, np.float32)
    inside = plate[padding : padding + alpha.shape[0], padding : padding + alpha.shape[1]]
    inside += alpha.astype(np.float32) / 255 * (_INK - _PLATE)
    top, left = _corner(label.position, (height, width), (tall, wide), margin)
    finished = np.rint(plate).astype(np.uint8)
    finished.setflags(write=False)
    return finished, top, left


def _corner(position: Position, picture: tuple[int, int], plate: tuple[int, int], margin: int) -> tuple[int, int]:
    top = margin if position.startswith("top") else picture[0] - margin - plate[0]
    if position.endswith("left"):
        left = margin
    elif position.endswith("right"):
        left = picture[1] - margin - plate[1]
    else:
        left = (picture[1] - plate[1]) // 2
    return max(0, top) // 2 * 2, max(0, left) // 2 * 2


def _drawn(label: Label, letter: float, room: tuple[int, int]) -> np.ndarray | None:
    """The letters, (h, w) uint8, 0 to 255, without anything around them; None if they need more room.

    `letter`: the height of capitals, px. Raises: InputError if there are no letters for the text.
    """
    # Shaping is wanted where labels are drawn, and not wherever plans are read.
    from pipeline.typography.fonts import FontSet
    from pipeline.typography.ink import coverage
    from pipeline.typography.style import TextStyle
    from pipeline.typography.typeset import CannotFit, typeset

    fonts = FontSet.shipped()
    plain = TextStyle(size_px=_TRIAL_PX, smallest_px=_TRIAL_PX, weight=_WEIGHT, locale=label.locale, align="center")
    # Sizes are set in such steps.
    size_px = math.ceil(letter / fonts.primary(plain).cap_height * _STEPS) / _STEPS
    try:
        text = typeset(label.text, replace(plain, size_px=size_px, smallest_px=size_px), *room, fonts)
    except CannotFit:
        return None
    alpha = coverage(text, *room)
    rows, columns = (np.flatnonzero(alpha.any(axis)) for axis in (1, 0))
    return alpha[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if rows.size else None
