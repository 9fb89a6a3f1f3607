"""The model card that lies beside a style's weights: what it learnt from, how, and who may use it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.training.loop import Schedule
from pipeline.training.photos import Photos
from pipeline.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What the files themselves do not tell."""

    painting: str = ""
    """Painter, title, year."""
    painting_licence: str = "public domain"
    photos: str = ""
    """Where the photographs come from, and their terms."""
    vgg: str = "VGG19 up to conv3_4, Visual Geometry Group, University of Oxford, CC BY 4.0"
    licence: str = "CC BY 4.0"
    """Of the weights."""


def model_card(
    name: str,
    painting: Path,
    photos: Photos,
    recipe: Recipe,
    schedule: Schedule,
    credit: Credit,
    warm_start: Path | None = None,
) -> str:
    """The card as Markdown. `schedule.iterations` are those done."""
    weighed = {key: asdict(recipe)[key] for key in ("content", "style", "shading", "variation", "temporal")}
    sizes = "; ".join(", ".join(layers) for layers in recipe.style_layers)
    return f"""# {name}

A style for films and pictures, trained by Atelier. Network: `atelier-style-1` (pipeline/models/style.py).

| | |
|---|---|
| painting | {credit.painting or painting.name} ({credit.painting_licence}), {recipe.painting_px} px |
| photographs | {credit.photos or photos.paths[0].parent.name}, {len(photos.paths)} pictures |
| features | {credit.vgg} |
| losses | {", ".join(f"{key} {weight:g}" for key, weight in weighed.items())} |
| content layers | {", ".join(recipe.content_layers)} |
| style layers, from full size downwards | {sizes} |
| iterations | {schedule.iterations}, {recipe.batch} crops of {recipe.crop_px} px each |
| began from | {warm_start.stem if warm_start else f"random weights, seed {schedule.seed}"} |
| weights | half precision; licence: {credit.licence} |

Textures are learnt at the size of the pixels, not of the frame: a larger frame gets more strokes, not larger ones.
The network sees one frame at a time; it was trained to change little under small motion and grain, not to know motion.
Where a picture is even, its strokes hang on a grain that is fixed to the frame, and so stay where they are.
"""
