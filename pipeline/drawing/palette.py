"""Numbers and words → the colours that a portrait is painted with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.colour import Colour, along, mix, oklch, shifted

_SKIN = ("F8DDCC", "F2CBAE", "E3B18C", "CB936B", "AE7950", "8B5B3F", "694432")
_HAIR = {
    "black": "2B2528",
    "dark brown": "46322A",
    "brown": "6B4A36",
    "chestnut": "7E4A33",
    "auburn": "8F4129",
    "ginger": "C0682F",
    "dark blonde": "A6814F",
    "blonde": "D9B577",
    "grey": "9A989B",
    "white": "DEDAD4",
    "pink": "D98AA0",
    "teal": "3F8C8E",
    "violet": "7C62A0",
}
_IRIS = {
    "dark brown": "3E271C",
    "brown": "6E4526",
    "hazel": "8A6B35",
    "green": "5F8052",
    "blue": "4F7FA8",
    "grey": "75868F",
}
_FRAMES_ON_FAIR = ("2A2226", "41292A", "6E4128", "A8763E")
_FRAMES_ON_DEEP = ("1F1A20", "D9B066", "E8D29A")
"""Of glasses, so that they are seen."""
_LIGHTER = 0.05
"""Lightness that `hair_shade` adds or takes at most."""


@dataclass(frozen=True)
class Palette:
    """The colours of one portrait, before light falls on them."""

    skin: Colour
    flush: Colour
    """Of cheeks, nose and ears."""
    deep: Colour
    """Of folds and nostrils."""
    lips: Colour
    hair: Colour
    brows: Colour
    iris: Colour
    cloth: Colour
    second: Colour
    wear: Colour
    frame: Colour
    metal: Colour
    back: Colour
    back_second: Colour


def palette(portrait: Portrait) -> Palette:
    """The palette of a portrait."""
    skin = skin_colour(portrait)
    hair = hair_colour(portrait)
    return Palette(
        skin=skin,
        flush=_flush(portrait, skin),
        deep=shifted(mix(skin, _hex("6B1F1A"), 0.55), lightness=-0.12),
        lips=_lips(portrait, skin),
        hair=hair,
        brows=_brows(portrait, hair),
        iris=_hex(_IRIS[portrait.eye_colour]),
        cloth=cloth_colour(portrait),
        second=oklch(0.92 if portrait.cloth_lightness < 0.6 else 0.45, 0.05, portrait.second_hue),
        wear=oklch(0.3 + 0.5 * portrait.wear_lightness, 0.095, portrait.wear_hue),
        frame=along(_FRAMES_ON_FAIR if portrait.skin < 0.55 else _FRAMES_ON_DEEP, portrait.frame_tone),
        metal=along(("E3B65B", "F0D69B", "DADDE2"), portrait.frame_tone),
        back=back_colour(portrait),
        back_second=second_back_colour(portrait),
    )


def skin_colour(portrait: Portrait) -> Colour:
    """Skin in even light."""
    return shifted(along(_SKIN, portrait.skin), hue=7 * portrait.undertone, chroma=1 + 0.12 * abs(portrait.undertone))


def hair_colour(portrait: Portrait) -> Colour:
    """Hair in even light."""
    return shifted(_hex(_HAIR[portrait.hair_colour]), lightness=_LIGHTER * portrait.hair_shade)


def cloth_colour(portrait: Portrait) -> Colour:
    """The garment in even light."""
    return oklch(0.28 + 0.62 * portrait.cloth_lightness, 0.02 + 0.12 * portrait.cloth_chroma, portrait.cloth_hue)


def back_colour(portrait: Portrait) -> Colour:
    """The background's main colour."""
    return oklch(0.26 + 0.64 * portrait.back_lightness, 0.03 + 0.09 * portrait.back_chroma, portrait.back_hue)


def second_back_colour(portrait: Portrait) -> Colour:
    """What the background turns to: lighter when dark, and darker when light."""
    step = 0.13 if portrait.back_lightness < 0.62 else -0.1
    return shifted(back_colour(portrait), lightness=step, hue=55 * portrait.back_turn, chroma=1.15)


def _flush(portrait: Portrait, skin: Colour) -> Colour:
    rosy = along(("EE8F84", "E08272", "CC6A55", "A84A38", "7E3328"), portrait.skin)
    return mix(skin, rosy, 0.75)


def _brows(portrait: Portrait, hair: Colour) -> Colour:
    """Darker than the hair, the more so on deep skin; dyed hair leaves them brown."""
    dyed = portrait.hair_colour in ("pink", "teal", "violet")
    return mix(shifted(hair, lightness=-0.08), _hex("3A2A24"), 0.85 if dyed else 0.35 + 0.4 * portrait.skin)


def _lips(portrait: Portrait, skin: Colour) -> Colour:
    bare = mix(skin, along(("CF7870", "B9615A", "94473F", "6B3330"), portrait.skin), 0.62)
    painted = along(("D9604A", "C93E44", "B02E4A", "8A2C50"), (portrait.lip_hue + 1) / 2)
    return mix(bare, shifted(painted, lightness=0.06 - 0.14 * portrait.skin), 0.8 * portrait.makeup)


def _hex(code: str) -> Colour:
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)
