"""Which hair a portrait has. The styles are in short_hair.py and long_hair.py, painting them in hair.py."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.drawing import long_hair, short_hair
from pipeline.drawing.attributes import Portrait
from pipeline.drawing.pose import Pose
from pipeline.drawing.scalp import Hair


def hairstyle(portrait: Portrait, pose: Pose) -> Hair:
    """The hair of a portrait; a headscarf covers it all."""
    return Hair() if portrait.headwear == "headscarf" else _STYLES[portrait.hair](portrait, pose)


_STYLES: dict[str, Callable[[Portrait, Pose], Hair]] = {
    "bald": lambda portrait, pose: Hair(),
    "buzz cut": short_hair.buzz,
    "side parting": short_hair.side_parting,
    "quiff": short_hair.quiff,
    "crop": short_hair.crop,
    "curls": short_hair.curls,
    "afro": short_hair.afro,
    "pixie cut": short_hair.pixie,
    "bob": long_hair.bob,
    "bob with a fringe": long_hair.fringe,
    "long straight hair": long_hair.long,
    "long wavy hair": long_hair.long,
    "long curls": long_hair.long_curls,
    "bun": long_hair.bun,
    "ponytail": long_hair.ponytail,
}
