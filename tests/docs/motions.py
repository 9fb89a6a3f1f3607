"""The generator of motions that pages and examples speak of, where this copy of Atelier has none that ships."""

from __future__ import annotations

from pathlib import Path

from jobs import registry
from pipeline.catalog import MODELS
from tests.motion.movers import write_mover

_CLASSES = ("bend", "jump", "punch", "run", "sword", "walk")


def register_cmu(folder: Path) -> None:
    """Make a small one known as `cmu`."""
    if "cmu" not in MODELS:
        registry.register("cmu", write_mover(folder / "mover.safetensors", _CLASSES).read_bytes(), role="mover")
