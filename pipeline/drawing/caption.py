"""A portrait → the sentence that says what is in the picture. Every word follows from an attribute."""

from __future__ import annotations

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.colour import Colour, to_oklch
from pipeline.drawing.palette import palette
from pipeline.drawing.phrases import a, below, listed

_GREYS = ((0.36, "black"), (0.55, "dark grey"), (0.8, "grey"), (0.92, "light grey"), (1.1, "white"))
_HUES = (
    (15, ("burgundy", "dusty pink", "light pink")),
    (42, ("maroon", "brick red", "salmon pink")),
    (70, ("dark brown", "terracotta", "peach")),
    (108, ("umber", "ochre", "pale yellow")),
    (135, ("olive", "moss green", "lime")),
    (165, ("dark green", "green", "mint green")),
    (215, ("dark teal", "teal", "turquoise")),
    (268, ("navy blue", "blue", "sky blue")),
    (300, ("indigo", "violet blue", "lavender")),
    (335, ("dark purple", "purple", "lilac")),
    (361, ("burgundy", "dusty pink", "light pink")),
)
"""Below each hue, in degrees: the names of dark, middling and light colours."""

_SKIN = ((0.12, "very fair"), (0.3, "fair"), (0.48, "olive"), (0.66, "tan"), (0.84, "brown"), (1.1, "deep brown"))
_AGES = ((30, "young"), (45, "adult"), (62, "middle-aged"), (100, "elderly"))
_SMILES = (
    (0.12, "looking serious"),
    (0.43, "with a slight smile"),
    (0.74, "with a warm smile"),
    (1.1, "smiling broadly"),
)
_GARMENTS = {
    "t-shirt": "t-shirt",
    "v-neck jumper": "v-neck jumper",
    "roll-neck": "roll-neck jumper",
    "shirt": "shirt with a collar",
    "blazer": "blazer",
    "hoodie": "hoodie",
    "boat-neck top": "boat-neck top",
    "scarf": "jumper with a scarf",
}
_BACKGROUNDS = {
    "plain": "a plain {} wall",
    "glow": "a {} wall with a soft glow",
    "disc": "a {} wall with a large disc",
    "arch": "a {} wall with an arch",
    "hills": "hills and a low sun in a {} haze",
    "leaves": "large leaves on a {} wall",
    "bokeh": "blurred lights in a {} dusk",
    "window light": "a {} wall with light from a window",
}


def caption(portrait: Portrait) -> str:
    """One English sentence that names everything a viewer can tell."""
    parts = [
        f"Portrait of {_who(portrait)} {_with(portrait)}",
        below(_SMILES, portrait.smile),
        f"wearing {_worn(portrait)}",
        f"{_turned(portrait)}{_lit(portrait)}",
        f"before {_BACKGROUNDS[portrait.background].format(colour_name(palette(portrait).back))}",
    ]
    return ", ".join(parts) + "."


def colour_name(colour: Colour) -> str:
    """What people would call a colour."""
    lightness, chroma, hue = to_oklch(colour)
    if chroma < 0.03:
        return below(_GREYS, lightness)
    dark, middling, light = next(names for end, names in _HUES if hue < end)
    return dark if lightness < 0.46 else middling if lightness < 0.76 else light


def _who(portrait: Portrait) -> str:
    return a(f"{below(_AGES, portrait.age)} {portrait.presentation}")


def _with(portrait: Portrait) -> str:
    """Face, skin, hair, eyes and beard."""
    words = [f"{a(portrait.face)} face" if portrait.face != "long" else "a long face"]
    words.append(f"{below(_SKIN, portrait.skin)} skin" + (" and freckles" if portrait.freckles else ""))
    if portrait.headwear != "headscarf":
        words.append(_hair(portrait))
    words.append(f"{portrait.eye_colour} eyes")
    if portrait.beard != "none":
        words.append(portrait.beard if portrait.beard == "stubble" else f"a {portrait.beard}")
    return f"with {listed(words)}"


def _hair(portrait: Portrait) -> str:
    style, colour = portrait.hair, portrait.hair_colour
    if style == "bald":
        return "a bald head"
    if "hair" in style or "curls" in style:
        kind = style.removesuffix(" hair").removesuffix(" curls").removesuffix("curls")
        noun = "curls" if "curls" in style else "hair"
        return " ".join(filter(None, (kind, colour, noun)))
    if style == "side parting":
        return f"{colour} hair with a side parting"
    if style == "ponytail" or style == "bun":
        return f"{colour} hair in {a(style)}"
    if style == "bob with a fringe":
        return f"{a(colour)} bob with a fringe"
    return f"{a(colour)} {style}"


def _worn(portrait: Portrait) -> str:
    colours = palette(portrait)
    words = []
    if portrait.headwear != "none":
        words.append(a(f"{colour_name(colours.wear)} {portrait.headwear}"))
    if portrait.glasses != "none":
        words.append(f"{portrait.glasses} glasses")
    if portrait.earrings != "none":
        words.append({"studs": "stud earrings", "hoops": "hoop earrings", "drops": "drop earrings"}[portrait.earrings])
    pattern = "striped " if portrait.pattern == "striped" else ""
    words.append(a(f"{pattern}{colour_name(colours.cloth)} {_GARMENTS[portrait.garment]}"))
    return listed(words)


def _turned(portrait: Portrait) -> str:
    if abs(portrait.turn) < 0.25:
        return "facing us, "
    return f"turned to the {'right' if portrait.turn > 0 else 'left'}, "


def _lit(portrait: Portrait) -> str:
    kind = "soft" if portrait.light_softness > 0.5 else "clear"
    warmth = "warm" if portrait.light_warmth > 0.33 else "cool" if portrait.light_warmth < -0.33 else "neutral"
    side = (
        "from the right"
        if portrait.light_x > 0.25
        else "from the left"
        if portrait.light_x < -0.25
        else "from the front"
    )
    return f"in {kind} {warmth} light {side}"
