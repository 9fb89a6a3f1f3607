"""The model card that lies beside a generator's weights. Torch-free."""

from __future__ import annotations

from pipeline.training.gan.brief import PORTRAITS, GanBrief
from pipeline.training.material import base_name
from pipeline.training.record import Row


def model_card(brief: GanBrief, rows: list[Row], *, pictures: int, images: int) -> str:
    """The card as Markdown, after so many images, of rows of numbers like record.py's."""
    recipe = brief.recipe
    drawn = brief.images == PORTRAITS
    source = "portraits that Atelier draws (pipeline/drawing)" if drawn else base_name(brief.images)
    measured = [row for row in rows if "distance" in row]
    distance = (
        f"{measured[-1]['distance']:.4g} over {recipe.distance_pictures:,} pictures, by Atelier's own features"
        if measured
        else "not measured"
    )
    channels = f"{recipe.channels} channels at full size, at most {recipe.channels_most}"
    judged = recipe.discriminator_channels or recipe.channels, recipe.discriminator_most or recipe.channels_most
    if judged != (recipe.channels, recipe.channels_most):
        channels += f", the discriminator's {judged[0]} and {judged[1]}"
    paths = f", path lengths {recipe.path_weight:g}" if recipe.path_weight else ""
    noise = "" if recipe.noise else "; no noise"
    augmented = f"adaptive, {rows[-1]['augment']:.2g} in the end" if rows and "augment" in rows[-1] else "none"
    return f"""# {brief.name}

A generator of pictures, trained by Atelier. Network: StyleGAN2 (pipeline/models/stylegan), our own code.

| | |
|---|---|
| pictures | {brief.credit or source}; {pictures:,} of them, {recipe.size_px} px |
| network | {channels}; latents of {recipe.latent}{noise} |
| losses | logistic, non-saturating; R1 {recipe.penalty_weight:.3g}, every {recipe.r1_every} iterations{paths} |
| augmentation | {augmented} |
| images seen | {images:,}, {recipe.batch} an iteration; seed {brief.schedule.seed} |
| Fréchet distance | {distance} |
| weights | the moving average, half precision; licence: {brief.licence} |

It makes pictures like those that it was shown, and nothing else. Distances compare with others of Atelier's, not with
those of papers, which use Inception.
"""
