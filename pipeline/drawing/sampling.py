"""Draws lots for a portrait: who sits, how they look at us, what they wear, and in what light and colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.colour import to_oklch
from pipeline.drawing.palette import back_colour, cloth_colour, hair_colour, second_back_colour, skin_colour

Lots = dict[str, Any]

_WOMENS_HAIR = {
    "long straight hair": 15, "long wavy hair": 16, "bob": 12, "bob with a fringe": 9, "bun": 11, "ponytail": 8,
    "pixie cut": 8, "long curls": 9, "curls": 5, "afro": 6, "buzz cut": 2,
}  # fmt: skip
_MENS_HAIR = {
    "side parting": 20, "quiff": 18, "crop": 18, "buzz cut": 13, "curls": 12, "afro": 7, "bald": 6,
    "long wavy hair": 4, "bun": 3,
}  # fmt: skip
_HAIR_COLOURS = {
    "black": (0.5, 2.6), "dark brown": (1.2, 1.3), "brown": (1.4, 0.5), "chestnut": (1.0, 0.35), "auburn": (0.8, 0.2),
    "ginger": (0.8, 0.04), "dark blonde": (1.1, 0.06), "blonde": (1.3, 0.05), "pink": (0.12, 0.08),
    "teal": (0.12, 0.08), "violet": (0.12, 0.08),
}  # fmt: skip
"""Weights for fair and for deep skin."""
_EYE_COLOURS = {
    "dark brown": (0.5, 3.0), "brown": (1.0, 1.5), "hazel": (0.9, 0.3), "green": (1.0, 0.1), "blue": (1.5, 0.05),
    "grey": (0.8, 0.05),
}  # fmt: skip


def sample(seed: int) -> Portrait:
    """The portrait of a seed. Seeds that lie side by side have nothing to do with each other."""
    rng = np.random.default_rng([seed, 0x9A17])
    lots = _sitter(rng)
    lots |= _features(rng, lots)
    lots |= _hair(rng, lots)
    lots |= _worn(rng, lots)
    lots |= _pose(rng)
    lots |= _light(rng)
    return _coloured(rng, lots)


def _pick(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    words = list(weights)
    shares = np.array([weights[word] for word in words], float)
    return words[int(rng.choice(len(words), p=shares / shares.sum()))]


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _about(
    rng: np.random.Generator, middle: float = 0.0, spread: float = 0.45, *, low: float = -1.0, high: float = 1.0
) -> float:
    return float(np.clip(rng.normal(middle, spread), low, high))


def _sitter(rng: np.random.Generator) -> Lots:
    presentation = _pick(rng, {"woman": 46, "man": 46, "person": 8})
    return {
        "presentation": presentation,
        "age": float(18 + 67 * rng.beta(1.25, 1.9)),
        "face": _pick(rng, {"oval": 3, "round": 2, "square": 2, "heart-shaped": 2, "long": 1.5}),
        "skin": float(rng.beta(1.0, 1.15)),
        "undertone": _about(rng),
        "detail": int(rng.integers(2**32)),
    }


def _features(rng: np.random.Generator, who: Lots) -> Lots:
    woman, deep = who["presentation"] == "woman", who["skin"]
    smile = _pick(rng, {"serious": 2, "slight": 4, "warm": 5, "broad": 3})
    smiles = {"serious": (0.0, 0.1), "slight": (0.2, 0.4), "warm": (0.45, 0.75), "broad": (0.75, 1.0)}
    colours = {word: fair * (1 - deep) + dark * deep**1.0 for word, (fair, dark) in _EYE_COLOURS.items()}
    weights = {
        word: weight * (1.0 if deep < 0.5 or word in ("dark brown", "brown", "hazel") else 0.15)
        for word, weight in colours.items()
    }
    return {
        "jaw": _about(rng),
        "cheeks": _about(rng),
        "chin": _about(rng),
        "blush": _between(rng, 0.1, 0.9),
        "freckles": _between(rng, 0.4, 1.0) if deep < 0.5 and rng.random() < 0.16 else 0.0,
        "eye_shape": _pick(rng, {"almond": 4, "round": 2.5, "hooded": 2, "upturned": 2}),
        "eye_colour": _pick(rng, weights),
        "eye_size": _about(rng),
        "eye_tilt": _about(rng),
        "gaze_x": _about(rng, spread=0.3),
        "gaze_y": _about(rng, spread=0.25),
        "makeup": _between(rng, 0.1, 1.0) if woman and rng.random() < 0.75 else _between(rng, 0, 0.1),
        "brow_weight": _about(rng, 0.4 if woman else 0.62, 0.22, low=0.0),
        "brow_arch": _about(rng, 0.25 if woman else -0.2),
        "brow_raise": _about(rng, spread=0.4),
        "nose_width": _about(rng, -0.35 + 0.8 * deep, 0.35),
        "nose_length": _about(rng),
        "nose_bridge": _about(rng, 0.25 - 0.5 * deep),
        "mouth_width": _about(rng),
        "lips": _about(rng, -0.3 + 0.8 * deep + (0.15 if woman else -0.1), 0.35),
        "lip_hue": _between(rng, -1, 1),
        "smile": _between(rng, *smiles[smile]),
        "mouth_open": _between(rng, 0.35, 0.95) if smile == "broad" else 0.0,
    }


def _hair(rng: np.random.Generator, who: Lots) -> Lots:
    presentation, age, deep = who["presentation"], who["age"], who["skin"]
    styles = {"woman": _WOMENS_HAIR, "man": _MENS_HAIR}.get(presentation, {**_MENS_HAIR, **_WOMENS_HAIR})
    curly = {"afro": 0.02 + 2.2 * deep**2, "long curls": 0.4 + deep, "buzz cut": 0.6 + 0.8 * deep}
    styles = {word: weight * curly.get(word, 1.0) for word, weight in styles.items()}
    if presentation == "man" and age > 45:
        styles["bald"] = 14
    grey = min(max((age - 46) / 26, 0), 0.95)
    colours = {word: fair * (1 - deep) + dark * deep for word, (fair, dark) in _HAIR_COLOURS.items()}
    colour = _pick(rng, {"grey": 1.3, "white": 0.4 + grey}) if rng.random() < grey else _pick(rng, colours)
    dyed = colour in ("pink", "teal", "violet")
    beards = (
        {"none": 1}
        if dyed
        else {"none": 46, "stubble": 15, "moustache": 8, "goatee": 7, "short beard": 15, "full beard": 11}
    )
    return {
        "hair": _pick(rng, styles),
        "hair_colour": colour,
        "hair_shade": _between(rng, -1, 1),
        "hair_length": _between(rng, 0, 1),
        "hair_volume": _between(rng, 0, 1),
        "hair_wave": _between(rng, 0, 1),
        "parting": float(rng.choice([-1, 1]) * rng.uniform(0.1, 1)),
        "hairline": _about(rng, 0.1 + 0.5 * (presentation == "man") * max(age - 35, 0) / 45, 0.12, low=0.0),
        "beard": _pick(rng, beards) if presentation == "man" else "none",
    }


def _worn(rng: np.random.Generator, who: Lots) -> Lots:
    woman, man = who["presentation"] == "woman", who["presentation"] == "man"
    old = who["age"] > 50
    hats: dict[str, float] = {"none": 76, "beanie": 6, "brimmed hat": 6}
    if not man:
        hats |= {"headscarf": 7, "headwrap": 5, "headband": 5}
    headwear = _pick(rng, hats)
    if who["hair"] in ("bun", "afro", "ponytail", "quiff") and headwear in ("beanie", "brimmed hat", "headwrap"):
        headwear = "none"
    if who["hair"] in ("bald", "buzz cut", "crop", "quiff", "side parting") and headwear == "headband":
        headwear = "none"
    hears = headwear != "headscarf" and not man
    garments = {"t-shirt": 4, "v-neck jumper": 3, "roll-neck": 3, "shirt": 4, "blazer": 3, "hoodie": 2.5, "scarf": 2}
    if woman:
        garments |= {"boat-neck top": 4}
    garment = _pick(rng, garments)
    stripes = garment in ("t-shirt", "boat-neck top", "v-neck jumper") and rng.random() < 0.3
    return {
        "glasses": _pick(rng, {"none": 68 - 18 * old, "round": 13, "square": 13, "cat-eye": 7 if woman else 0.4}),
        "frame_tone": _between(rng, 0, 1),
        "earrings": _pick(rng, {"none": 40, "studs": 22, "hoops": 20, "drops": 18}) if hears else "none",
        "headwear": headwear,
        "garment": garment,
        "pattern": "striped" if stripes else "plain",
        "shoulders": _about(rng),
    }


def _pose(rng: np.random.Generator) -> Lots:
    return {"turn": _about(rng, spread=0.5), "nod": _about(rng, spread=0.35), "lean": _about(rng, spread=0.35)}


def _light(rng: np.random.Generator) -> Lots:
    side = float(rng.choice([-1, 1]))
    return {
        "light_x": float(np.clip(side * rng.beta(3, 1.8), -1, 1)),
        "light_height": _between(rng, 0.2, 1),
        "light_warmth": _about(rng, 0.2, 0.5),
        "light_softness": _between(rng, 0, 1),
        "rim": _between(rng, 0.1, 1),
    }


def _coloured(rng: np.random.Generator, lots: Lots) -> Portrait:
    """The portrait with colours that go together: of several drawn, the ones that set the sitter off best."""
    choices = [Portrait(**lots, **_colours(rng)) for _ in range(4)]
    return max(choices, key=_contrast)


def _colours(rng: np.random.Generator) -> Lots:
    """One hue for the background, and for the clothes one beside it, across from it, or between."""
    # The choice below favours what differs from skin, so warm colours are drawn more often.
    hue = _between(rng, 0, 360) if rng.random() < 0.6 else _between(rng, 0, 115)
    step = float(rng.choice([0, 30, -30, 120, -120, 180, 165, -165]))
    cloth = (hue + step + rng.normal(0, 8)) % 360
    lightness = _between(rng, 0.1, 1)
    if 35 < hue < 135:
        # Dark yellows are drab.
        lightness = 0.45 + 0.55 * lightness
    return {
        "background": _pick(
            rng,
            {
                "plain": 16,
                "glow": 14,
                "disc": 13,
                "arch": 11,
                "hills": 12,
                "leaves": 12,
                "bokeh": 10,
                "window light": 12,
            },
        ),
        "back_hue": hue,
        "back_lightness": lightness,
        "back_chroma": float(rng.beta(2.2, 1.6)),
        "back_turn": _between(rng, -1, 1),
        "cloth_hue": cloth,
        "cloth_lightness": float(
            np.clip(rng.choice([lightness - 0.45, lightness + 0.4, rng.uniform(0, 1)]), 0.02, 0.95)
        ),
        "cloth_chroma": float(rng.beta(1.6, 1.8)),
        "second_hue": (cloth + float(rng.choice([40, -40, 180]))) % 360,
        "wear_hue": (cloth + float(rng.choice([0, 25, -25, 150, 180]))) % 360,
        "wear_lightness": _between(rng, 0.05, 1),
    }


def _contrast(portrait: Portrait) -> float:
    """How well hair, skin and cloth stand out from the background, and cloth from skin."""
    back = _mean_lab(back_colour(portrait), second_back_colour(portrait))
    skin, hair, cloth = (_lab(colour(portrait)) for colour in (skin_colour, hair_colour, cloth_colour))
    gaps = [(back, skin, 0.6), (back, hair, 1.0), (back, cloth, 0.7), (cloth, skin, 0.6)]
    return min(float(np.linalg.norm(one - other)) / weight for one, other, weight in gaps)


def _lab(colour: np.ndarray) -> np.ndarray:
    lightness, chroma, hue = to_oklch(colour)
    return np.array([lightness, chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))])


def _mean_lab(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (_lab(first) + _lab(second)) / 2
