"""What an artwork job asks of its painter, as it stands in the plan's `inputs`. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.artwork.recipe import ArtworkRecipe


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A painting to paint after. `file` and `mask` are places in the plan's `files`."""

    file: int
    weight: float = 1.0
    mask: int | None = None


@dataclass(frozen=True, kw_only=True)
class ArtworkBrief:
    """One artwork to paint."""

    content: int
    """Place in the plan's `files`."""
    paintings: tuple[Wanted, ...]
    features: int | None
    """Place in the plan's `files`; None for torchvision's own download."""
    features_name: str
    recipe: ArtworkRecipe
    frames: int = 1
    """Of the film of its becoming; the last is the artwork."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ArtworkBrief:
        """The brief that `to_json` gave."""
        parts = {
            "paintings": tuple(Wanted(**painting) for painting in values["paintings"]),
            "recipe": ArtworkRecipe(**values["recipe"]),
        }
        return cls(**{**values, **parts})
