"""The command line of training an autoencoder where there is PyTorch and nothing else: arguments in, lines out.

`atelier train vae` is the same as a job.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from pipeline import device
from pipeline.errors import AtelierError, ConfigError, MediaError, ModelError
from pipeline.models.features import SHIPPED, load
from pipeline.models.vae.config import SIZES
from pipeline.training.loop import Progress
from pipeline.training.material import chosen, skipped_in_words
from pipeline.training.schedule import Schedule
from pipeline.training.state import keep_state, kept_state
from pipeline.training.style import replace
from pipeline.training.style_cli import add_fields, asked
from pipeline.training.vae import labels as labelled
from pipeline.training.vae import sources
from pipeline.training.vae.brief import ROOMS, VaeBrief, VaeRecipe, most_pictures
from pipeline.training.vae.training import VaeTraining


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the autoencoder that the arguments describe. 0 if it was written, 2 if something in them was wrong."""
    given = vars(_parser().parse_args(arguments))
    if threads := given["threads"]:
        torch.set_num_threads(threads)
    try:
        _train(given)
    except AtelierError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _train(given: dict[str, Any]) -> None:
    began, out = time.monotonic(), given["out"]
    training = _training(given)
    _resume(training, given["resume"] or out)
    if given["draw_processes"]:
        for count in training.material.pictures.make_all(given["draw_processes"]):
            if count % 1024 < 32:
                _say(f"{count:,} pictures made")
    steps, schedule = training.steps, training.brief.schedule
    _say(f"{steps.iteration}/{schedule.iterations} iterations done, on {steps.device} in {steps.precision}")
    for progress in steps.steps():
        over = given["minutes"] is not None and time.monotonic() - began > 60 * given["minutes"]
        if schedule.is_shown(progress.iteration) or over:
            _show(training, out, every=given["keep_sheets"])
        if schedule.is_saved(progress.iteration) or over:
            _save(training, out)
        if progress.iteration % given["print_every"] == 0:
            _say(_line(progress, steps.begun_at, training.brief.recipe.batch))
        if over:
            _say(f"stopped after {given['minutes']:g} minutes; the same command goes on")
            return


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
        _say(skipped_in_words(source.skipped))
    features = load(SHIPPED) if recipe.distance_pictures or recipe.loss.perceptual else None
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


def _resume(training: VaeTraining, folder: Path) -> None:
    state = kept_state(folder)
    if state is None:
        return
    try:
        training.steps.resume(state)
    except ModelError as error:
        raise ModelError(f"{folder}/state.json: {error}; remove it, or give another --out or --resume") from error


def _show(training: VaeTraining, out: Path, *, every: bool) -> None:
    number = f"-{training.steps.images // 1000:06d}" if every else ""
    path = out / f"{training.brief.name}{number}.png"
    out.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.png")
    Image.fromarray(training.preview()).save(unfinished)
    unfinished.replace(path)
    replace(out / f"{training.brief.name}-report.png", training.report())
    _say("  ".join(f"{name} {value:.4g}" for name, value in training.steps.record.rows[-1].items()))


def _save(training: VaeTraining, out: Path) -> None:
    weights = out / f"{training.brief.name}.safetensors"
    replace(weights, training.weights())
    replace(weights.with_suffix(".md"), training.card().encode())
    keep_state(out, training.steps.state())


def _line(progress: Progress, begun_at: int, batch: int) -> str:
    losses = "  ".join(f"{name} {value:.3g}" for name, value in progress.losses.items())
    speed = (progress.iteration - begun_at) * batch / max(progress.seconds, 1e-3)
    return f"{progress.iteration * batch / 1000:.1f} kimg  {losses}  {speed:.1f} images/s  {progress.seconds:.0f} s"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.training.vae",
        description="Train a variational autoencoder on a folder of pictures, or on rooms that are drawn.",
    )
    parser.add_argument("--data", required=True, help=f"a folder of pictures, or '{ROOMS}', which are drawn")
    parser.add_argument("--out", type=Path, required=True, help="where NAME.safetensors, its card and the state go")
    parser.add_argument("--name", default=ROOMS, help="what the autoencoder will be called; default: %(default)s")
    parser.add_argument("--kimg", type=float, default=100.0, help="thousands of images to see; default: %(default)s")
    parser.add_argument("--minutes", type=float, help="save and stop after so many, if that is sooner")
    parser.add_argument("--resume", type=Path, help="folder of the state to go on from; default: --out, if it has one")
    parser.add_argument("--labels", type=Path, help="CSV file of what is known of the folder's pictures")
    parser.add_argument("--count", type=int, default=VaeBrief.count, help="rooms to draw; default: %(default)s")
    parser.add_argument("--cache", type=Path, help="folder to keep drawn rooms in")
    parser.add_argument(
        "--draw-processes", type=int, default=0, help="draw all before training, in so many; default: as needed"
    )
    parser.add_argument("--save-every", type=float, default=5.0, help="kimg between states; default: %(default)s")
    parser.add_argument("--preview-every", type=float, default=10.0, help="kimg between sheets; default: %(default)s")
    parser.add_argument("--keep-sheets", action="store_true", help="keep every sheet, not only the newest")
    parser.add_argument("--print-every", type=int, default=50, help="iterations between lines; default: %(default)s")
    parser.add_argument("--mixed-precision", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--learning-rate", type=float, default=5e-4, help="default: %(default)s")
    parser.add_argument("--average", type=float, default=0.999, help="decay of the average; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--credit", default="", help="whose pictures, and their terms")
    parser.add_argument("--licence", default="not stated", help="of the weights")
    parser.add_argument("--device", help="cpu, cuda or cuda:N; default: the first GPU, else the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads to use; default: all")
    parser.add_argument("--size", dest="size_px", type=int, default=VaeRecipe.size_px, help="default: %(default)s")
    add_fields(parser, VaeRecipe, "", but=["size_px"])
    return parser
