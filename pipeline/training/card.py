"""The model card that lies beside a style's weights: what it learnt from, how, and who may use it. Torch-free."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipeline.training.material import base_name

if TYPE_CHECKING:
    from pipeline.training.brief import StyleBrief


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What the files themselves do not tell."""

    painting: str = ""
    """Painter, title, year."""
    painting_licence: str = ""
    """The painting's terms: `public domain`."""
    photos: str = ""
    """Where the photographs come from, and their terms."""
    licence: str = "not stated"
    """Of the weights."""


def model_card(brief: StyleBrief, *, photos: int, features: str, iterations: int) -> str:
    """The card as Markdown, after so many iterations on so many photographs. `features`: what those used are."""
    recipe, credit = brief.recipe, brief.credit
    weighed = {key: asdict(recipe)[key] for key in ("content", "style", "shading", "variation", "temporal")}
    sizes = "; ".join(", ".join(layers) for layers in recipe.style_layers)
    terms = f" ({credit.painting_licence})" if credit.painting_licence else ""
    began = f"random weights, seed {brief.schedule.seed}" if brief.warm_start == "none" else brief.warm_start
    return f"""# {brief.name}

A style for films and pictures, trained by Atelier. Network: `atelier-style-1` (pipeline/models/style.py).

| | |
|---|---|
| painting | {credit.painting or base_name(brief.painting)}{terms}, {recipe.painting_px} px |
| photographs | {credit.photos or base_name(brief.photos)}, {photos} pictures |
| features | {features} |
| losses | {", ".join(f"{key} {weight:g}" for key, weight in weighed.items())} |
| content layers | {", ".join(recipe.content_layers)} |
| style layers, from full size downwards | {sizes} |
| iterations | {iterations}, {recipe.batch} crops of {recipe.crop_px} px each |
| began from | {began} |
| weights | half precision; licence: {credit.licence} |

Textures are learnt at the size of the pixels, not of the frame: a larger frame gets more strokes, not larger ones.
The network sees one frame at a time; it was trained to change little under small motion and grain, not to know motion.
Where a picture is even, its strokes hang on a grain that is fixed to the frame, and so stay where they are.
"""
