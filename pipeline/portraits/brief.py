"""What the painter of portraits must know, as a plan holds it. Torch-free."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from operator import itemgetter
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.portraits.latents import Space
from pipeline.ranges import as_ranges

Noise = Literal["const", "random", "none"]
"""What StyleGAN2's layers add: the noise that they learnt with and keep, another for each seed, or nothing."""

Way = Literal["linear", "slerp", "cubic"]
"""Straight from keyframe to keyframe, along great circles (in z), or through all of them without corners."""

MOST_KEYFRAMES = 4096
"""Of a walk."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mix(_Part):
    """A grid of mixed styles: those of `columns` in some layers, those of `rows` in all others."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    layers: tuple[int, ...]

    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The pictures in reading order, row and column of each; a seed's own picture is mixed with itself."""
        own = [(column, column) for column in self.columns]
        rest = [(row, column) for row in self.rows for column in (row, *self.columns)]
        return tuple(dict.fromkeys([*own, *rest]))

    def grid(self) -> list[list[tuple[int, int] | None]]:
        """The same as a table: the columns' own above, the rows' own to the left, and nothing in the corner."""
        head: list[tuple[int, int] | None] = [None, *((column, column) for column in self.columns)]
        return [head] + [[(row, column) for column in (row, *self.columns)] for row in self.rows]


class WalkBrief(_Part):
    """A film that goes from latent to latent: see walk.py."""

    through: str
    """The keyframes as their user calls them: `0-7`, `anna.npz`."""
    seeds: tuple[int, ...] = ()
    """The keyframes; or …"""
    file: int | None = None
    """… the place among the plan's files of the latents that they are."""
    frames: int
    space: Space
    """That the way lies in. Latents of a file lie where they lie."""
    way: Way
    loop: bool
    steady: bool


class EditBrief(_Part):
    """A move of all styles along a direction."""

    name: str
    """As its user calls it."""
    file: int | None = None
    """Place of the direction among the plan's files; or …"""
    sefa: int | None = None
    """… which of the generator's own, from 0, the strongest first: see sefa.py."""
    strength: float
    layers: tuple[int, ...] | None = None
    """That are moved; None: all."""


class PortraitBrief(_Part):
    """Which pictures of which generator, and after them which film."""

    model: str
    """As its user calls it."""
    resolution: int
    """Pixels of a picture's side."""
    seeds: tuple[tuple[int, int], ...] = ()
    """(frame, its seed) wherever a row of seeds begins."""
    mix: Mix | None = None
    """In the place of seeds."""
    latents: int | None = None
    """Place among the plan's files of the latents that are pictured, in the place of seeds."""
    walk: WalkBrief | None = None
    """The frames from `walk_begins` on."""
    walk_begins: int = 0
    edits: tuple[EditBrief, ...] = ()
    truncation: float
    """Psi."""
    cutoff: int | None = None
    """Layers that are truncated, from the first; None: all."""
    noise: Noise | None = "const"
    """None of those that have none."""
    label: int | None = None
    """Class, of conditional models."""
    translate: tuple[float, float] | None = None
    """Widths of the picture, to the right and down."""
    rotate: float | None = None
    """Degrees, against the clock."""

    def walks(self, frame: int) -> bool:
        """Whether a frame is of the walk."""
        return self.walk is not None and frame >= self.walk_begins

    def pair_of(self, frame: int) -> tuple[int, int]:
        """The seed of a picture's styles, and the seed of those that are mixed in: the same where nothing is."""
        if self.mix is not None:
            return self._pairs[frame]
        begins, seed = self.seeds[bisect_right(self.seeds, frame, key=itemgetter(0)) - 1]
        seed += frame - begins
        return seed, seed

    @cached_property
    def _pairs(self) -> tuple[tuple[int, int], ...]:
        return self.mix.pairs() if self.mix is not None else ()

    def said(self) -> str:
        """How the pictures are made, in a few words: `truncation 0.7, class 3`."""
        parts = [f"truncation {self.truncation:g}"]
        if self.cutoff is not None:
            parts[0] += f" of {self.cutoff} layers"
        if self.label is not None:
            parts.append(f"class {self.label}")
        if self.noise in ("random", "none"):
            parts.append("no noise" if self.noise == "none" else "random noise")
        if self.translate is not None:
            parts.append(f"moved by {self.translate[0]:g}, {self.translate[1]:g}")
        if self.rotate is not None:
            parts.append(f"turned by {self.rotate:g} degrees")
        if self.mix is not None:
            parts.append(f"layers {as_ranges(self.mix.layers)} mixed")
        parts += [f"{edit.strength:+g} {edit.name}" for edit in self.edits]
        return ", ".join(parts)

    def facts(self, frame: int) -> dict[str, str]:
        """What the frame's picture is made of, by name, for its metadata."""
        told: dict[str, object] = {"model": self.model} | self._origin(frame)
        if self.edits:
            told["edited"] = ", ".join(f"{edit.strength:+g} {edit.name}" for edit in self.edits)
        told |= {"truncation": self.truncation, "truncationCutoff": self.cutoff, "noise": self.noise}
        told |= {"class": self.label, "rotate": self.rotate}
        if self.translate is not None:
            told["translate"] = ",".join(map(_written, self.translate))
        return {name: _written(value) for name, value in told.items() if value is not None}

    def _origin(self, frame: int) -> dict[str, object]:
        """Where a frame's latent comes from."""
        if self.walk is not None and self.walks(frame):
            return {"walk": self.walk.through, "walkFrame": frame - self.walk_begins}
        if self.latents is not None:
            return {"latent": frame}
        row, column = self.pair_of(frame)
        if self.mix is None:
            return {"seed": row}
        return {"seed": row, "mixedSeed": column, "mixedLayers": as_ranges(self.mix.layers)}


def _written(value: object) -> str:
    return str(value).removesuffix(".0")
