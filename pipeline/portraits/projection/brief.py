"""What a projection job asks of its painter, as it stands in the plan's `inputs`. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.portraits.projection.face import Box
from pipeline.portraits.projection.recipe import ProjectionRecipe

PHOTOGRAPH, FEATURES = 0, 1
"""Places in the plan's `files`; the features' is there unless they are torchvision's."""


@dataclass(frozen=True, kw_only=True)
class ProjectionBrief:
    """One photograph to project."""

    model: str
    """As its user calls it."""
    resolution: int
    """Pixels of a picture's side."""
    photograph: str
    """As its user calls it."""
    face: Box | None = None
    label: int | None = None
    """Class, of conditional models."""
    features: str
    """As their user calls them, or torchvision's."""
    recipe: ProjectionRecipe
    noisy: bool = True
    """Whether the generator adds noise."""
    frames: int = 1
    """Of the film of the projection; the last is its result."""
    product: str
    """What the file of latents is called."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ProjectionBrief:
        """The brief that `to_json` gave."""
        face = None if values["face"] is None else tuple(values["face"])
        return cls(**{**values, "face": face, "recipe": ProjectionRecipe(**values["recipe"])})

    def said(self) -> str:
        """How it is projected, in a few words: `500 steps, w+ from step 251, seed 0, noise found`."""
        recipe = self.recipe
        parts = [f"{recipe.steps:,} {'step' if recipe.steps == 1 else 'steps'}", self._space(), f"seed {recipe.seed}"]
        parts += ["noise found"] if recipe.noise else []
        return ", ".join(parts if self.label is None else [*parts, f"class {self.label}"])

    def _space(self) -> str:
        first = next((step for step in range(self.recipe.steps) if self.recipe.is_plus(step)), None)
        return "w" if first is None else "w+" if first == 0 else f"w+ from step {first + 1:,}"

    def facts(self) -> dict[str, str]:
        """What the picture is made of, by name, for its metadata."""
        recipe = self.recipe
        told: dict[str, object] = {"model": self.model, "photograph": self.photograph}
        told |= {"face": None if self.face is None else ",".join(map(str, self.face)), "class": self.label}
        told |= {"steps": recipe.steps, "plus": f"{recipe.plus:g}", "seed": recipe.seed}
        told["noise"] = None if not self.noisy else "found" if recipe.noise else "const"
        return {name: str(value) for name, value in told.items() if value is not None}
