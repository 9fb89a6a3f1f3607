"""Draws lots for a room: one of a few schemes of colours, a plausible arrangement, and the light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.drawing.rooms.attributes import Room
from pipeline.drawing.rooms.space import Span

Lots = dict[str, Any]
Tone = tuple[Span, Span, Span]
"""Ranges of hue, lightness and chroma, the last two as a room's shares."""


@dataclass(frozen=True)
class Scheme:
    """Colours that go together."""

    wall: Tone
    floor: Tone
    sofas: tuple[Tone, ...]
    accents: tuple[Tone, ...]
    rugs: tuple[Tone, ...]
    odds: float = 1.0
    """Cool ones are drawn more often, since there are fewer."""


_CREAM: Tone = ((75, 90), (0.75, 1.0), (0.10, 0.25))
_OAK: Tone = ((66, 76), (0.55, 0.85), (0.45, 0.8))
_WALNUT: Tone = ((52, 64), (0.15, 0.45), (0.45, 0.8))
_PALE: Tone = ((70, 85), (0.75, 1.0), (0.15, 0.5))
_RUST: Tone = ((38, 50), (0.2, 0.6), (0.6, 1.0))
_OCHRE: Tone = ((78, 90), (0.65, 1.0), (0.6, 1.0))
_FOREST: Tone = ((145, 165), (0.1, 0.5), (0.25, 0.6))
_NAVY: Tone = ((250, 265), (0.05, 0.4), (0.3, 0.7))
_SKY: Tone = ((230, 250), (0.45, 0.9), (0.25, 0.6))
_ROSE: Tone = ((10, 30), (0.5, 0.95), (0.3, 0.6))
_STONE: Tone = ((60, 90), (0.35, 0.8), (0.03, 0.15))
_COAL: Tone = ((240, 280), (0.02, 0.25), (0.03, 0.12))

_SCHEMES: dict[str, Scheme] = {
    "warm wood": Scheme(
        ((72, 88), (0.60, 0.98), (0.2, 0.45)),
        _WALNUT, (_RUST, _CREAM, _FOREST), (_OCHRE, _RUST, _FOREST), (_CREAM, _RUST)
    ),
    "scandinavian": Scheme(
        ((80, 110), (0.85, 1.0), (0.02, 0.12)),
        _PALE, (_STONE, _SKY, _CREAM), (_OCHRE, _SKY, _ROSE, _FOREST), (_STONE, _CREAM)
    ),
    "sage": Scheme(
        ((130, 155), (0.45, 0.85), (0.2, 0.5)),
        _OAK, (_CREAM, _FOREST, _STONE), (_RUST, _ROSE, _OCHRE), (_CREAM, _FOREST)
    ),
    "dusk blue": Scheme(
        ((235, 260), (0.2, 0.75), (0.25, 0.6)),
        _OAK, (_NAVY, _CREAM, _RUST), (_OCHRE, _RUST, _ROSE), (_CREAM, _SKY, _NAVY), 1.6
    ),
    "coast": Scheme(
        ((195, 230), (0.55, 0.98), (0.15, 0.5)),
        _PALE, (_CREAM, _SKY, _NAVY), (_RUST, _OCHRE, _NAVY), (_CREAM, _SKY), 1.4
    ),
    "terracotta": Scheme(
        ((38, 55), (0.35, 0.8), (0.45, 0.95)),
        _OAK, (_CREAM, _FOREST, _RUST), (_FOREST, _CREAM, _NAVY), (_CREAM, _RUST)
    ),
    "monochrome": Scheme(
        ((60, 270), (0.15, 1.0), (0.0, 0.08)),
        _STONE, (_COAL, _STONE), (_COAL, _OCHRE, _STONE), (_STONE, _COAL)
    ),
    "mustard": Scheme(
        ((82, 95), (0.60, 0.95), (0.45, 0.95)),
        _WALNUT, (_NAVY, _CREAM, _STONE), (_NAVY, _FOREST, _RUST), (_CREAM, _SKY)
    ),
    "blush": Scheme(
        ((15, 40), (0.65, 0.98), (0.2, 0.5)),
        _PALE, (_ROSE, _FOREST, _CREAM), (_FOREST, _RUST, _NAVY), (_CREAM, _ROSE)
    ),
}  # fmt: skip


def sample(seed: int) -> Room:
    """A room by lot. The same seed gives the same room."""
    rng = np.random.default_rng([seed, 0x5B1F])
    window = _window(rng)
    lots = {**_view(rng, window["window_wall"]), **window, **_furniture(rng), **_details(rng), **_colours(rng)}
    return Room(**lots, **_grade(rng, lots))


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _lean(rng: np.random.Generator) -> float:
    return _between(rng, -1, 1)


def _some(rng: np.random.Generator, none: float, low: float = 0.0) -> float:
    """0 so often; else from `low` to 1."""
    return 0.0 if rng.random() < none else _between(rng, low, 1)


def _view(rng: np.random.Generator, window_wall: str) -> Lots:
    # From where the window's wall is seen well.
    low, high = {"left": (-1.0, 0.35), "back": (-1.0, 1.0), "right": (-0.35, 1.0)}[window_wall]
    return {
        "view": _between(rng, low, high),
        "eye": _between(rng, 0, 1),
        "distance": _between(rng, 0, 1),
        "breadth": _lean(rng),
        "ceiling": _between(rng, 0, 1),
    }


def _window(rng: np.random.Generator) -> Lots:
    return {
        "window_wall": str(rng.choice(["left", "back", "right"], p=[0.36, 0.28, 0.36])),
        "window": _between(rng, 0, 1),
        "window_place": _lean(rng),
        "curtains": _some(rng, 0.4, 0.1),
        "curtain_lightness": _between(rng, 0.2, 1),
        "daylight": _between(rng, 0, 1),
        "hour": float(rng.beta(0.9, 1.2)),
        "sun": _between(rng, 0, 1),
    }


def _furniture(rng: np.random.Generator) -> Lots:
    return {
        "sofa": _between(rng, 0, 1),
        "sofa_place": _lean(rng),
        "sofa_round": _between(rng, 0, 1),
        "sofa_back": _lean(rng),
        "rug": _some(rng, 0.2, 0.05),
        "rug_form": str(rng.choice(["round", "square"], p=[0.4, 0.6])),
        "rug_border": _some(rng, 0.4, 0.2),
        "table": _some(rng, 0.25),
        "table_form": str(rng.choice(["round", "square"])),
        "armchair": _some(rng, 0.5),
        "armchair_side": str(rng.choice(["left", "right"])),
        "sideboard": _some(rng, 0.5),
    }


def _details(rng: np.random.Generator) -> Lots:
    kind = str(rng.choice(["none", "floor", "pendant"], p=[0.15, 0.5, 0.35]))
    return {
        "lamp_kind": kind,
        "lamp": 0.0 if kind == "none" else _between(rng, 0, 1),
        "lamp_side": str(rng.choice(["left", "right"])),
        "lamp_height": _between(rng, 0, 1),
        "art": _some(rng, 0.2, 0.05),
        "art_count": int(rng.choice([1, 2, 3], p=[0.5, 0.3, 0.2])),
        "art_style": str(rng.choice(["sun", "arches", "blocks", "hills"])),
        "plants": _some(rng, 0.2, 0.05),
        "plant_kind": str(rng.choice(["fan", "bush", "blades"])),
        "clutter": _between(rng, 0, 1),
        "planks": _some(rng, 0.4, 0.3),
        "panel": _some(rng, 0.65, 0.0),
        "panel_lightness": _lean(rng),
    }


def _colours(rng: np.random.Generator) -> Lots:
    scheme = _SCHEMES[_pick(rng)]
    first, second = rng.permutation(len(scheme.accents))[:2]
    return {
        **_tone(rng, "wall", scheme.wall),
        **_tone(rng, "floor", scheme.floor),
        **_tone(rng, "sofa", _one(rng, scheme.sofas)),
        **_tone(rng, "accent", scheme.accents[first]),
        **_tone(rng, "rug", _one(rng, scheme.rugs)),
        "second_hue": _between(rng, *scheme.accents[second][0]),
        "wood_lightness": _between(rng, 0, 1),
    }


def _pick(rng: np.random.Generator) -> str:
    odds = np.array([scheme.odds for scheme in _SCHEMES.values()])
    return list(_SCHEMES)[int(rng.choice(len(odds), p=odds / odds.sum()))]


def _one(rng: np.random.Generator, tones: tuple[Tone, ...]) -> Tone:
    return tones[int(rng.integers(len(tones)))]


def _tone(rng: np.random.Generator, name: str, tone: Tone) -> Lots:
    hue, lightness, chroma = (_between(rng, *span) for span in tone)
    return {f"{name}_hue": hue, f"{name}_lightness": lightness, f"{name}_chroma": chroma}


def _grade(rng: np.random.Generator, lots: Lots) -> Lots:
    """Exposed so that a dark evening is not a black picture, and a bright room not a white one."""
    lit = 0.50 * lots["daylight"] + 0.30 * lots["wall_lightness"] + 0.18 * lots["lamp"]
    return {
        "exposure": float(np.clip(0.48 * _lean(rng) + 0.65 - lit, -1, 1)),
        # Most of a room's own colours are warm.
        "temperature": _between(rng, -1, 0.8),
        "contrast": _lean(rng),
        "saturation": _lean(rng),
    }
