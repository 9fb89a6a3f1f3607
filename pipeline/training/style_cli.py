"""The command line of training a style where there is PyTorch and nothing else: arguments in, progress lines out.

`atelier train style` is the same as a job.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from pipeline import device
from pipeline.catalog import MODELS
from pipeline.errors import AtelierError
from pipeline.models import style as family
from pipeline.models.features import Features, open_features
from pipeline.models.vgg import load_vgg
from pipeline.training.brief import ATELIER, NONE, TORCHVISION, WARM_START, StyleBrief
from pipeline.training.card import Credit
from pipeline.training.loop import Progress
from pipeline.training.material import check_photos, open_picture
from pipeline.training.photos import Photos
from pipeline.training.recipe import Recipe
from pipeline.training.schedule import Schedule
from pipeline.training.style import StyleTraining, network_like, train_style


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the style that the arguments describe. 0 if it was written, 2 if something in them was wrong."""
    given = vars(_parser().parse_args(arguments))
    if threads := given["threads"]:
        torch.set_num_threads(threads)
    try:
        train_style(_training(given), given["out"], report=_print_every(50))
    except AtelierError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _training(given: dict[str, Any]) -> StyleTraining:
    photos = Photos(given["photos"])
    check_photos(photos.paths, str(given["photos"]))
    brief = StyleBrief(
        name=given["name"],
        painting=given["painting"].name,
        photos=str(given["photos"]),
        features=given["features"],
        warm_start=Path(given["warm_start"]).stem,
        recipe=Recipe(**asked(Recipe, given)),
        schedule=Schedule(**asked(Schedule, given)),
        credit=Credit(**{field.name: given[f"credit_{field.name}"] for field in fields(Credit)}),
    )
    return StyleTraining(
        brief,
        painting=open_picture(given["painting"]),
        photos=photos,
        features=_features(given["features"]),
        network=_begun(given["warm_start"]),
        device=device.pick(given["device"]),
    )


def _features(said: str) -> Features:
    if said == TORCHVISION:
        return load_vgg()
    features = open_features(None if said == ATELIER else Path(said))
    # The card is read elsewhere, where the folder means nothing.
    features.origin = features.origin.replace(said, Path(said).name)
    return features


def _begun(said: str) -> family.StyleNetwork | None:
    if said == NONE:
        return None
    return network_like(family.load(MODELS[said].path if said in MODELS else Path(said)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.training.style", description="Train a painting's style from a folder of photographs."
    )
    parser.add_argument("--name", required=True, help="what the style will be called")
    parser.add_argument("--painting", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photographs; a few hundred are enough")
    parser.add_argument("--out", type=Path, required=True, help="where NAME.safetensors and NAME.md go")
    parser.add_argument(
        "--features",
        "--vgg",
        default=ATELIER,
        help="what pictures are compared by: VGG19's convolutions as .npz, .pth or .safetensors, 'torchvision' to "
        "download them, or 'atelier' for our own small network; default: %(default)s",
    )
    parser.add_argument(
        "--warm-start",
        default=WARM_START,
        help="shipped style, or weights of another, to begin from; 'none' for random weights; default: %(default)s",
    )
    parser.add_argument("--device", help="cpu, cuda or cuda:N; default: the first GPU, else the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads to use; default: all")
    for kind, prefix in ((Recipe, ""), (Schedule, ""), (Credit, "credit-")):
        add_fields(parser, kind, prefix)
    return parser


def add_fields(parser: argparse.ArgumentParser, kind: Any, prefix: str, *, but: Sequence[str] = ()) -> None:
    """One option for each number or text of a dataclass, with its own default; `but` those that have one already."""
    for field in fields(kind):
        if field.name in but:
            continue
        option = f"--{prefix}{field.name.replace('_', '-')}"
        if isinstance(field.default, bool):
            parser.add_argument(option, action=argparse.BooleanOptionalAction, default=field.default)
        elif not isinstance(field.default, tuple):
            parser.add_argument(option, type=type(field.default), default=field.default, help="default: %(default)s")


def asked(kind: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What was given of a dataclass' fields."""
    return {field.name: given[field.name] for field in fields(kind) if field.name in given}


def _print_every(iterations: int) -> Any:
    def report(progress: Progress) -> None:
        if progress.iteration % iterations == 0 or progress.iteration == progress.iterations:
            losses = "  ".join(f"{name} {loss:.4f}" for name, loss in progress.losses.items())
            sys.stdout.write(f"{progress.iteration}/{progress.iterations}  {losses}  {progress.seconds:.0f} s\n")
            sys.stdout.flush()

    return report
