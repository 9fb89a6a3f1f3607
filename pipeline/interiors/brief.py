"""What the painter of interiors must know, as a plan holds it. Torch-free."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter

from pydantic import BaseModel, ConfigDict

from pipeline.provenance import KEPT

MOST_KEYFRAMES = 4096
"""Of a film."""

MOST_PARENTS = 16
"""Favourites to breed from."""

LARGEST_PX = 4096
"""A side of a delivered picture."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Picture(_Part):
    """A picture that designs start from."""

    name: str
    """As its user calls it."""
    file: int
    """Place among the plan's files."""
    is_design: bool
    """Whether it tells its latent, of this very network; any other one is encoded."""


class Attribute(_Part):
    """A direction in the latent space."""

    name: str
    row: int
    """Among the network's own, or …"""
    file: int | None = None
    """… those of the file at this place in the plan."""


class Edit(_Part):
    """How far every design is moved along an attribute."""

    attribute: Attribute
    amount: float
    """Standard deviations of the attribute."""


class Keep(_Part):
    """A mask: what is white stays as it is in the picture that designs are around."""

    name: str
    file: int


class Strip(_Part):
    """One design as one of its attributes grows."""

    attribute: Attribute
    of: int
    """The design's frame."""
    begins: int
    """The strip's first frame."""
    amounts: tuple[float, ...]
    """Besides what is edited; from least to most."""


class Keyframe(_Part):
    """What a film passes through."""

    design: int | None = None
    """A design of the job, by its frame; or …"""
    picture: int | None = None
    """… a place among `pictures`."""


class FilmBrief(_Part):
    """A film that goes from design to design: see film.py."""

    through: str
    """The keyframes as their user calls them: `0-7`, `favourite.png`."""
    keyframes: tuple[Keyframe, ...]
    frames: int
    loop: bool
    size: int
    """Pixels of a side."""


class InteriorsBrief(_Part):
    """Which designs of which network, and after them which strips and which film."""

    model: str
    """As its user calls it."""
    resolution: int
    """Pixels of a side, as the network paints."""
    size: int
    """As pictures are delivered."""
    upscaler: str = ""
    """What enlarges them, the plan's second model; empty where nothing does."""
    seeds: tuple[tuple[int, int], ...] = ()
    """(frame, its seed) wherever a row of seeds begins; none of a picture that is only edited."""
    designs: int
    """Frames, from the first, that are designs."""
    truncation: float
    """Of designs that start from nothing."""
    pictures: tuple[Picture, ...] = ()
    around: int | None = None
    """The picture, among these, that designs are variations of."""
    parents: tuple[int, ...] = ()
    """The pictures that they are bred from."""
    vary: float
    """0 to 1: part of each design that is its own, where it has a picture or parents."""
    keep: Keep | None = None
    settle: int = 0
    """Rounds that bring new designs nearer to what the network has seen: see Vae.settled."""
    refine: int
    """Steps by which pictures that are no designs, and designs that keep a part, are brought nearer."""
    edits: tuple[Edit, ...] = ()
    strips: tuple[Strip, ...] = ()
    film: FilmBrief | None = None
    film_begins: int = 0

    def is_filmed(self, frame: int) -> bool:
        """Whether a frame is of the film."""
        return self.film is not None and frame >= self.film_begins

    def size_of(self, frame: int) -> int:
        """Pixels of a frame's side."""
        return self.film.size if self.film is not None and self.is_filmed(frame) else self.size

    def strip_of(self, frame: int) -> tuple[Strip, float] | None:
        """The strip that a frame is of, and how far its design is moved there."""
        row = bisect_right(self.strips, frame, key=lambda strip: strip.begins) - 1
        if row < 0 or self.is_filmed(frame):
            return None
        return self.strips[row], self.strips[row].amounts[frame - self.strips[row].begins]

    def seed_of(self, design: int) -> int | None:
        """A design's seed, if it has one."""
        if not self.seeds:
            return None
        begins, seed = self.seeds[bisect_right(self.seeds, design, key=itemgetter(0)) - 1]
        return seed + design - begins

    def said(self) -> str:
        """How the designs are made, in a few words: `truncation 0.8, +1.5 warmth`."""
        parts = [self._start()]
        if self.keep is not None:
            parts.append(f"kept where {self.keep.name} is white")
        parts += [f"{edit.amount:+g} {edit.attribute.name}" for edit in self.edits]
        return ", ".join(parts)

    def _start(self) -> str:
        if self.parents:
            return f"bred from {len(self.parents)} favourites, varied by {self.vary:g}"
        if self.around is None:
            if self.film is not None and not self.designs:
                return f"a film through {len(self.film.keyframes):,} pictures"
            return f"truncation {self.truncation:g}"
        return f"around {self.pictures[self.around].name}" + (f", varied by {self.vary:g}" if self.seeds else "")

    def facts(self, frame: int) -> dict[str, str]:
        """What the frame's picture is made of, by name, for its metadata."""
        told: dict[str, object] = {"model": self.model}
        if self.film is not None and self.is_filmed(frame):
            told |= {"film": self.film.through, "filmFrame": frame - self.film_begins}
        else:
            told |= self._origin(frame)
        if self.edits:
            told["edited"] = ", ".join(f"{edit.amount:+g} {edit.attribute.name}" for edit in self.edits)
        if (found := self.strip_of(frame)) is not None:
            told["strip"] = f"{found[1]:+g} {found[0].attribute.name}"
        if self.keep is not None:
            told[KEPT] = f"where {self.keep.name} is white, as in {self.pictures[self.around or 0].name}"
        if self.upscaler and self.size_of(frame) > self.resolution:
            told |= {"upscaler": self.upscaler, "enlarged": f"{self.resolution} to {self.size_of(frame)} px"}
        return {name: str(value) for name, value in told.items() if value is not None}

    def _origin(self, frame: int) -> dict[str, object]:
        """Where a frame's latent comes from; whom a child was bred from is variations.py's to say."""
        strip = self.strip_of(frame)
        seed = self.seed_of(frame if strip is None else strip[0].of)
        settled = f"{self.settle} rounds" if self.settle and seed is not None else None
        if self.parents:
            return {"seed": seed, "varied": f"{self.vary:g}", "settled": settled}
        if self.around is None:
            return {"seed": seed, "truncation": f"{self.truncation:g}", "settled": settled}
        start = self.pictures[self.around]
        told: dict[str, object] = {"seed": seed, "around": start.name, "settled": settled}
        if seed is not None:
            told["varied"] = f"{self.vary:g}"
        if not start.is_design:
            told["refined"] = f"{self.refine} steps"
        return told
