"""Rooms told in words. They are settled ones, in colours that are drawn each for itself: any sofa by any wall."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.drawing import rooms
from pipeline.drawing.named import name_of
from pipeline.drawing.phrases import a, below, joined, listed
from pipeline.drawing.rooms import Room
from pipeline.drawing.rooms.palette import Palette
from pipeline.drawing.told.words import NONE, Facts

_TIMES = ((0.3, "at night"), (0.62, "in the evening"), (1.1, "on a bright day"))
_TIME = {"at night": (0.0, 0.15), "in the evening": (0.42, 0.55), "on a bright day": (0.75, 1.0)}
_THINGS = {"rug": "rug", "plants": "plants", "painting": "painting", "table": "table", "armchair": "armchair"}


def picture(seed: int, size: int) -> tuple[np.ndarray, Facts]:
    """The room of a seed, (size, size, 3) uint8 sRGB, and its facts."""
    room = sample(seed)
    return rooms.draw(room, size), facts(room)


def sample(seed: int) -> Room:
    """A settled room in free colours, at a time of day that can be told, under a light that leaves colours theirs."""
    rng = np.random.default_rng([seed, 0x70D])
    room = rooms.settled(rooms.sample(seed))
    low, high = _TIME[str(rng.choice(list(_TIME)))]
    colours: dict[str, Any] = {
        f"{part}_{what}": float(value)
        for part in ("wall", "sofa", "rug")
        for what, value in (
            ("hue", rng.uniform(0, 360)),
            ("lightness", rng.random()),
            ("chroma", rng.random() ** 0.5),
        )
    }
    return replace(
        room,
        **colours,
        daylight=float(rng.uniform(low, high)),
        hour=0.85 if high < 0.6 else 0.2,
        # What is hardly there cannot be told.
        rug=_clear(room.rug),
        table=_clear(room.table),
        armchair=_clear(room.armchair),
        art=_clear(room.art),
        plants=_clear(room.plants),
        temperature=0.25 * room.temperature,
        contrast=0.4 * room.contrast,
        saturation=0.4 * abs(room.saturation),
    )


def _clear(share: float) -> float:
    """None at all, or enough to be seen."""
    return 0.0 if share < 0.12 else 0.4 + 0.6 * share


def facts(room: Room) -> Facts:
    """Everything that is told of a room."""
    colours = Palette.of(room)
    return {
        "kind": "room",
        "time": below(_TIMES, room.daylight),
        "walls": name_of(colours.wall),
        "sofa": name_of(colours.sofa),
        "rug": name_of(colours.rug) if room.rug else NONE,
        "plants": "some" if room.plants else NONE,
        "painting": "some" if room.art else NONE,
        "table": "some" if room.table else NONE,
        "armchair": "some" if room.armchair else NONE,
    }


def sentence(told: Facts) -> str:
    """One English sentence of some facts."""
    parts = [f"{told['walls']} walls" if "walls" in told else "", a(f"{told['sofa']} sofa") if "sofa" in told else ""]
    parts += [_thing(name, told[name]) for name in _THINGS if name in told]
    return joined("a living room", told.get("time", ""), f"with {listed(parts)}" if any(parts) else "")


def _thing(name: str, value: str) -> str:
    if value == NONE:
        return f"no {_THINGS[name]}"
    if name == "plants":
        return "plants"
    return a(joined(value if value != "some" else "", _THINGS[name]))
