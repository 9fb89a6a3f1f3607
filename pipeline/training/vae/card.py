"""The model card that lies beside an autoencoder's weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pipeline.training.material import base_name
from pipeline.training.record import Row
from pipeline.training.vae.brief import ROOMS, VaeBrief


class Counted(Protocol):
    """Pictures, of which some are held out."""

    count: int
    held_out: tuple[int, ...]


def model_card(
    brief: VaeBrief, rows: list[Row], *, pictures: Counted, read: Mapping[str, float], skipped: int, images: int
) -> str:
    """The card as Markdown, after so many images. `read`: how much of each attribute latents tell, R²."""
    recipe, loss = brief.recipe, brief.recipe.loss
    drawn = brief.images == ROOMS
    source = "rooms that Atelier draws (pipeline/drawing/rooms)" if drawn else base_name(brief.images)
    last = rows[-1] if rows else {}
    extra = [f"features {loss.perceptual:g}"] if loss.perceptual else []
    extra += [f"texture {loss.texture:g}"] if loss.texture else []
    extra += [f"patch critic {loss.adversarial:g} after {loss.adversarial_from:g} thousand"] if loss.adversarial else []
    unusable = f"; {skipped:,} more could not be used" if skipped else ""
    held = f"{len(pictures.held_out):,} pictures"
    measured = [
        ("PSNR, held out", f"{last['psnr']:.2f} dB over {held}" if "psnr" in last else "not measured"),
        ("SSIM, held out", f"{last['ssim']:.3f}" if "ssim" in last else "not measured"),
        (
            "KL, held out",
            f"{last['held_out_kl']:.1f} nats; {last['active']:.0f} of {recipe.latent} numbers active"
            if "active" in last
            else "not measured",
        ),
        (
            "Fréchet distance",
            f"{last['distance']:.4g} by Atelier's own features" if "distance" in last else "not measured",
        ),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in measured)
    losses = f"mean squared error; KL {loss.kl_weight:g}, {loss.free_bits:g} nats free"
    directions = ", ".join(f"{name} {share:.2f}" for name, share in read.items()) or "none"
    return f"""# {brief.name}

A variational autoencoder of pictures, trained by Atelier. Network: `atelier-vae-1` (pipeline/models/vae), our own code.

| | |
|---|---|
| pictures | {brief.credit or source}; {pictures.count:,} of them, {recipe.size_px} px, {held} held out{unusable} |
| network | {recipe.channels} channels at its finest, at most {recipe.channels_most}; {recipe.latent} latent numbers |
| losses | {"; ".join([losses, *extra])} |
| images seen | {images:,}, {recipe.batch} an iteration; seed {brief.schedule.seed} |
{table}
| attributes, R² on held-out pictures | {directions} |
| weights | the moving average, half precision; licence: {brief.licence} |

It makes pictures like those that it was shown, and nothing else. Distances compare with others of Atelier's, not with
those of papers, which use Inception.
"""
