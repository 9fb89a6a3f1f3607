"""Trains the shipped styles anew: `python bench/train_styles.py DATA OUT [STYLE …]`.

DATA holds `paintings/`, `photos/` and `vgg19/vgg19_conv1_1_to_conv3_4.npz`. The first style begins from random
weights, the others from the first one's. One core of a 2025 server CPU takes about half an hour for each.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.training import style_cli

PHOTOS = "BSDS500, University of California, Berkeley; non-commercial research and education; content images only"


@dataclass(frozen=True)
class Painting:
    """A painting, and what its style is called."""

    name: str
    file: str
    credit: str
    iterations: int
    style: float
    shading: float
    warm_start: str | None = None


PAINTINGS = (
    Painting(
        "starry-night",
        "van_gogh_starry_night.jpg",
        "Vincent van Gogh, The Starry Night, 1889",
        4000,
        style=25,
        shading=20,
    ),
    Painting(
        "great-wave",
        "hokusai_great_wave.jpg",
        "Katsushika Hokusai, The Great Wave off Kanagawa, 1831",
        2000,
        style=12,
        shading=40,
        warm_start="starry-night",
    ),
    Painting(
        "the-scream",
        "munch_the_scream.jpg",
        "Edvard Munch, The Scream, 1893",
        2000,
        style=16,
        shading=30,
        warm_start="starry-night",
    ),
    Painting(
        "wheat-field",
        "van_gogh_wheat_field.jpg",
        "Vincent van Gogh, Wheat Field with Cypresses, 1889",
        1500,
        style=18,
        shading=30,
        warm_start="starry-night",
    ),
    Painting(
        "night-cafe",
        "van_gogh_cafe_terrace.jpg",
        "Vincent van Gogh, The Night Café, 1888",
        1000,
        style=18,
        shading=30,
        warm_start="starry-night",
    ),
    Painting(
        "shipwreck",
        "turner_shipwreck.jpg",
        "J. M. W. Turner, The Wreck of a Transport Ship, about 1810",
        1000,
        style=16,
        shading=30,
        warm_start="starry-night",
    ),
)


def arguments(painting: Painting, data: Path, out: Path) -> list[str]:
    """The training command's arguments for one painting."""
    given = [
        *("--name", painting.name, "--painting", str(data / "paintings" / painting.file)),
        *("--photos", str(data / "photos"), "--features", str(data / "vgg19/vgg19_conv1_1_to_conv3_4.npz")),
        *("--out", str(out), "--iterations", str(painting.iterations)),
        *("--style", str(painting.style), "--shading", str(painting.shading)),
        *("--credit-painting", painting.credit, "--credit-photos", PHOTOS),
        *("--credit-painting-licence", "public domain", "--credit-licence", "CC BY 4.0"),
    ]
    begun = "none" if painting.warm_start is None else str(out / f"{painting.warm_start}.safetensors")
    return [*given, "--warm-start", begun]


def main(data: Path, out: Path, names: list[str]) -> int:
    for painting in PAINTINGS:
        if (not names or painting.name in names) and (failed := style_cli.main(arguments(painting, data, out))):
            return failed
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
