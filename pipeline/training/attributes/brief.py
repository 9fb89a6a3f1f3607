"""What is asked for when attributes are learnt, as a plan's `inputs`, and what labels must be like. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import MediaError
from pipeline.interiors.attributes import MOST as MOST_ATTRIBUTES
from pipeline.training.material import skipped_in_words
from pipeline.training.vae.labels import FEWEST, Labels

MOST = 10_000
"""Labelled pictures."""

_EACH = 3
"""Labelled pictures that each attribute needs, besides those that any does."""

TOLD = 0.05
"""Of an attribute with a lower R², pictures do not tell."""


@dataclass(frozen=True, kw_only=True)
class AttributesBrief:
    """One file of attributes to learn."""

    name: str
    """What it will be called."""
    model: str
    """What people call the designer."""
    latent: int
    """Numbers in a latent of its."""
    images: str
    """The folder or `s3://` prefix of the pictures."""
    pictures: tuple[str, ...]
    """Names of those that are labelled, usable or not."""
    images_mark: str
    """What `material.mark` said of them when the job was planned."""
    labels: str
    """What the file of labels is called."""
    unlabelled: int = 0
    """Other pictures of the folder."""
    credit: str = ""
    """Whose pictures, and their terms."""
    licence: str = "not stated"
    """Of what is learnt."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self) | {"pictures": list(self.pictures)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> AttributesBrief:
        """The brief that `to_json` gave."""
        return cls(**{**values, "pictures": tuple(values["pictures"])})


def check_usable(count: int, images: str, skipped: Sequence[str]) -> None:
    """Raises: MediaError if so many labelled pictures are too few."""
    if count < FEWEST:
        why = f"; {skipped_in_words(skipped)}" if skipped else ""
        raise MediaError(f"{images}: holds {count} labelled pictures that are usable, and {FEWEST} are the least{why}")


def check_columns(told: Labels, names: Sequence[str]) -> None:
    """`names`: the pictures that are learnt from.

    Raises: MediaError if there are too many attributes for so many pictures, or one is the same for all of them.
    """
    most = min(MOST_ATTRIBUTES, len(names) // _EACH)
    if len(told.attributes) > most:
        has = f"has {len(told.attributes):,} attributes for {len(names):,} labelled pictures"
        raise MediaError(
            f"{told.where}: {has}; each takes {_EACH} pictures at least, so label more, or keep {most:,} columns"
        )
    told.check_vary(names)
