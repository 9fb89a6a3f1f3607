"""The command line of training a GAN where there is PyTorch and nothing else.

`atelier train gan` is the same as a job.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline import device
from pipeline.errors import ConfigError, MediaError
from pipeline.models.features import SHIPPED, load
from pipeline.training import alone
from pipeline.training.gan.brief import FEWEST, PORTRAITS, SIZES, GanBrief, GanRecipe, most_pictures
from pipeline.training.gan.training import GanTraining
from pipeline.training.material import check_photos, chosen
from pipeline.training.pictures import Drawn, Opened, Pictures, drawing_mark
from pipeline.training.schedule import Course
from pipeline.training.style_cli import add_fields, asked


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the generator that the arguments describe. 0 if it was written, 2 if something in them was wrong."""
    return alone.run(_parser(), arguments, _train)


def _train(given: dict[str, Any]) -> None:
    training = _training(given)
    alone.drive(training, given, pictures=training.pictures, told="curves")


def _training(given: dict[str, Any]) -> GanTraining:
    recipe = GanRecipe(**asked(GanRecipe, given))
    if recipe.size_px not in SIZES:
        raise ConfigError(f"--size: {recipe.size_px} px; give a power of two, {', '.join(map(str, SIZES))}")
    schedule = Course(
        iterations=recipe.iterations(given["kimg"]),
        save_every=recipe.iterations(given["save_every"]),
        preview_every=recipe.iterations(given["preview_every"]),
        mixed_precision=given["mixed_precision"],
        seed=given["seed"],
    )
    brief = GanBrief(
        name=given["name"],
        images=given["data"],
        count=given["count"],
        recipe=recipe,
        schedule=schedule,
        credit=given["credit"],
        licence=given["licence"],
    )
    features = load(SHIPPED) if recipe.distance_pictures else None
    place = device.pick(given["device"])
    return GanTraining(brief, pictures=_pictures(brief, given["cache"]), features=features, device=place)


def _pictures(brief: GanBrief, cache: Path | None) -> Pictures:
    size = brief.recipe.size_px
    if brief.images == PORTRAITS:
        file = cache and cache / f"portraits-{size}-{brief.count}-{drawing_mark()}.npy"
        return Pictures(Drawn(size), brief.count, size, file=file)
    folder = Path(brief.images)
    if not folder.is_dir():
        raise MediaError(f"{folder}: is no folder; give the folder that the pictures are in, or {PORTRAITS}")
    paths = [folder / name for name in chosen((path.name for path in folder.iterdir()), most=most_pictures(size))]
    check_photos(paths, str(folder), fewest=FEWEST, least_px=size)
    return Pictures(Opened(paths, size), len(paths), size)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.training.gan",
        description="Train a StyleGAN2 on a folder of pictures, or on drawn ones.",
    )
    alone.add_options(parser, drawn=PORTRAITS, kimg=200.0, save_every=2.0, preview_every=5.0)
    parser.add_argument("--count", type=int, default=10_000, help="pictures to draw; default: %(default)s")
    parser.add_argument("--size", dest="size_px", type=int, default=GanRecipe.size_px, help="default: %(default)s")
    add_fields(parser, GanRecipe, "", but=["size_px"])
    return parser
