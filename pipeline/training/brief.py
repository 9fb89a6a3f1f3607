"""What a style's training is asked for, in one piece: as a command's arguments or a plan's `inputs`. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from pipeline.training.card import Credit
from pipeline.training.recipe import Recipe
from pipeline.training.schedule import Schedule

ATELIER = "atelier"
TORCHVISION = "torchvision"
"""The features to compare pictures with: Atelier's own, or VGG19 of torchvision's download. Others are files."""

NONE = "none"
"""Begin from no other style, but from random weights."""

WARM_START = "starry-night"
"""The shipped style that trainings begin from unless they say otherwise: it saves more than half of the iterations."""


@dataclass(frozen=True, kw_only=True)
class StyleBrief:
    """One style to train."""

    name: str
    """What the style will be called."""
    painting: str
    """The painting's file, as its user calls it."""
    photos: str
    """Folder or `s3://` prefix of the photographs."""
    photos_mark: str = ""
    """What `material.mark` said of them when the training was planned."""
    features: str = ATELIER
    """`atelier`, `torchvision`, or the name of a weights file."""
    warm_start: str = NONE
    """Name of the style that the training begins from."""
    recipe: Recipe = field(default_factory=Recipe)
    schedule: Schedule = field(default_factory=Schedule)
    credit: Credit = field(default_factory=Credit)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> StyleBrief:
        """The brief that `to_json` gave."""
        parts = {
            "recipe": Recipe(**{name: _frozen(value) for name, value in values["recipe"].items()}),
            "schedule": Schedule(**values["schedule"]),
            "credit": Credit(**values["credit"]),
        }
        return cls(**{part.name: values[part.name] for part in fields(cls)} | parts)


def _frozen(value: Any) -> Any:
    """JSON knows no tuples."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
