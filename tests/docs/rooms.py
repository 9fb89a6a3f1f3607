"""The designer that pages and examples speak of, where this copy of Atelier has none that ships."""

from __future__ import annotations

from pathlib import Path

from jobs import registry
from pipeline.catalog import MODELS, find_designer
from pipeline.designers import described
from tests.interiors.making import write_attributes, write_designer

_ATTRIBUTES = ("warmth", "window", "clutter", "plants")


def register_rooms(folder: Path) -> None:
    """Make a small one known as `rooms`."""
    if "rooms" not in MODELS:
        made = write_designer(folder / "designer.safetensors", attributes=_ATTRIBUTES)
        registry.register("rooms", made.read_bytes(), role="designer")


def write_rooms_attributes(path: Path, names: tuple[str, ...]) -> None:
    """A file of further attributes for what is known as `rooms`."""
    model = find_designer("rooms", registry.registered("designer")).path
    write_attributes(path, model, names, latent=described(model).latent)
