"""The command line of training an autoencoder where there is PyTorch and nothing else.

`atelier train vae` is the same as a job.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline import device
from pipeline.errors import ConfigError, MediaError
from pipeline.models.features import SHIPPED, load
from pipeline.models.vae.config import SIZES
from pipeline.training import alone
from pipeline.training.material import chosen, skipped_in_words
from pipeline.training.schedule import Schedule
from pipeline.training.style_cli import add_fields, asked
from pipeline.training.vae import labels as labelled
from pipeline.training.vae import sources
from pipeline.training.vae.brief import ROOMS, VaeBrief, VaeRecipe, most_pictures
from pipeline.training.vae.training import VaeTraining


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the autoencoder that the arguments describe. 0 if it was written, 2 if something in them was wrong."""
    return alone.run(_parser(), arguments, _train)


def _train(given: dict[str, Any]) -> None:
    training = _training(given)
    alone.drive(training, given, pictures=training.material.pictures, told="report")


def _training(given: dict[str, Any]) -> VaeTraining:
    recipe = VaeRecipe(**asked(VaeRecipe, given))
    if recipe.size_px not in SIZES:
        raise ConfigError(f"--size: {recipe.size_px} px; give {', '.join(map(str, SIZES))}")
    schedule = Schedule(
        iterations=recipe.iterations(given["kimg"]),
        save_every=recipe.iterations(given["save_every"]),
        preview_every=recipe.iterations(given["preview_every"]),
        mixed_precision=given["mixed_precision"],
        seed=given["seed"],
        learning_rate=given["learning_rate"],
        warmup=100,
        average=given["average"],
    )
    brief = VaeBrief(
        name=given["name"],
        images=given["data"],
        count=given["count"],
        recipe=recipe,
        schedule=schedule,
        credit=given["credit"],
        licence=given["licence"],
    )
    source = _source(brief, given["cache"], given["labels"])
    if source.skipped:
        alone.say(skipped_in_words(source.skipped))
    features = load(SHIPPED) if recipe.distance_pictures or recipe.sees else None
    return VaeTraining(brief, source=source, features=features, device=device.pick(given["device"]))


def _source(brief: VaeBrief, cache: Path | None, labels: Path | None) -> sources.Source:
    size = brief.recipe.opened_px
    if brief.images == ROOMS:
        file = cache and cache / f"rooms-{size}-{brief.count}-{sources.drawing_mark()}.npy"
        return sources.rooms(brief.count, brief.recipe, file=file)
    folder = Path(brief.images)
    if not folder.is_dir():
        raise MediaError(f"{folder}: is no folder; give the folder that the pictures are in, or {ROOMS}")
    told = labelled.read(labels.read_bytes(), str(labels)) if labels else None
    names = chosen((path.name for path in folder.iterdir()), most=most_pictures(size))
    return sources.folder([folder / name for name in names], str(folder), brief.recipe, labels=told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.training.vae",
        description="Train a variational autoencoder on a folder of pictures, or on rooms that are drawn.",
    )
    alone.add_options(parser, drawn=ROOMS, kimg=100.0, save_every=5.0, preview_every=10.0)
    parser.add_argument("--labels", type=Path, help="CSV file of what is known of the folder's pictures")
    parser.add_argument("--count", type=int, default=VaeBrief.count, help="rooms to draw; default: %(default)s")
    parser.add_argument("--learning-rate", type=float, default=5e-4, help="default: %(default)s")
    parser.add_argument("--average", type=float, default=0.999, help="decay of the average; default: %(default)s")
    parser.add_argument("--size", dest="size_px", type=int, default=VaeRecipe.size_px, help="default: %(default)s")
    add_fields(parser, VaeRecipe, "", but=["size_px"])
    return parser
