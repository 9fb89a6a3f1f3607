"""Portraits told in words: what can be seen of one in 64 pixels."""

from __future__ import annotations

import numpy as np

from pipeline.drawing import portraits
from pipeline.drawing.attributes import Portrait
from pipeline.drawing.named import name_of
from pipeline.drawing.palette import palette
from pipeline.drawing.phrases import a, below, joined, listed
from pipeline.drawing.told.words import Facts

_SKIN = ((0.22, "fair"), (0.5, "light brown"), (0.78, "brown"), (1.1, "dark"))
_AGES = ((32, "young"), (52, ""), (65, "middle-aged"), (100, "elderly"))
_SMILES = ((0.12, "looking serious"), (0.74, "smiling"), (1.1, "smiling broadly"))
_BACKDROPS = {
    "plain": "wall", "glow": "wall with a glow", "disc": "wall with a disc", "arch": "wall with an arch",
    "hills": "sky over hills", "leaves": "wall with leaves", "bokeh": "dusk with lights",
    "window light": "wall with window light",
}  # fmt: skip
_HAIR = {
    "bald": "a bald head", "buzz cut": "{} buzz cut", "side parting": "{} hair with a side parting",
    "quiff": "{} quiff", "crop": "{} crop", "curls": "{} curls", "afro": "{} afro", "pixie cut": "{} pixie cut",
    "bob": "{} bob", "bob with a fringe": "{} bob with a fringe", "long straight hair": "long straight {} hair",
    "long wavy hair": "long wavy {} hair", "long curls": "long {} curls", "bun": "{} bun", "ponytail": "{} ponytail",
}  # fmt: skip


def picture(seed: int, size: int) -> tuple[np.ndarray, Facts]:
    """The portrait of a seed, (size, size, 3) uint8 sRGB, and its facts."""
    portrait = portraits.sample(seed)
    return portraits.draw(portrait, size), facts(portrait)


def facts(portrait: Portrait) -> Facts:
    """Everything that is told of a portrait."""
    colours = palette(portrait)
    told = {
        "kind": "portrait",
        "age": below(_AGES, portrait.age),
        "who": portrait.presentation,
        "skin": below(_SKIN, portrait.skin),
        "hair": "" if portrait.headwear == "headscarf" else portrait.hair,
        "hair colour": "" if portrait.headwear == "headscarf" or portrait.hair == "bald" else portrait.hair_colour,
        "beard": "" if portrait.beard == "none" else portrait.beard,
        "glasses": "" if portrait.glasses == "none" else "glasses",
        "headwear": "" if portrait.headwear == "none" else portrait.headwear,
        "headwear colour": "" if portrait.headwear == "none" else name_of(colours.wear),
        "garment": "jumper with a scarf" if portrait.garment == "scarf" else portrait.garment,
        "garment colour": name_of(colours.cloth),
        "pattern": "striped" if portrait.pattern == "striped" else "",
        "smile": below(_SMILES, portrait.smile),
        "turn": "" if abs(portrait.turn) < 0.3 else "right" if portrait.turn > 0 else "left",
        "backdrop": portrait.background,
        "backdrop colour": name_of(colours.back),
    }
    return {name: value for name, value in told.items() if value}


def sentence(told: Facts) -> str:
    """One English sentence of some facts."""
    get = told.get
    features = [f"{get('skin')} skin" if get("skin") else "", _hair(told), _beard(get("beard", "")), get("glasses", "")]
    worn = [_of(told, "headwear"), _of(told, "garment", get("pattern", ""))]
    sitter = joined("a portrait of", a(joined(get("age", ""), get("who", "person"))))
    clauses = [
        joined(sitter, f"with {listed(features)}" if any(features) else ""),
        f"wearing {listed(worn)}" if any(worn) else "",
        get("smile", ""),
        f"turned to the {get('turn')}" if get("turn") else "",
        _backdrop(told),
    ]
    return ", ".join(clause for clause in clauses if clause)


def _of(told: Facts, name: str, between: str = "") -> str:
    """What is worn, in its colour. A colour alone is not told."""
    return a(joined(told.get(f"{name} colour", ""), between, told[name])) if name in told else ""


def _hair(told: Facts) -> str:
    style, colour = told.get("hair"), told.get("hair colour", "")
    if style is None:
        return f"{colour} hair" if colour else ""
    phrase = joined(*_HAIR[style].format(colour).split())
    return phrase if style == "bald" or phrase.endswith(("hair", "curls", "parting")) else a(phrase)


def _beard(beard: str) -> str:
    return beard if beard in ("", "stubble") else a(beard)


def _backdrop(told: Facts) -> str:
    colour, backdrop = told.get("backdrop colour", ""), told.get("backdrop")
    if not colour and not backdrop:
        return ""
    return f"before {a(joined(colour, _BACKDROPS[backdrop or 'plain']))}"
